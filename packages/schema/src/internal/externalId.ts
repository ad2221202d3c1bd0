import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { maxSlugBytes } from "./slugSyntax.ts"

const keeps = new Uint8Array(256)
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") keeps[char.charCodeAt(0)] = 1

/**
 * Injective: `~` is never kept, always stands before two hex digits, alone only for the empty string, and doubled
 * only before a hash (where injectivity is SHA-256's).
 */
export const encodeExternalId = (id: string): string => {
  if (id === "") return "~"
  if (id === ".") return "~2E"
  if (id === "..") return "~2E~2E"
  const bytes = utf8(id)
  let slug = ""
  for (const byte of bytes) {
    slug += keeps[byte] === 1 ? String.fromCharCode(byte) : `~${byte.toString(16).toUpperCase().padStart(2, "0")}`
    if (slug.length > maxSlugBytes) return `~~${bytesToHex(sha256(Uint8Array.from(bytes)))}`
  }
  return slug
}

/** UTF-8, and a lone surrogate as the three bytes it would take, so that no two strings share their bytes. */
const utf8 = (text: string): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), tail(code))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), tail(code >> 6), tail(code))
    else bytes.push(0xf0 | (code >> 18), tail(code >> 12), tail(code >> 6), tail(code))
  }
  return bytes
}

const tail = (code: number): number => 0x80 | (code & 0x3f)
