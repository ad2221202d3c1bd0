import { hash, randomBytes, timingSafeEqual } from "node:crypto"

/** 256 random bits as 43 characters of base64url. */
export const randomSecret = (): string => randomBytes(32).toString("base64url")

/** 80 random bits as 20 hexadecimal digits: for names that are not secret. */
export const randomName = (): string => randomBytes(10).toString("hex")

/** SHA-256. Enough for secrets that are random by themselves; passwords need more. */
export const sha256 = (text: string): Buffer => hash("sha256", text, "buffer")

/** SHA-256 as a key of a Map. */
export const fingerprint = (text: string): string => hash("sha256", text, "base64")

/** Compares in a time that depends on the lengths only. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)
