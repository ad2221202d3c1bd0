import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"

/**
 * Why the store refused.
 *
 * - `InvalidName`: names are lower case letters, digits, `.`, `_` and `-`, begin with a letter or digit, and have at most
 *   100 characters.
 * - `Unavailable`: the place where secrets are kept cannot be read or written. Retrying later may help.
 * - `Damaged`: what is kept under the name is not what was put there. It has to be put again.
 */
export type KeyStoreReason = "InvalidName" | "Unavailable" | "Damaged"

const answers = {
  InvalidName: { code: "INVALID_PARAMS", status: 400 },
  Unavailable: { code: "UNAVAILABLE", status: 503 },
  Damaged: { code: "INTERNAL", status: 500 }
} as const satisfies Record<KeyStoreReason, { readonly code: string; readonly status: number }>

/** A failure of the store. Its message names the secret and never holds any of it. */
export class KeyStoreError extends Data.TaggedError("KeyStoreError")<{
  readonly reason: KeyStoreReason
  readonly message: string
  readonly cause?: unknown
}> {
  get code(): "INVALID_PARAMS" | "UNAVAILABLE" | "INTERNAL" {
    return answers[this.reason].code
  }
  get status(): 400 | 503 | 500 {
    return answers[this.reason].status
  }
}

const secretName = /^[a-z0-9][a-z0-9._-]{0,99}$/

/** Whether `name` may name a secret: the same in every provider, so that one can take another's place. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** The interface behind {@link KeyStore}. */
export interface KeyStoreService {
  /** `None` if there is no such secret. */
  readonly get: (name: string) => Effect.Effect<Option.Option<Redacted.Redacted<string>>, KeyStoreError>
  /** Keeps a secret under a name, in the place of one that was there. Once it ends the secret outlives the process. */
  readonly put: (name: string, secret: Redacted.Redacted<string>) => Effect.Effect<void, KeyStoreError>
  /** Whether there was one. */
  readonly delete: (name: string) => Effect.Effect<boolean, KeyStoreError>
  /** All names, sorted. */
  readonly list: Effect.Effect<ReadonlyArray<string>, KeyStoreError>
}

/**
 * Keeps secrets of modules by name: keys of other services, signing secrets, whatever must not be in the database.
 *
 * @example
 * ```ts
 * import { KeyStore } from "@portico/gate/contracts"
 * import { FakeKeyStore } from "@portico/gate/testing"
 * import * as Effect from "effect/Effect"
 * import * as Option from "effect/Option"
 * import * as Redacted from "effect/Redacted"
 *
 * const program = Effect.gen(function* () {
 *   const keys = yield* KeyStore
 *   yield* keys.put("webhooks.signing", Redacted.make("whsec_abc"))
 *   const found = yield* keys.get("webhooks.signing")
 *   console.log(yield* keys.list, String(Option.getOrThrow(found))) // [ 'webhooks.signing' ] <redacted>
 * }).pipe(Effect.provide(FakeKeyStore.layer))
 *
 * await Effect.runPromise(program)
 * ```
 */
export class KeyStore extends Context.Service<KeyStore, KeyStoreService>()("@portico/gate/contracts/KeyStore") {}
