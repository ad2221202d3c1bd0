/**
 * `.portico-identity`: the key of this node, and its credentials.
 */
import { existsSync } from "node:fs"
import { appendFile, readFile } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { type Enrolment, generateTrustKey, inspectEnrolment, signEnrolment, trustKeyOf } from "@portico/auth/trust"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parse, stringify } from "smol-toml"
import { ExitCode } from "../../ExitCode.ts"
import { CurrentIo } from "../../Io.ts"
import { CliFailure, usage } from "../failure.ts"
import { say } from "../print.ts"
import { expiryOf, rootKeyIn } from "../rootKey.ts"
import { readText, replaceSecret } from "../secretFile.ts"

const Peer = Schema.Struct({
  name: Schema.String,
  role: Schema.String,
  type: Schema.String,
  root_pubkey: Schema.String,
  endpoint_id: Schema.String,
  expires_at: Schema.String,
  nonce: Schema.String,
  attributes: Schema.Record(Schema.String, Schema.String),
  credential: Schema.String
})

const Identity = Schema.Struct({
  node: Schema.Struct({ secret_key: Schema.String, endpoint_id: Schema.String }),
  peers: Schema.optionalKey(Schema.Array(Peer))
})

const Config = Schema.Struct({
  profiles: Schema.Record(Schema.String, Schema.Struct({ root_pubkey: Schema.String }))
})

const decodeIdentity = Schema.decodeUnknownOption(Identity)
const decodeConfig = Schema.decodeUnknownOption(Config)

const tomlOf = (text: string): unknown => {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** The node's key and credentials as they are, or a new key. */
const identityIn = Effect.fnUntraced(function* (file: string) {
  if (!existsSync(file)) {
    const { privateKey, publicKey } = generateTrustKey()
    return { node: { secret_key: privateKey, endpoint_id: publicKey }, peers: [] }
  }
  const found = Option.getOrUndefined(decodeIdentity(tomlOf(yield* readText(file, "the identity in"))))
  const pair = found === undefined ? undefined : trustKeyOf(found.node.secret_key)
  if (found === undefined || pair === undefined || Result.isFailure(pair)) {
    return yield* usage(`${file} holds no identity of a node`, "Name another file with --identity FILE")
  }
  return {
    node: { secret_key: pair.success.privateKey, endpoint_id: pair.success.publicKey },
    peers: found.peers ?? []
  }
})

/** Where a profile is named, its root key is the one that has to sign. */
const checkProfile = Effect.fnUntraced(function* (name: string, publicKey: string) {
  const io = yield* CurrentIo
  const file = join(io.env.HOME ?? ".", ".portico", "config.toml")
  const profiles = existsSync(file)
    ? Option.getOrUndefined(decodeConfig(tomlOf(yield* readText(file, "the profiles in"))))?.profiles
    : undefined
  const profile = profiles !== undefined && Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (profile === undefined) {
    return yield* new CliFailure({
      exit: ExitCode.notFound,
      code: "NOT_FOUND",
      message: `there is no profile ${name} in ${file}`
    })
  }
  if (profile.root_pubkey !== publicKey) return yield* usage(`the root key is not that of profile ${name}`)
})

/** In a work tree of git, sees to it that the file is not added. */
const keepFromGit = (file: string) =>
  Effect.promise(async () => {
    const folder = dirname(resolve(file))
    let at = folder
    while (!existsSync(join(at, ".git"))) {
      if (dirname(at) === at) return
      at = dirname(at)
    }
    const ignore = join(folder, ".gitignore")
    const lines = existsSync(ignore) ? await readFile(ignore, "utf8") : ""
    if (lines.split(/\r?\n/).some((line) => line === basename(file) || line === `/${basename(file)}`)) return
    await appendFile(ignore, `${lines === "" || lines.endsWith("\n") ? "" : "\n"}${basename(file)}\n`)
  })

/** `portico enroll node` */
export const enrollNode = Effect.fnUntraced(function* (input: {
  readonly profile: Option.Option<string>
  readonly rootKey: string
  readonly role: Enrolment["role"]
  readonly name: string
  readonly identity: string
  readonly expires: string
}) {
  const { identity: file, name, role } = input
  const root = yield* rootKeyIn(input.rootKey)
  if (Option.isSome(input.profile)) yield* checkProfile(input.profile.value, root.publicKey)
  const { node, peers } = yield* identityIn(file)
  const wish = {
    role,
    type: "policy",
    expiresAt: yield* expiryOf(input.expires),
    attributes: { name },
    endpointId: node.endpoint_id
  } as const
  const credential = yield* Effect.mapError(signEnrolment(root, wish, yield* Clock.currentTimeMillis), (wrong) =>
    usage(wrong)
  )
  const { expiresAt, nonce } = Result.getOrThrow(inspectEnrolment(credential))
  const peer: typeof Peer.Type = {
    name,
    role,
    type: wish.type,
    root_pubkey: root.publicKey,
    endpoint_id: node.endpoint_id,
    expires_at: new Date(expiresAt).toISOString(),
    nonce,
    attributes: wish.attributes,
    credential
  }
  const others = peers.filter((one) => one.name !== name || one.role !== role || one.root_pubkey !== root.publicKey)
  yield* keepFromGit(file)
  yield* replaceSecret(file, `${stringify({ node, peers: [...others, peer] })}\n`)
  yield* say(`${name} is enrolled as a ${role} until ${peer.expires_at}. Its key and credential are in ${file}`)
})
