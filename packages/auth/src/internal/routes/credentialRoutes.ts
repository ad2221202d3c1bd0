import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import type { ApiKey } from "../../Auth.ts"
import { AuthInternals } from "../AuthInternals.ts"
import { keyOwner } from "../keyOwner.ts"
import * as operations from "../openapi.ts"
import { makeSetupPage } from "../setupPage.ts"
import { caller, json, origin, tokenAnswer } from "./answers.ts"
import { limited } from "./tokenRoutes.ts"

const Redeem = Schema.Struct({
  code: Schema.String.check(Schema.isMaxLength(200)),
  password: Schema.optionalKey(Schema.String)
})
const NewKey = Schema.Struct({
  name: Schema.NonEmptyString.check(Schema.isMaxLength(200)),
  identity: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(4_096))),
  expiresIn: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 315_360_000 })))
})

const keyAnswer = ({ createdAt, expiresAt, id, name }: ApiKey) => ({ id, name, createdAt, expiresAt })

const setupPage = Effect.sync(() => {
  const { headers, html } = makeSetupPage()
  return HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8", headers })
})

const redeem = Effect.gen(function* () {
  yield* limited("signIn")
  const { setup } = yield* AuthInternals
  const { code, password } = yield* HttpServerRequest.schemaBodyJson(Redeem)
  const made = yield* setup.redeem(code, { password, from: yield* origin })
  return json({ identity: made.identity, apiKey: made.apiKey.key, ...tokenAnswer(made.accessToken) }, 201)
})

const listKeys = Effect.gen(function* () {
  const { auth } = yield* AuthInternals
  const { id } = yield* caller
  return json({ keys: (yield* auth.apiKeys.list(id)).map(keyAnswer) })
})

const createKey = Effect.gen(function* () {
  const { auth } = yield* AuthInternals
  const { id: by } = yield* caller
  const { identity, ...options } = yield* HttpServerRequest.schemaBodyJson(NewKey)
  const id = yield* keyOwner({ id: by }, identity)
  const made = yield* auth.apiKeys.create(id, options)
  const details = { key: made.id, name: made.name, expiresAt: made.expiresAt, by }
  yield* auth.audit({ event: "api-key.created", identity: id, from: yield* origin, details })
  return json({ ...keyAnswer(made), key: made.key }, 201)
})

const revokeKey = Effect.gen(function* () {
  const { auth } = yield* AuthInternals
  const { id } = yield* caller
  const { params } = yield* HttpRouter.RouteContext
  const key = params.id ?? ""
  yield* auth.apiKeys.revoke(id, key)
  yield* auth.audit({ event: "api-key.revoked", identity: id, from: yield* origin, details: { key } })
  return HttpServerResponse.empty()
})

/** The first administrator, and API keys. */
export const credentialRoutes = [
  { id: "route:setup-page", scope: "public", mountPath: "/auth/setup", auth: "public", handle: setupPage },
  {
    id: "route:setup",
    scope: "public",
    mountPath: "/auth/setup",
    method: "POST",
    auth: "public",
    openapi: operations.setup,
    handle: redeem
  },
  { id: "route:keys", scope: "public", mountPath: "/auth/keys", openapi: operations.listKeys, handle: listKeys },
  {
    id: "route:keys-create",
    scope: "public",
    mountPath: "/auth/keys",
    method: "POST",
    openapi: operations.createKey,
    handle: createKey
  },
  {
    id: "route:keys-revoke",
    scope: "public",
    mountPath: "/auth/keys/:id",
    method: "DELETE",
    openapi: operations.revokeKey,
    handle: revokeKey
  }
] as const
