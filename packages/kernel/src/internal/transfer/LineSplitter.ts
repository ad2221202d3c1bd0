import { PorticoError } from "@portico/schema"
import { maxLineBytes } from "./limits.ts"
import type { RowPlace } from "./Row.ts"

/** A line that is not empty: its text, or why it has none. */
export type Line = RowPlace & ({ readonly text: string } | { readonly problem: PorticoError })

const lineFeed = 0x0a

const tooLong = PorticoError.make("LIMIT_EXCEEDED", `a line has at most ${maxLineBytes} bytes`, {
  limit: "line",
  max: maxLineBytes
})
const notUtf8 = PorticoError.make("INVALID_BODY", "this is not valid UTF-8")

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const byteOrderMark = "\u{feff}"

/** Cuts bytes into lines. Of a line that is too long nothing is kept but that it was there. */
export class LineSplitter {
  readonly #pieces: Array<Uint8Array> = []
  #kept = 0
  #isTooLong = false
  #line = 1

  push(bytes: Uint8Array): ReadonlyArray<Line> {
    const lines: Array<Line> = []
    let from = 0
    for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, from)) {
      this.#keep(bytes.subarray(from, at))
      this.#end(lines)
      from = at + 1
    }
    this.#keep(bytes.subarray(from))
    return lines
  }

  /** What stands behind the last line feed. */
  end(): ReadonlyArray<Line> {
    const lines: Array<Line> = []
    this.#end(lines)
    return lines
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0 || this.#isTooLong) return
    this.#kept += piece.length
    if (this.#kept > maxLineBytes) {
      this.#isTooLong = true
      this.#pieces.length = 0
    } else this.#pieces.push(piece)
  }

  #end(lines: Array<Line>): void {
    const place = { line: this.#line, bytes: this.#kept }
    if (this.#isTooLong) lines.push({ ...place, problem: tooLong })
    else if (this.#kept > 0) this.#decode(lines, place)
    this.#pieces.length = 0
    this.#kept = 0
    this.#isTooLong = false
    this.#line++
  }

  #decode(lines: Array<Line>, place: RowPlace): void {
    const [first = new Uint8Array(0), ...more] = this.#pieces
    try {
      const decoded = utf8.decode(more.length === 0 ? first : Buffer.concat(this.#pieces))
      const text = place.line === 1 && decoded.startsWith(byteOrderMark) ? decoded.slice(1) : decoded
      if (text.trim() !== "") lines.push({ ...place, text })
    } catch {
      lines.push({ ...place, problem: notUtf8 })
    }
  }
}
