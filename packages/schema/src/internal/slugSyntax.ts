import { isOneScript } from "./scripts.ts"

/** Largest slug, in bytes of UTF-8. */
export const maxSlugBytes = 128

const dot = 46
const slash = 47
const allowedAscii = new Uint8Array(128)
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-~") {
  allowedAscii[char.charCodeAt(0)] = 1
}

/** True when every code unit is ASCII. */
export const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false
  return true
}

/** True for an ASCII slug: the check that nearly every slug passes, without a regular expression. */
export const isPlainSlug = (text: string): boolean => {
  const length = text.length
  if (length === 0 || length > maxSlugBytes) return false
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127 || allowedAscii[code] === 0) return false
  }
  return text.charCodeAt(0) !== dot || (text !== "." && text !== "..")
}

const utf8Bytes = (text: string): number => {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    // Each half of a surrogate pair counts two of its four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3
  }
  return bytes
}

/** What is wrong with a slug that is too long. */
export const slugTooLong = `a slug has at most ${maxSlugBytes} bytes`

/** Why `text` (in NFC) is not a slug, or undefined when it is one. */
export const slugProblem = (text: string): string | undefined => {
  if (isPlainSlug(text)) return undefined
  if (text === "") return "a slug may not be empty"
  if (text === "." || text === "..") return `"${text}" may not be a slug`
  if (text.length > maxSlugBytes || utf8Bytes(text) > maxSlugBytes) return slugTooLong
  if (!text.isWellFormed()) return "a slug is well-formed Unicode"
  if (isAscii(text) || !isOneScript(text)) {
    return "a slug has letters of one script, digits, '.', '_', '-' and '~', and nothing else"
  }
  return undefined
}

/**
 * Splits `/a/b` into its slugs when every character is one of an ASCII slug. One pass and no regular expression,
 * because every call goes through here. Undefined means "look closer", not "refused".
 */
export const splitPlainPath = (path: string, maxDepth: number): Array<string> | undefined => {
  const slugs: Array<string> = []
  const length = path.length
  let start = 1
  for (let i = 1; i <= length; i++) {
    const code = i === length ? slash : path.charCodeAt(i)
    if (code === slash) {
      const size = i - start
      if (size === 0 || size > maxSlugBytes || slugs.length === maxDepth) return undefined
      if (size <= 2 && path.charCodeAt(start) === dot && (size === 1 || path.charCodeAt(start + 1) === dot)) {
        return undefined
      }
      slugs.push(path.slice(start, i))
      start = i + 1
    } else if (code > 127 || allowedAscii[code] === 0) {
      return undefined
    }
  }
  return slugs
}
