import { canonicalJson, type Json } from "@portico/schema"
import { cutText } from "./codePoints.ts"

/**
 * Values as texts whose order by code point is the order of the values, so that equality, ranges, prefixes and order
 * are each one range of one index, on any database. A value's text never begins another's, so a tuple is written by
 * putting the texts of its values one behind the other.
 *
 * A tag comes first, in the order of the types; a number is its IEEE 754 bits, turned so that they sort; a text is
 * followed by a terminator that is below everything.
 */
const tags = { null: "a", false: "b", true: "c", number: "d", text: "e", json: "f" } as const

/** Above every tag. */
const afterAll = "g"

/** Of a text this many characters are kept: what is longer is in order with what begins the same, and no further. */
export const keptCharacters = 128

const terminator = "\u0001\u0001"
/** Never part of an encoded value, and above whatever is. */
const highest = "\u{10ffff}"

/** U+0000 is nothing that PostgreSQL takes, U+0001 stands for it, and U+10FFFF is kept free. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const special = /[\u0000\u0001\u{10fffe}\u{10ffff}]/gu
const escapes: Readonly<Record<string, string>> = {
  "\u0000": "\u0001\u0002",
  "\u0001": "\u0001\u0003",
  "\u{10fffe}": "\u{10fffe}\u0001",
  "\u{10ffff}": "\u{10fffe}\u0002"
}
const escaped = (text: string): string => text.replace(special, (char) => escapes[char] ?? char)

const bits = new DataView(new ArrayBuffer(8))
const hex = (word: number): string => word.toString(16).padStart(8, "0")

const encodeNumber = (value: number): string => {
  // Adding 0 makes 0 of -0, which is equal to it.
  bits.setFloat64(0, value + 0)
  const [high, low] = [bits.getUint32(0), bits.getUint32(4)]
  // Of negative numbers the larger ones have the smaller bits.
  return high >= 0x80000000 ? hex(~high >>> 0) + hex(~low >>> 0) : hex((high | 0x80000000) >>> 0) + hex(low)
}

/** The text of one value; what is absent is null. */
export const encodeValue = (value: Json | undefined): string => {
  switch (typeof value) {
    case "boolean":
      return value ? tags.true : tags.false
    case "number":
      return tags.number + encodeNumber(value)
    case "string":
      return tags.text + escaped(cutText(value, keptCharacters)) + terminator
    case "object":
      return value === null
        ? tags.null
        : tags.json + escaped(cutText(canonicalJson(value), keptCharacters)) + terminator
    case "undefined":
      return tags.null
  }
}

/** Whether other values have the text of this one as well. */
export const isCut = (value: Json): boolean => {
  const text = typeof value === "string" ? value : typeof value === "object" ? canonicalJson(value) : ""
  return cutText(text, keptCharacters) !== text
}

/** Texts from `lower` to below `upper`. */
export interface Range {
  readonly lower: string
  readonly upper: string
}

/** Every text that begins with the values of a prefix. */
export const everything = (prefix: string): Range => ({ lower: prefix, upper: prefix + afterAll })

/** Everything that is equal to a value, and whatever shares its text. */
export const equalTo = (prefix: string, value: Json): Range => everything(prefix + encodeValue(value))

/** What is less or greater than a value and of its type. Wider than asked where the value was cut. */
export const comparedTo = (
  prefix: string,
  op: "lt" | "lte" | "gt" | "gte",
  value: string | number | boolean
): Range => {
  const [first, last] = typesOf(value)
  const text = prefix + encodeValue(value)
  const cut = isCut(value)
  switch (op) {
    case "lt":
      return { lower: prefix + first, upper: cut ? text + afterAll : text }
    case "lte":
      return { lower: prefix + first, upper: text + afterAll }
    case "gt":
      return { lower: cut ? text : text + afterAll, upper: prefix + last }
    case "gte":
      return { lower: text, upper: prefix + last }
  }
}

/** The first tag of a type, and the one behind it. */
const typesOf = (value: string | number | boolean): readonly [string, string] =>
  typeof value === "string"
    ? [tags.text, tags.json]
    : typeof value === "number"
      ? [tags.number, tags.text]
      : [tags.false, tags.number]

/** Texts that begin with one. Wider than asked where that was cut. */
export const beginningWith = (prefix: string, text: string): Range => {
  const lower = prefix + tags.text + escaped(cutText(text, keptCharacters))
  return { lower, upper: lower + highest }
}

/** What is not null, or what is. */
export const existing = (prefix: string, exists: boolean): Range =>
  exists
    ? { lower: prefix + tags.false, upper: prefix + afterAll }
    : { lower: prefix + tags.null, upper: prefix + tags.false }
