/** The codes that people type: those of an app (RFC 6238), and those for when it is lost. */
import { randomInt } from "node:crypto"
import * as Effect from "effect/Effect"
import { sha256 } from "../secrets.ts"

/** Seconds that a code of an app is shown. */
const period = 30

/** How many steps a phone's clock may be ahead or behind. */
const window = 1

// Loaded when somebody has a second factor.
const library = Effect.promise(() => import("otpauth"))

/** Base32 of 160 random bits (RFC 4226, section 4, R6). */
export const newSecret = Effect.map(library, ({ Secret }) => new Secret({ size: 20 }).base32)

/** What an app reads from the square code. */
export const uriOf = (options: { readonly secret: string; readonly issuer: string; readonly label: string }) =>
  Effect.map(library, ({ TOTP }) => new TOTP({ ...options, algorithm: "SHA1", digits: 6, period }).toString())

/** The square code, as markup. */
export const squareOf = (uri: string): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => import("uqr")),
    ({ renderSVG }) => renderSVG(uri, { border: 4 })
  )

/** Which step a code is of, or `undefined` for none that is good at `now`. */
export const stepOf = (secret: string, code: string, now: number): Effect.Effect<number | undefined> =>
  Effect.map(library, ({ Secret, TOTP }) => {
    const totp = new TOTP({ secret: Secret.fromBase32(secret), algorithm: "SHA1", digits: 6, period })
    const off = totp.validate({ token: code, timestamp: now, window })
    return off === null ? undefined : Math.floor(now / 1_000 / period) + off
  })

/** A code as it was typed, if it can be one of an app. */
export const appCode = (typed: string): string | undefined => {
  const digits = typed.replaceAll(/[\s-]/g, "")
  return /^\d{6}$/.test(digits) ? digits : undefined
}

/** Without letters that look like digits. */
const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

/** 80 random bits in four groups: enough for a hash without salt. */
const recoveryCode = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("")).join(
    "-"
  )

/** Ten of them. */
export const recoveryCodes = (): ReadonlyArray<string> => Array.from({ length: 10 }, recoveryCode)

/** What is kept of one, however it was typed. */
export const recoveryHash = (typed: string): Buffer => sha256(typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, ""))
