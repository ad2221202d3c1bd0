import { isSecretName, KeyStore, KeyStoreError, type KeyStoreService } from "@portico/gate/contracts"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Redacted from "effect/Redacted"
import { namesIn, readPrivate, removePrivate, writePrivate } from "../internal/privateFile.ts"
import type { MasterKey } from "./internal/masterKey.ts"
import type { Seal } from "./internal/seal.ts"
import { plainNames, sealPlain } from "./internal/sealPlain.ts"
import { nameOfSealed, openVault, sealedFile } from "./internal/vault.ts"
import { KeyStoreStartError } from "./KeyStoreStartError.ts"

/** Where secrets are kept, and with what they are encrypted. */
export interface FileKeyStoreOptions {
  /** Made (mode 0700) with the first secret. Nothing else should be in it. */
  readonly folder: string
  /** Without one secrets are not encrypted. Once it was given it has to be, always. */
  readonly master?: MasterKey | undefined
}

type Disk = FileSystem.FileSystem | Path.Path

const unprotected = (folder: string) =>
  Effect.logWarning(
    `The secrets in ${folder} are not encrypted: who can read the folder, or a backup of it, has them. A master key (PORTICO_KEYS_MASTER_KEY) encrypts them at the next start.`
  )

/** How a secret is in its file. */
interface Form {
  readonly file: (name: string) => string
  /** The name of the secret that a file holds, if it holds one in this form. */
  readonly name: (file: string) => string | undefined
  readonly write: (name: string, secret: string) => string
  /** `undefined` if it is damaged. */
  readonly read: (name: string, text: string) => string | undefined
}

const plainForm: Form = {
  file: (name) => name,
  name: (file) => file,
  write: (_, secret) => secret,
  read: (_, text) => text
}

const sealedForm = (seal: Seal): Form => ({ file: sealedFile, name: nameOfSealed, write: seal.close, read: seal.open })

/**
 * Keeps each secret in a file of its own (mode 0600), encrypted if there is a master key. What was there in plain is
 * encrypted first. Fails, and has written nothing, where the key is not the one that the secrets were encrypted with.
 */
export const make = Effect.fnUntraced(function* ({ folder, master }: FileKeyStoreOptions) {
  const context = yield* Effect.context<Disk>()
  const path = yield* Path.Path
  const seal = Option.getOrUndefined(yield* openVault(folder, master))
  const form = seal === undefined ? plainForm : sealedForm(seal)
  let warned = false
  yield* Effect.gen(function* () {
    if (seal !== undefined) {
      const count = yield* sealPlain(folder, seal)
      if (count > 0) yield* Effect.logInfo(`${count} secrets in ${folder} were not encrypted, and are now.`)
    } else if ((yield* plainNames(folder)).length > 0) {
      warned = true
      yield* unprotected(folder)
    }
  }).pipe(
    Effect.mapError(
      (cause) =>
        new KeyStoreStartError({ reason: "Unavailable", message: `${folder} cannot be used: ${cause.message}`, cause })
    )
  )

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
  ) => (isSecretName(name) ? onDisk(`${doing} the secret "${name}"`, work(form.file(name))) : invalidName)

  const service: KeyStoreService = {
    get: (name) =>
      Effect.flatMap(
        named("Reading", name, (file) => readPrivate(path.join(folder, file))),
        Option.match({
          onNone: () => Effect.succeedNone,
          onSome: (text) => {
            const secret = form.read(name, text)
            return secret === undefined ? damaged(name) : Effect.succeedSome(Redacted.make(secret))
          }
        })
      ),
    put: (name, secret) =>
      Effect.tap(
        named("Writing", name, (file) => writePrivate(folder, file, form.write(name, Redacted.value(secret)))),
        () => {
          if (seal !== undefined || warned) return Effect.void
          warned = true
          return Effect.provideContext(unprotected(folder), context)
        }
      ),
    delete: (name) => named("Deleting", name, (file) => removePrivate(folder, path.join(folder, file))),
    list: Effect.map(onDisk("Listing the secrets", namesIn(folder)), (files) =>
      files
        .flatMap((file) => form.name(file) ?? [])
        .filter(isSecretName)
        .sort()
    )
  }
  return service
})

const damaged = (name: string) =>
  Effect.fail(
    new KeyStoreError({
      reason: "Damaged",
      message: `The secret "${name}" was changed by somebody else and cannot be read; put it again.`
    })
  )

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
export const layer = (
  options: FileKeyStoreOptions
): Layer.Layer<KeyStore, KeyStoreStartError, FileSystem.FileSystem | Path.Path> => Layer.effect(KeyStore, make(options))
