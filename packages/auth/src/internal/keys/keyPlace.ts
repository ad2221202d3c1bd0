import { KeyStore } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import { AuthStartError } from "../../AuthStartError.ts"
import { readSecretFile, writeSecretFile } from "../secretFile.ts"

/** Where the private keys are kept. */
export interface KeyPlace {
  /** For messages. */
  readonly name: string
  readonly read: Effect.Effect<Option.Option<string>, AuthStartError>
  readonly write: (text: string) => Effect.Effect<void, AuthStartError>
}

/** What a secret is called: where there is a key store, in the data folder, and in messages. */
export interface KeyNames {
  readonly secret: string
  readonly file: string
  readonly what: string
}

export const signingKeyNames: KeyNames = {
  secret: "auth.signing-keys",
  file: "signing-keys.json",
  what: "The signing keys"
}

/** A file in the data folder that only its owner may read. */
const inFile = Effect.fnUntraced(function* (dataDir: string, fileName: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(dataDir, fileName)
  const withFiles = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>) =>
    effect.pipe(Effect.provideService(FileSystem.FileSystem, fs), Effect.provideService(Path.Path, path))
  return {
    name: file,
    read: withFiles(readSecretFile(file)),
    write: (text: string) => withFiles(writeSecretFile(file, text)),
    remove: Effect.ignore(fs.remove(file))
  }
})

/**
 * The product's key store where it has one, else a file. Keys that were in the file move to the store when there is one
 * that has none yet.
 */
export const keyPlace = Effect.fnUntraced(function* (dataDir: string, names: KeyNames) {
  const file = yield* inFile(dataDir, names.file)
  const found = yield* Effect.serviceOption(KeyStore)
  if (Option.isNone(found)) return file satisfies KeyPlace
  const store = found.value
  const failed = (cause: { readonly message: string }) =>
    new AuthStartError({ message: `${names.what} in the key store: ${cause.message}`, cause })
  const place: KeyPlace = {
    name: `the secret ${names.secret} of the key store`,
    read: store.get(names.secret).pipe(Effect.map(Option.map(Redacted.value)), Effect.mapError(failed)),
    write: (text) => Effect.mapError(store.put(names.secret, Redacted.make(text)), failed)
  }
  const before = yield* file.read
  if (Option.isSome(before)) {
    if (Option.isNone(yield* place.read)) yield* place.write(before.value)
    yield* file.remove
  }
  return place
})
