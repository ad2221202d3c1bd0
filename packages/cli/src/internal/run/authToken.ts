/**
 * Tokens for scripts.
 */
import { Mask } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CurrentIo } from "../../Io.ts"
import { decode } from "../answers.ts"
import { usage } from "../failure.ts"
import { Json } from "../flags.ts"
import { identityOf } from "../identityOf.ts"
import { printed, say } from "../print.ts"
import { expiryOf } from "../rootKey.ts"
import { clientFor, here, who } from "../signedIn/who.ts"
import { renderFields } from "../table.ts"
import { type MintScope, tokenScopeOf } from "../tokenScope.ts"

interface Input {
  readonly audience: Option.Option<string>
  readonly ttl: Option.Option<string>
  readonly scope: Option.Option<string>
  readonly as: Option.Option<string>
  readonly raw: boolean
}

const Minted = Schema.Struct({
  id: Schema.String,
  credential: Schema.String,
  tokenType: Schema.String,
  audience: Schema.String,
  expiresAt: Schema.Number
})

const Key = Schema.Struct({ key: Schema.String })

const audienceOf = (text: string): string => (URL.canParse(text) ? text : identityOf(text))

const scopeText = ({ functions, nodes, perms }: MintScope): string =>
  [
    perms === undefined ? "all but SHARE" : Mask.format(perms),
    ...(nodes === undefined ? [] : [`on ${nodes.join(", ")}`]),
    ...(functions === undefined ? [] : [`calling ${functions.join(", ")}`])
  ].join(" ")

/** Whoever holds every bit on `/` may act for somebody else, by an API key of theirs that lasts as long as the token. */
const actingAs = Effect.fnUntraced(function* (me: Effect.Success<typeof here>, handle: string, ttl: number) {
  const body = { name: `portico auth token, by ${me.identity.path}`, identity: identityOf(handle), expiresIn: ttl }
  const answer = yield* clientFor(me.url, me.token).request("POST", "/auth/keys", { body })
  const { key } = yield* decode(Key, "an API key")(answer)
  return { token: key, identity: yield* who(me.url, key) }
})

/** `portico auth token` */
export const token = Effect.fnUntraced(function* (input: Input) {
  const io = yield* CurrentIo
  if (input.raw && (yield* Json)) return yield* usage("--raw and --json exclude each other")
  const scope = Option.isSome(input.scope) ? yield* tokenScopeOf(input.scope.value) : {}
  const until = yield* expiryOf(
    Option.getOrElse(input.ttl, () => "1h"),
    "--ttl"
  )
  const ttl = Math.ceil((until - (yield* Clock.currentTimeMillis)) / 1_000)
  const me = yield* here
  const by = Option.isSome(input.as) ? yield* actingAs(me, input.as.value, ttl) : me
  const params = {
    ttl,
    ...(Option.isSome(input.audience) ? { audience: audienceOf(input.audience.value) } : {}),
    ...(Option.isSome(input.scope) ? { scope } : {}),
    // Less than was named would be found out by the script, later and elsewhere.
    ...(scope.perms === undefined ? {} : { exact: true })
  }
  const answer = yield* clientFor(me.url, by.token).call(`@${by.identity.id}::mintDelegationCredential`, params)
  const { audience, credential, expiresAt, id, tokenType } = yield* decode(Minted, "a credential")(answer)
  const expires = new Date(expiresAt).toISOString()
  if (Option.isSome(input.ttl) && expiresAt < until - 1_000) yield* say(`it ends sooner than that: ${expires}`)
  if (input.raw) return io.out.write(`${credential}\n`)
  const { identity } = by
  yield* printed({ token: credential, tokenType, id, identity, audience, scope, expiresAt }, () =>
    renderFields(io, [
      ["id", id],
      ["identity", identity.path],
      ["scope", scopeText(scope)],
      ["audience", audience],
      ["expires", expires],
      ["shown as", tokenType],
      ["token", credential]
    ])
  )
})
