/**
 * Text that is safe and pleasant on a terminal.
 */
import * as CliOutput from "effect/cli/CliOutput"
import type { Io, Output } from "../Io.ts"

// C0, DEL, C1 and the bidi controls: what somebody else stored must not move
// the cursor, change colours or reorder what the reader sees.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }

/** Shows control characters as escapes (`\n`, `\x1b`, `\u202e`), so that text stays on its line. */
export const printable = (text: string): string =>
  text.replace(unsafe, (character) => {
    const known = escapes[character]
    if (known !== undefined) return known
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`
  })

/** Cells of a terminal that the text takes. */
export const width = CliOutput.displayWidth

/** Pads with spaces up to `cells`. */
export const pad = (text: string, cells: number): string => text + " ".repeat(Math.max(0, cells - width(text)))

/** Breaks at spaces so that no line is wider than `cells`; a longer word stays whole. */
export const wrap = (text: string, cells: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(/ +/)) {
    if (line !== "" && width(line) + 1 + width(word) > cells) {
      lines.push(line)
      line = word
    } else {
      line = line === "" ? word : `${line} ${word}`
    }
  }
  lines.push(line)
  return lines
}

/** Breaks at spaces, and inside words that are too long, so that no line is wider than `cells`. */
export const fold = (text: string, cells: number): ReadonlyArray<string> =>
  width(text) <= cells ? [text] : wrap(text, cells).flatMap((line) => cut(line, cells))

const cut = (word: string, cells: number): ReadonlyArray<string> => {
  const parts: Array<string> = []
  let part = ""
  for (const character of word) {
    if (part !== "" && width(part + character) > cells) {
      parts.push(part)
      part = character
    } else {
      part += character
    }
  }
  parts.push(part)
  return parts
}

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

const plain = (text: string) => text
const paint = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

const colourless: Style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain }
const coloured: Style = {
  bold: paint(1),
  dim: paint(2),
  red: paint(31),
  green: paint(32),
  yellow: paint(33),
  cyan: paint(36)
}

/** Whether `output` gets colours: a terminal, unless `NO_COLOR` or a dumb one (https://no-color.org). */
export const canColour = (io: Pick<Io, "env">, output: Output): boolean => {
  const noColour = io.env.NO_COLOR
  return output.terminal && (noColour === undefined || noColour === "") && io.env.TERM !== "dumb"
}

/** The style that fits `output`. */
export const styleFor = (io: Pick<Io, "env">, output: Output): Style => (canColour(io, output) ? coloured : colourless)
