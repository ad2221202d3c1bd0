/**
 * Root keys and enrolment credentials.
 */
import { type Enrolment, formatTrustKey, generateTrustKey, inspectEnrolment, signEnrolment } from "@portico/auth/trust"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { CurrentIo } from "../../Io.ts"
import { usage } from "../failure.ts"
import { printed, say } from "../print.ts"
import { expiryOf, rootKeyIn } from "../rootKey.ts"
import { readText, writeNewSecret } from "../secretFile.ts"
import { renderFields } from "../table.ts"

/** Writes to the file if one is named, and to stdout otherwise. */
const give = Effect.fnUntraced(function* (out: Option.Option<string>, text: string) {
  if (Option.isSome(out)) return yield* writeNewSecret(out.value, text)
  const io = yield* CurrentIo
  io.out.write(text)
})

/** `portico trust keygen root` */
export const keygenRoot = Effect.fnUntraced(function* (input: { readonly out: string }) {
  const key = generateTrustKey()
  yield* writeNewSecret(input.out, formatTrustKey(key))
  yield* say(`The root key is in ${input.out}. Its public key, for PORTICO_TRUST_ROOTS of the instances that trust it:`)
  const io = yield* CurrentIo
  io.out.write(`${key.publicKey}\n`)
})

/** `portico trust keygen pubkey` */
export const keygenPubkey = Effect.fnUntraced(function* (input: {
  readonly in: string
  readonly out: Option.Option<string>
}) {
  const { publicKey } = yield* rootKeyIn(input.in)
  yield* give(input.out, `${publicKey}\n`)
})

/** `portico trust keygen node` */
export const keygenNode = Effect.fnUntraced(function* (input: { readonly out: Option.Option<string> }) {
  const { privateKey, publicKey } = generateTrustKey()
  yield* give(input.out, `${JSON.stringify({ secret_key: privateKey, endpoint_id: publicKey }, null, 2)}\n`)
})

const attributesOf = (words: ReadonlyArray<string>) =>
  Effect.map(
    Effect.forEach(words, (word) => {
      const at = word.indexOf("=")
      return at > 0
        ? Effect.succeed([word.slice(0, at), word.slice(at + 1)] as const)
        : Effect.fail(usage(`--attr is KEY=VALUE, not ${JSON.stringify(word)}`))
    }),
    (entries) => Object.fromEntries(entries)
  )

/** `portico trust sign consumer|producer` */
export const sign = Effect.fnUntraced(function* (input: {
  readonly role: Enrolment["role"]
  readonly rootKey: string
  readonly type: Enrolment["type"]
  readonly expires: string
  readonly attr: ReadonlyArray<string>
  readonly endpointId: Option.Option<string>
  readonly out: Option.Option<string>
}) {
  const { role, type } = input
  const root = yield* rootKeyIn(input.rootKey)
  const wish = {
    role,
    type,
    expiresAt: yield* expiryOf(input.expires),
    attributes: yield* attributesOf(input.attr),
    endpointId: Option.getOrUndefined(input.endpointId)
  }
  const credential = yield* Effect.mapError(signEnrolment(root, wish, yield* Clock.currentTimeMillis), (wrong) =>
    usage(wrong)
  )
  yield* give(input.out, `${credential}\n`)
})

const credentialIn = (word: string) => {
  if (word === "-") return Effect.flatMap(CurrentIo, (io) => Effect.promise(() => io.stdin.text()))
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(word) && word.startsWith("eyJ")
    ? Effect.succeed(word)
    : readText(word, "the credential in")
}

/** `portico trust inspect` */
export const inspect = Effect.fnUntraced(function* (input: { readonly credential: string }) {
  const found = inspectEnrolment(yield* credentialIn(input.credential))
  if (Result.isFailure(found)) return yield* usage(`this is no enrolment credential: ${found.failure}`)
  const said = found.success
  const time = (at: number) => new Date(at).toISOString()
  yield* printed(said, (io) =>
    renderFields(io, [
      ["role", said.role],
      ["type", said.type],
      ["root", said.root],
      ["nonce", said.nonce],
      ["issued", time(said.issuedAt)],
      ["expires", time(said.expiresAt)],
      ...(said.endpointId === undefined ? [] : [["endpoint", said.endpointId] as const]),
      ...Object.entries(said.attributes).map(([name, value]) => [`attr ${name}`, value] as const)
    ])
  )
})
