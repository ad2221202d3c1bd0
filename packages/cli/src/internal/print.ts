/**
 * Data on stdout, words on stderr.
 */
import * as Effect from "effect/Effect"
import { CurrentIo, type Io } from "../Io.ts"
import { Json, Quiet } from "./flags.ts"

// Valid JSON either way, and no terminal acts on it.
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** JSON as text, two spaces deep, with what a terminal might act on escaped. */
export const jsonText = (value: unknown): string => escaped(`${JSON.stringify(value, null, 2)}\n`)

/** The same on one line. */
export const lineText = (value: unknown): string => escaped(`${JSON.stringify(value)}\n`)

const escaped = (json: string): string =>
  json.replace(unsafe, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Prints a value as JSON if `--json` was said, and as `text` otherwise. */
export const printed = Effect.fnUntraced(function* (value: unknown, text: (io: Io) => string) {
  const io = yield* CurrentIo
  const json = yield* Json
  io.out.write(json ? jsonText(value) : text(io))
})

/** Says something to a human, unless `--quiet`. */
export const say = Effect.fnUntraced(function* (words: string) {
  const io = yield* CurrentIo
  if (!(yield* Quiet)) io.err.write(`${words}\n`)
})
