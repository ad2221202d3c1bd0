import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { namesIn, readPrivate, writePrivate } from "../../internal/privateFile.ts"
import { KeyStoreStartError } from "../KeyStoreStartError.ts"
import { bytesOf, Derivation, type MasterKey, newDerivation } from "./masterKey.ts"
import { makeSeal, type Seal } from "./seal.ts"

// No secret's name has an `@`, so neither this nor a sealed file is ever taken for a plain one.
const vaultFile = "@vault"
const sealedEnd = "@sealed"

/** The file of a sealed secret, by its name. */
export const sealedFile = (name: string): string => name + sealedEnd

/** The name of the secret that is sealed in a file, if one is. */
export const nameOfSealed = (file: string): string | undefined =>
  file.endsWith(sealedEnd) ? file.slice(0, -sealedEnd.length) : undefined

const Vault = Schema.fromJsonString(
  Schema.Struct({
    version: Schema.Literal(1),
    derivation: Schema.optionalKey(Derivation),
    /** Something known, sealed: whoever can open it has the right key. */
    proof: Schema.String
  })
)
const decodeVault = Schema.decodeUnknownResult(Vault)
const encodeVault = Schema.encodeSync(Vault)

const refuse = (reason: KeyStoreStartError["reason"], message: string, cause?: unknown) =>
  new KeyStoreStartError({ reason, message, cause })

/**
 * The seal of a folder of secrets: `None` where nothing is encrypted and `master` is not given. The first time that it is
 * given, the folder becomes one that only opens with it.
 */
export const openVault = Effect.fnUntraced(function* (folder: string, master: MasterKey | undefined) {
  const path = yield* Path.Path
  const file = path.join(folder, vaultFile)
  const unavailable = (doing: string) =>
    Effect.mapError((cause: { readonly message: string }) =>
      refuse("Unavailable", `${doing} ${file} failed: ${cause.message}`, cause)
    )
  const found = yield* unavailable("Reading")(readPrivate(file))

  if (Option.isNone(found)) {
    const names = yield* unavailable("Reading")(namesIn(folder))
    if (names.some((name) => nameOfSealed(name) !== undefined)) {
      return yield* refuse("Unreadable", `${file}, which says how the secrets beside it are encrypted, is gone.`)
    }
    if (master === undefined) return Option.none<Seal>()
    const derivation = master._tag === "Passphrase" ? newDerivation() : undefined
    const seal = makeSeal(yield* bytesOf(master, derivation))
    const vault = { version: 1, proof: seal.close(vaultFile, vaultFile) } as const
    const text = encodeVault(derivation === undefined ? vault : { ...vault, derivation })
    yield* unavailable("Writing")(writePrivate(folder, vaultFile, text))
    return Option.some(seal)
  }

  const vault = decodeVault(found.value)
  if (Result.isFailure(vault)) {
    return yield* refuse("Unreadable", `${file} says how secrets are encrypted, and cannot be read.`, vault.failure)
  }
  const { derivation, proof } = vault.success
  const kind = derivation === undefined ? "key" : "passphrase"
  if (master === undefined) {
    return yield* refuse("NoMasterKey", `The secrets in ${folder} are encrypted, and their master ${kind} is not set.`)
  }
  const seal =
    (master._tag === "Key") === (derivation === undefined) ? makeSeal(yield* bytesOf(master, derivation)) : undefined
  if (seal?.open(vaultFile, proof) !== vaultFile) {
    return yield* refuse(
      "WrongMasterKey",
      `The secrets in ${folder} are encrypted with another ${kind} than the one set.`
    )
  }
  return Option.some(seal)
})
