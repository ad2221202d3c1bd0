import { argon2, randomBytes } from "node:crypto"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { guessable } from "./guessable.ts"
import { sameBytes } from "./secrets.ts"

/** What a hash costs. */
export interface Argon2Cost {
  /** KiB. */
  readonly memory: number
  readonly passes: number
}

/** OWASP's first recommendation for argon2id (Password Storage Cheat Sheet): 19 MiB, 2 passes, 1 lane. */
export const defaultCost: Argon2Cost = { memory: 19_456, passes: 2 }

/** Shortest and longest password, in UTF-16 units. Without an upper bound a password is a way to waste our time. */
export const passwordLength = { min: 12, max: 1_024 } as const

const refused = (message: string, code: string, why: string) =>
  PorticoError.make("INVALID_PARAMS", message, { issues: [{ path: ["password"], code, message: why }] })

/** Refuses passwords that are too short or too long, and those that are tried first. `names` are its person's. */
export const checkPassword = (
  password: string,
  names: ReadonlyArray<string> = []
): Effect.Effect<void, PorticoError> => {
  if (password.length < passwordLength.min || password.length > passwordLength.max) {
    const message = `A password has ${passwordLength.min} to ${passwordLength.max} characters.`
    return Effect.fail(refused(message, "length", "too short or too long"))
  }
  const why = guessable(password, names)
  return why === undefined ? Effect.void : Effect.fail(refused(`This password ${why}.`, "guessable", why))
}

const derive = (password: string, nonce: Uint8Array, cost: Argon2Cost): Effect.Effect<Buffer> =>
  Effect.callback((resume) => {
    const parameters = { message: password.normalize("NFC"), nonce, parallelism: 1, tagLength: 32, ...cost }
    argon2("argon2id", parameters, (error, tag) => resume(error === null ? Effect.succeed(tag) : Effect.die(error)))
  })

const format = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replaceAll("=", "")

/** Hashes and checks passwords, off the event loop, no more than two at a time so that memory stays bounded. */
export interface Passwords {
  /** A string in the PHC format, cost and salt included. */
  readonly hash: (password: string) => Effect.Effect<string>
  /** Whether `password` made `stored`. Without `stored` it takes as long and says no. */
  readonly verify: (password: string, stored: string | undefined) => Effect.Effect<boolean>
}

export const makePasswords = (cost: Argon2Cost = defaultCost): Effect.Effect<Passwords> =>
  Effect.map(Semaphore.make(2), (turns) => ({
    hash: (password) =>
      turns.withPermit(
        Effect.suspend(() => {
          const nonce = randomBytes(16)
          return Effect.map(
            derive(password, nonce, cost),
            (tag) => `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=1$${unpadded(nonce)}$${unpadded(tag)}`
          )
        })
      ),
    verify: (password, stored) =>
      turns.withPermit(
        Effect.suspend(() => {
          const [, memory, passes, nonce = "", tag = ""] = format.exec(stored ?? "") ?? []
          if (memory === undefined || passes === undefined) {
            return Effect.as(derive(password, randomBytes(16), cost), false)
          }
          const known = { memory: Number(memory), passes: Number(passes) }
          return Effect.map(derive(password, Buffer.from(nonce, "base64"), known), (found) =>
            sameBytes(found, Buffer.from(tag, "base64"))
          )
        })
      )
  }))
