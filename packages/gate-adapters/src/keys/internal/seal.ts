import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto"

/** Encrypts secrets for one name each, with AES-256-GCM (NIST SP 800-38D). */
export interface Seal {
  readonly close: (name: string, secret: string) => string
  /** `undefined` if it was closed with another key, for another name, or changed since. */
  readonly open: (name: string, sealed: string) => string | undefined
}

export const keyLength = 32
const nonceLength = 12
const tagLength = 16
const mark = "portico-sealed-1:"

/** With a key of {@link keyLength} bytes. */
export const makeSeal = (key: Uint8Array): Seal => ({
  close: (name, secret) => {
    // Random nonces are safe for 2^32 writes with one key (SP 800-38D, section 8.3).
    const nonce = randomBytes(nonceLength)
    const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength })
    // Else who can write files could give one secret the name of another.
    cipher.setAAD(Buffer.from(mark + name))
    const sealed = Buffer.concat([nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()])
    return mark + sealed.toString("base64")
  },
  open: (name, text) => {
    if (!text.startsWith(mark)) return undefined
    const sealed = Buffer.from(text.slice(mark.length), "base64")
    if (sealed.length < nonceLength + tagLength) return undefined
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceLength), { authTagLength: tagLength })
    decipher.setAAD(Buffer.from(mark + name))
    decipher.setAuthTag(sealed.subarray(-tagLength))
    try {
      const opened = decipher.update(sealed.subarray(nonceLength, -tagLength))
      return Buffer.concat([opened, decipher.final()]).toString("utf8")
    } catch {
      return undefined
    }
  }
})
