/**
 * What a token may do, as people write it.
 */
import { ALL, EDIT, READ, SHARE, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import { type CliFailure, usage } from "./failure.ts"

/** The `scope` of `I::mintDelegationCredential`. What is left out is not narrowed. */
export interface MintScope {
  readonly nodes?: ReadonlyArray<string>
  /** Mask. */
  readonly perms?: number
  readonly functions?: ReadonlyArray<string>
}

const bits = new Map([
  ["read", READ],
  ["edit", EDIT],
  ["use", USE],
  ["share", SHARE],
  ["full", ALL]
])

const area = /^(node|function):(.+)$/

// Behind `node:` a scope of OAuth has the bare id.
const addressOf = (text: string): string => (/^[/@]/.test(text) ? text : `@${text}`)

/** Reads words such as `read use node:/projects`, with spaces between them. Fails with a usage error. */
export const tokenScopeOf = (text: string): Effect.Effect<MintScope, CliFailure> => {
  const words = text.split(/\s+/).filter((word) => word !== "")
  const unknown = words.find((word) => !bits.has(word) && !area.test(word))
  if (words.length === 0 || unknown !== undefined) {
    const told = unknown === undefined ? "--scope is empty" : `--scope knows no ${JSON.stringify(unknown)}`
    return Effect.fail(usage(told, "Its words are read, edit, use, share, full, node:PATH and function:PATH"))
  }
  const perms = words.reduce((mask, word) => mask | (bits.get(word) ?? 0), 0)
  const within = (kind: string) =>
    words.flatMap((word) => {
      const [, found, address = ""] = area.exec(word) ?? []
      return found === kind ? [addressOf(address)] : []
    })
  const nodes = within("node")
  const functions = within("function")
  return Effect.succeed({
    ...(nodes.length === 0 ? {} : { nodes }),
    ...(perms === 0 ? {} : { perms }),
    ...(functions.length === 0 ? {} : { functions })
  })
}
