import { isSecretName, KeyStoreError, type KeyStoreService } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"

/** A keyring of the operating system, as far as it is used: the secrets of one service by name. */
export interface Keyring {
  /** `null` if there is none. */
  readonly get: (name: string, signal: AbortSignal) => Promise<string | null>
  readonly set: (name: string, secret: string, signal: AbortSignal) => Promise<void>
  /** Whether there was one. */
  readonly delete: (name: string, signal: AbortSignal) => Promise<boolean>
  readonly names: (signal: AbortSignal) => Promise<ReadonlyArray<string>>
}

const invalidName = Effect.fail(
  new KeyStoreError({
    reason: "InvalidName",
    message:
      "A secret's name has lower case letters, digits, dots, dashes and underscores, begins with a letter or digit, and is at most 100 characters long."
  })
)

// The keyring's own words, which name its service at most.
const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : "it gave no reason")

/** The contract on a keyring. One thing at a time: keyrings ask their owner, who answers one question. */
export const onKeyring = Effect.fnUntraced(function* (keyring: Keyring) {
  const turns = yield* Semaphore.make(1)
  const ask = <A>(doing: string, question: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, KeyStoreError> =>
    turns.withPermit(
      Effect.tryPromise({
        try: question,
        catch: (cause) =>
          new KeyStoreError({
            reason: "Unavailable",
            message: `${doing} failed; the keyring says: ${wordsOf(cause)}`,
            cause
          })
      })
    )
  const named = <A>(doing: string, name: string, question: (signal: AbortSignal) => Promise<A>) =>
    isSecretName(name) ? ask(`${doing} the secret "${name}"`, question) : invalidName

  const service: KeyStoreService = {
    get: (name) =>
      Effect.map(
        named("Reading", name, (signal) => keyring.get(name, signal)),
        (found) => Option.map(Option.fromNullOr(found), Redacted.make)
      ),
    put: (name, secret) => named("Writing", name, (signal) => keyring.set(name, Redacted.value(secret), signal)),
    delete: (name) => named("Deleting", name, (signal) => keyring.delete(name, signal)),
    list: Effect.map(ask("Listing the secrets", keyring.names), (names) => names.filter(isSecretName).sort())
  }
  return service
})
