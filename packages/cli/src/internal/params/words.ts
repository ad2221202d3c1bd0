/**
 * One `KEY=VALUE` word: its path, and its text or JSON.
 */

import type { Json } from "@portico/schema"
import * as Result from "effect/Result"
import type { ParamsProblem } from "../../Params.ts"

/** `text` waits for the contract to type it; `json` was written with `:=`. */
export type Written = { readonly _tag: "Text"; readonly text: string } | { readonly _tag: "Json"; readonly json: Json }

export interface Assignment {
  readonly path: ReadonlyArray<string>
  readonly value: Written
}

const segment = /"(?:[^"\\]|\\.)*"|[^".=]+/y

const problem = (message: string) => Result.fail<ParamsProblem>({ message })

/** Reads the dotted key; gives its segments and where the value begins. */
const readKey = (word: string): { readonly path: ReadonlyArray<string>; readonly end: number } | undefined => {
  const path: Array<string> = []
  let at = 0
  while (true) {
    segment.lastIndex = at
    const match = segment.exec(word)
    if (match === null) return undefined
    at = segment.lastIndex
    const text = match[0]
    const quoted = text.startsWith('"') ? parseJson(text) : text
    if (typeof quoted !== "string") return undefined
    path.push(quoted)
    if (word[at] !== ".") return { path, end: at }
    at += 1
  }
}

/** `JSON.parse` that answers undefined instead of throwing. */
export const parseJson = (text: string): Json | undefined => {
  try {
    // JSON.parse gives JSON
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Reads one word, e.g. `address.city=Bern` or `age:=41`. */
export const parseWord = (word: string): Result.Result<Assignment, ParamsProblem> => {
  const key = readKey(word)
  if (key === undefined || word[key.end] === undefined) {
    return problem(`${JSON.stringify(word)} is not KEY=VALUE`)
  }
  const text = word.slice(key.end + 1)
  const last = key.path.at(-1) ?? ""
  // The colon of `:=` was read as the end of a bare key; a quoted key puts it after the quote.
  const colon = word[key.end - 1] === ":" && last.endsWith(":")
  if (word[key.end] === ":" && word[key.end + 1] === "=") return literal(key.path, word.slice(key.end + 2), word)
  if (word[key.end] !== "=") return problem(`${JSON.stringify(word)} is not KEY=VALUE`)
  if (!colon) return Result.succeed({ path: key.path, value: { _tag: "Text", text } })
  if (last === ":") return problem(`${JSON.stringify(word)} has no key`)
  return literal([...key.path.slice(0, -1), last.slice(0, -1)], text, word)
}

const literal = (path: ReadonlyArray<string>, text: string, word: string) => {
  const json = parseJson(text)
  return json === undefined
    ? problem(
        `${JSON.stringify(word)}: what follows := must be JSON; text needs quotes, as in ${path.join(".")}:='"text"'`
      )
    : Result.succeed<Assignment>({ path, value: { _tag: "Json", json } })
}
