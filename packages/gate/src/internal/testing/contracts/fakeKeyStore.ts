import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import { isSecretName, KeyStore, KeyStoreError, type KeyStoreService } from "../../../contracts/KeyStore.ts"

const named = <A>(name: string, work: () => A): Effect.Effect<A, KeyStoreError> =>
  Effect.suspend(() =>
    isSecretName(name)
      ? Effect.succeed(work())
      : Effect.fail(new KeyStoreError({ reason: "InvalidName", message: "That is no name for a secret." }))
  )

const makeFakeKeyStore = (): KeyStoreService => {
  const secrets = new Map<string, Redacted.Redacted<string>>()
  return {
    get: (name) => named(name, () => Option.fromUndefinedOr(secrets.get(name))),
    put: (name, secret) => named(name, () => void secrets.set(name, secret)),
    delete: (name) => named(name, () => secrets.delete(name)),
    list: Effect.sync(() => [...secrets.keys()].sort())
  }
}

/** A `KeyStore` that forgets everything with its scope. */
export const FakeKeyStore = {
  /** An empty one each time it is built. */
  layer: Layer.sync(KeyStore, makeFakeKeyStore)
} as const
