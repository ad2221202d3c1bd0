import { isSecretName, KeyStore, KeyStoreError, type KeyStoreService } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import { namesIn, readPrivate, removePrivate, writePrivate } from "../internal/privateFile.ts"

/** Where secrets are kept. */
export interface FileKeyStoreOptions {
  /** Made (mode 0700) with the first secret. Nothing else should be in it. */
  readonly folder: string
}

type Disk = FileSystem.FileSystem | Path.Path

/** Keeps each secret in a file of its own (mode 0600) that has its name. They are not encrypted: the folder is the lock. */
export const make = Effect.fnUntraced(function* ({ folder }: FileKeyStoreOptions) {
  const context = yield* Effect.context<Disk>()
  const path = yield* Path.Path

  const onDisk = <A, E extends { readonly message: string }>(doing: string, work: Effect.Effect<A, E, Disk>) =>
    work.pipe(
      Effect.mapError(
        (cause) => new KeyStoreError({ reason: "Unavailable", message: `${doing} failed: ${cause.message}`, cause })
      ),
      Effect.provideContext(context)
    )
  const named = <A, E extends { readonly message: string }>(
    doing: string,
    name: string,
    work: (file: string) => Effect.Effect<A, E, Disk>
  ) => (isSecretName(name) ? onDisk(`${doing} the secret "${name}"`, work(path.join(folder, name))) : invalidName)

  const service: KeyStoreService = {
    get: (name) => Effect.map(named("Reading", name, readPrivate), Option.map(Redacted.make)),
    put: (name, secret) => named("Writing", name, () => writePrivate(folder, name, Redacted.value(secret))),
    delete: (name) => named("Deleting", name, (file) => removePrivate(folder, file)),
    list: Effect.map(onDisk("Listing the secrets", namesIn(folder)), (names) => names.filter(isSecretName).sort())
  }
  return service
})

const invalidName = Effect.fail(
  new KeyStoreError({
    reason: "InvalidName",
    message:
      "A secret's name has lower case letters, digits, dots, dashes and underscores, begins with a letter or digit, and is at most 100 characters long."
  })
)

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from "node:fs"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import * as NodeServices from "@effect/platform-node/NodeServices"
 * import { KeyStore } from "@portico/gate/contracts"
 * import { FileKeyStore } from "@portico/gate-adapters/keys"
 * import * as Effect from "effect/Effect"
 * import * as Redacted from "effect/Redacted"
 *
 * const folder = mkdtempSync(join(tmpdir(), "keys-"))
 * const program = Effect.gen(function* () {
 *   const keys = yield* KeyStore
 *   yield* keys.put("mail.password", Redacted.make("secret"))
 *   console.log(yield* keys.list) // [ 'mail.password' ]
 * }).pipe(Effect.provide(FileKeyStore.layer({ folder })), Effect.provide(NodeServices.layer))
 *
 * await Effect.runPromise(program)
 * rmSync(folder, { recursive: true })
 * ```
 */
export const layer = (options: FileKeyStoreOptions): Layer.Layer<KeyStore, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(KeyStore, make(options))
