import type { Place } from "../callsite.ts"
import { format as formatPlace } from "../callsite.ts"

/** How text for a person is laid out. */
export interface RenderOptions {
  /** Whether to use ANSI colours. The caller decides, for example by `NO_COLOR` and whether it is a terminal. */
  readonly color?: boolean | undefined
  /** Columns. Default 80. */
  readonly width?: number | undefined
  /** Places inside this folder are shown relative to it. */
  readonly cwd?: string | undefined
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

/** A way to set text off. */
export type Style = keyof typeof codes

/** Lays text out: styles where colour is wanted, and lines that fit the width. */
export interface Page {
  readonly width: number
  readonly style: (style: Style, text: string) => string
  readonly place: (place: Place) => string
  /** Words on as many lines as they need; later lines are indented by `hang`, all by `indent`. */
  readonly wrap: (text: string, indent: number, hang?: number) => ReadonlyArray<string>
  /** `label` in a column of its own, `text` wrapped beside it. */
  readonly labelled: (label: string, column: number, text: string, indent: number) => ReadonlyArray<string>
}

export const makePage = (options: RenderOptions = {}): Page => {
  const width = options.width ?? 80
  const wrap: Page["wrap"] = (text, indent, hang = 0) => {
    const lines: Array<string> = []
    let line = ""
    for (const word of text.split(" ")) {
      const margin = indent + (lines.length === 0 ? 0 : hang)
      if (line !== "" && margin + visible(line) + 1 + visible(word) > width) {
        lines.push(" ".repeat(margin) + line)
        line = word
      } else line = line === "" ? word : `${line} ${word}`
    }
    return [...lines, " ".repeat(indent + (lines.length === 0 ? 0 : hang)) + line]
  }
  return {
    width,
    style: (style, text) => (options.color === true ? `\u001b[${codes[style]}m${text}\u001b[0m` : text),
    place: (place) => formatPlace(place, options.cwd),
    wrap,
    labelled: (label, column, text, indent) => {
      const [first = "", ...rest] = wrap(text, indent + column)
      return [" ".repeat(indent) + pad(label, column) + first.slice(indent + column), ...rest]
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an ANSI escape starts with one
const escapes = /\u001b\[\d+m/g

/** Columns that text takes, its styles left out. */
const visible = (text: string): number => text.replaceAll(escapes, "").length

/** Text filled up with spaces to at least `columns`, and one space if it is longer. */
export const pad = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(visible(text) >= columns ? 1 : 0, columns - visible(text)))

/** Columns that hold the longest of the texts and a gap, but no more than `most`. */
export const columnFor = (texts: ReadonlyArray<string>, most: number): number =>
  Math.min(most, Math.max(0, ...texts.map(visible)) + 2)
