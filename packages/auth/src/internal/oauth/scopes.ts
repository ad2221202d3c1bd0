import type { Bound } from "@portico/kernel"
import { ALL, EDIT, READ, SHARE, USE } from "@portico/schema"
import * as Result from "effect/Result"
import type { TokenScope } from "../accessTokens.ts"

const bits: Readonly<Record<string, number>> = { read: READ, edit: EDIT, use: USE, share: SHARE }

/** What each word lets a client do, in words for whoever is asked. */
export const scopeMeanings: Readonly<Record<string, string>> = {
  openid: "know who you are",
  profile: "know your name",
  offline_access: "go on while you are away",
  full: "do everything that you may do, and look after the instance if you may",
  read: "read what you may read",
  edit: "change what you may change",
  use: "call what you may call",
  share: "share what you may share"
}

/** Words that a metadata document names. */
export const scopeWords: ReadonlyArray<string> = Object.keys(scopeMeanings)

/** What is granted to whoever does not say what they want. */
export const defaultScope: ReadonlyArray<string> = ["read", "edit", "use"]

const nodeWord = /^node:([0-9A-Za-z-]{1,64})$/

const longest = 64

/** The words of a `scope`, each once. The failure is the first one that means nothing. */
export const parseScope = (text: string): Result.Result<ReadonlyArray<string>, string> => {
  const words = [...new Set(text.split(" ").filter((word) => word !== ""))]
  const unknown = words.find((word) => !(Object.hasOwn(scopeMeanings, word) || nodeWord.test(word)))
  if (unknown !== undefined) return Result.fail(unknown.slice(0, 100))
  return words.length > longest ? Result.fail(`more than ${longest} words`) : Result.succeed(words)
}

/** What a word lets a client do, for whoever is asked. */
export const meaningOf = (word: string): string =>
  scopeMeanings[word] ?? `reach nothing beyond the node ${word.slice("node:".length)} and what is below it`

/** The area that words leave: `node:<id>` says where, `read`, `edit`, `use` and `share` what. */
export const boundsOf = (words: ReadonlyArray<string>): ReadonlyArray<Bound> => {
  const nodes = words.flatMap((word) => nodeWord.exec(word)?.[1] ?? [])
  const perms = words.includes("full") ? ALL : words.reduce((mask, word) => mask | (bits[word] ?? 0), 0)
  if (words.includes("full") && nodes.length === 0) return []
  return [{ nodes: nodes.length === 0 ? "all" : nodes, perms }]
}

/** A scope of its own. */
export const scopeOf = (words: ReadonlyArray<string>): TokenScope => ({ words, bounds: boundsOf(words) })

/**
 * `words` within `scope`: the bounds add up, so that whatever is asked for, less is left and never more. The words that
 * are told are those of both, since a word that the bounds take back would only mislead.
 */
export const within = (scope: TokenScope | undefined, words: ReadonlyArray<string>): TokenScope => {
  const own = boundsOf(words)
  if (scope === undefined) return { words, bounds: own }
  const all = scope.words.includes("full")
  const left = words.filter((word) => scope.words.includes(word) || nodeWord.test(word) || (all && word in bits))
  return { words: left, bounds: [...scope.bounds, ...own] }
}

/** Those of `words` that were allowed before: all of them, or the first one that was not. */
export const subset = (
  words: ReadonlyArray<string>,
  allowed: ReadonlyArray<string>
): Result.Result<ReadonlyArray<string>, string> => {
  const areas = allowed.filter((word) => nodeWord.test(word))
  // Leaving out where it was bounded to would widen it.
  const all = [...words, ...(words.some((word) => nodeWord.test(word)) ? [] : areas)]
  const beyond = all.find((word) => !allowed.includes(word))
  return beyond === undefined ? Result.succeed(all) : Result.fail(beyond)
}
