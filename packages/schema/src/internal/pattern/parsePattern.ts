import { type CharSet, complement, digits, everything, lineEnds, single, spaces, union, wordChars } from "./charSet.ts"

/** A regular expression as a tree. Captures are groups; assertions that look at no more than one character are empty. */
export type Pattern =
  | { readonly _tag: "Chars"; readonly set: CharSet }
  | { readonly _tag: "Empty" }
  | { readonly _tag: "Start" }
  | { readonly _tag: "Sequence"; readonly parts: ReadonlyArray<Pattern> }
  | { readonly _tag: "Choice"; readonly options: ReadonlyArray<Pattern> }
  | { readonly _tag: "Repeat"; readonly part: Pattern; readonly min: number; readonly max: number }

/** The pattern has something that cannot be shown to take linear time, or that this reader does not know. */
export class UnsupportedPattern extends Error {
  override readonly name = "UnsupportedPattern"
}

const unsupported = (what: string): never => {
  throw new UnsupportedPattern(what)
}

const empty: Pattern = { _tag: "Empty" }
const maxNesting = 32

/**
 * Reads a pattern in the syntax of the `u` flag. It has been compiled by the engine before, so this needs to tell
 * apart only what is valid.
 */
export const parsePattern = (source: string): Pattern => new Reader(source).read()

class Reader {
  private position = 0
  private nesting = 0
  private readonly source: string

  constructor(source: string) {
    this.source = source
  }

  read(): Pattern {
    const pattern = this.choice()
    if (this.position < this.source.length) unsupported("an unmatched )")
    return pattern
  }

  private peek(text: string): boolean {
    return this.source.startsWith(text, this.position)
  }

  private take(text: string): boolean {
    if (!this.peek(text)) return false
    this.position += text.length
    return true
  }

  private char(): string {
    const code = this.source.codePointAt(this.position) ?? unsupported("an unfinished pattern")
    const char = String.fromCodePoint(code)
    this.position += char.length
    return char
  }

  private choice(): Pattern {
    this.nesting++
    if (this.nesting > maxNesting) unsupported("groups nested too deep")
    const options = [this.sequence()]
    while (this.take("|")) options.push(this.sequence())
    this.nesting--
    return options.length === 1 && options[0] !== undefined ? options[0] : { _tag: "Choice", options }
  }

  private sequence(): Pattern {
    const parts: Array<Pattern> = []
    while (this.position < this.source.length && !this.peek("|") && !this.peek(")")) parts.push(this.quantified())
    return { _tag: "Sequence", parts }
  }

  private quantified(): Pattern {
    const part = this.atom()
    const bounds = this.quantifier()
    if (bounds === undefined) return part
    this.take("?")
    return { _tag: "Repeat", part, min: bounds[0], max: bounds[1] }
  }

  private quantifier(): readonly [number, number] | undefined {
    if (this.take("*")) return [0, Number.POSITIVE_INFINITY]
    if (this.take("+")) return [1, Number.POSITIVE_INFINITY]
    if (this.take("?")) return [0, 1]
    const counted = /^\{(\d{1,6})(?:(,)(\d{0,6}))?\}/.exec(this.source.slice(this.position, this.position + 20))
    if (counted === null) return this.peek("{") ? unsupported("a count this large") : undefined
    this.position += counted[0].length
    const min = Number(counted[1])
    if (counted[2] === undefined) return [min, min]
    return [min, counted[3] === "" || counted[3] === undefined ? Number.POSITIVE_INFINITY : Number(counted[3])]
  }

  private atom(): Pattern {
    if (this.take("(")) return this.group()
    if (this.take("[")) return chars(this.charClass())
    if (this.take(".")) return chars(complement(lineEnds))
    if (this.take("^")) return { _tag: "Start" }
    if (this.take("$")) return empty
    if (this.take("\\")) return this.escape()
    return chars(single(this.char().codePointAt(0) ?? 0))
  }

  private group(): Pattern {
    if (this.peek("?=") || this.peek("?!")) unsupported("a lookahead")
    if (this.peek("?<=") || this.peek("?<!")) unsupported("a lookbehind")
    if (this.take("?<")) this.position = this.source.indexOf(">", this.position) + 1
    else if (this.peek("?") && !this.take("?:")) unsupported("a group with flags")
    const inner = this.choice()
    if (!this.take(")")) unsupported("an unfinished group")
    return inner
  }

  private escape(): Pattern {
    if (this.take("b") || this.take("B")) return empty
    if (this.peek("k") || /^[1-9]/.test(this.source.slice(this.position, this.position + 1))) {
      unsupported("a backreference")
    }
    return chars(this.escaped())
  }

  private charClass(): CharSet {
    const negated = this.take("^")
    const sets: Array<CharSet> = []
    while (!this.take("]")) {
      const set = this.classAtom()
      const from = onlyCode(set)
      if (from !== undefined && this.peek("-") && !this.peek("-]")) {
        this.position++
        const to = onlyCode(this.classAtom())
        if (to === undefined) unsupported("a range without an end")
        else sets.push([[from, to]])
      } else sets.push(set)
    }
    if (sets.includes(everything)) return everything
    const merged = union(sets)
    return negated ? complement(merged) : merged
  }

  private classAtom(): CharSet {
    if (this.take("\\b")) return single(8)
    return this.take("\\") ? this.escaped() : single(this.char().codePointAt(0) ?? 0)
  }

  private escaped(): CharSet {
    const char = this.char()
    switch (char) {
      case "d":
        return digits
      case "D":
        return complement(digits)
      case "w":
        return wordChars
      case "W":
        return complement(wordChars)
      case "s":
        return spaces
      case "S":
        return complement(spaces)
      // What a property holds depends on the engine's Unicode version: taken to overlap with everything.
      case "p":
      case "P":
        this.position = this.source.indexOf("}", this.position) + 1
        return everything
      case "t":
        return single(9)
      case "n":
        return single(10)
      case "v":
        return single(11)
      case "f":
        return single(12)
      case "r":
        return single(13)
      case "0":
        return single(0)
      case "c":
        return single((this.char().codePointAt(0) ?? 0) % 32)
      case "x":
        return this.hex(2)
      case "u":
        return this.unicode()
      default:
        return single(char.codePointAt(0) ?? 0)
    }
  }

  private hex(length: number): CharSet {
    const code = Number.parseInt(this.source.slice(this.position, this.position + length), 16)
    this.position += length
    return single(code)
  }

  private unicode(): CharSet {
    if (this.take("{")) {
      const end = this.source.indexOf("}", this.position)
      const code = Number.parseInt(this.source.slice(this.position, end), 16)
      this.position = end + 1
      return single(code)
    }
    const high = onlyCode(this.hex(4)) ?? 0
    if (high < 0xd800 || high > 0xdbff || !this.peek("\\u")) return single(high)
    const low = Number.parseInt(this.source.slice(this.position + 2, this.position + 6), 16)
    if (!(low >= 0xdc00 && low <= 0xdfff)) return single(high)
    this.position += 6
    return single((high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000)
  }
}

const chars = (set: CharSet): Pattern => ({ _tag: "Chars", set })

const onlyCode = (set: CharSet): number | undefined =>
  set.length === 1 && set[0] !== undefined && set[0][0] === set[0][1] ? set[0][0] : undefined
