import { CurrentCaller, GateError } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ApiKey, IssuedToken } from "./Auth.ts"
import { AuthInternals } from "./internal/AuthInternals.ts"
import { originOf } from "./internal/authenticator.ts"
import { keyOwner } from "./internal/keyOwner.ts"
import * as operations from "./internal/openapi.ts"
import { makeSetupPage } from "./internal/setupPage.ts"

const Credentials = Schema.Struct({
  identity: Schema.String.check(Schema.isMaxLength(1_024)),
  password: Schema.String.check(Schema.isMaxLength(1_024))
})
const Redeem = Schema.Struct({
  code: Schema.String.check(Schema.isMaxLength(200)),
  password: Schema.optionalKey(Schema.String)
})
const NewPassword = Schema.Struct({ current: Schema.optionalKey(Schema.String), password: Schema.String })
const NewKey = Schema.Struct({
  name: Schema.NonEmptyString.check(Schema.isMaxLength(200)),
  identity: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(4_096))),
  expiresIn: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 315_360_000 })))
})

const secret = { headers: { "cache-control": "no-store" } }
const json = (body: unknown, status = 200) => HttpServerResponse.jsonUnsafe(body, { ...secret, status })

const tokenAnswer = ({ expiresAt, token }: IssuedToken) => ({ accessToken: token, tokenType: "Bearer", expiresAt })
const keyAnswer = ({ createdAt, expiresAt, id, name }: ApiKey) => ({ id, name, createdAt, expiresAt })

/** The caller of a route that requires one. */
const caller = Effect.flatMap(CurrentCaller, ({ caller }) =>
  Option.isSome(caller) ? Effect.succeed(caller.value) : Effect.fail(GateError.make("UNAUTHENTICATED"))
)

const origin = Effect.map(HttpServerRequest.HttpServerRequest, originOf)

const jwks = Effect.map(AuthInternals, ({ jwks }) =>
  HttpServerResponse.jsonUnsafe(jwks, { headers: { "cache-control": "public, max-age=300" } })
)

const setupPage = Effect.sync(() => {
  const { headers, html } = makeSetupPage()
  return HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8", headers })
})

const redeem = Effect.gen(function* () {
  const { setup } = yield* AuthInternals
  const { code, password } = yield* HttpServerRequest.schemaBodyJson(Redeem)
  const made = yield* setup.redeem(code, { password, from: yield* origin })
  return json({ identity: made.identity, apiKey: made.apiKey.key, ...tokenAnswer(made.accessToken) }, 201)
})

const login = Effect.gen(function* () {
  const { auth, signIn } = yield* AuthInternals
  const { identity, password } = yield* HttpServerRequest.schemaBodyJson(Credentials)
  const node = yield* signIn.withPassword(identity, password, yield* origin)
  return json({ identity: { id: node.id, path: node.path }, ...tokenAnswer(yield* auth.issueAccessToken(node.id)) })
})

const password = Effect.gen(function* () {
  const { auth, signIn } = yield* AuthInternals
  const { id } = yield* caller
  const from = yield* origin
  const wanted = yield* HttpServerRequest.schemaBodyJson(NewPassword)
  if (yield* signIn.hasPassword(id)) yield* signIn.withPassword(`@${id}`, wanted.current ?? "", from)
  yield* auth.setPassword(id, wanted.password)
  yield* auth.audit({ event: "password.set", identity: id, from })
  return HttpServerResponse.empty()
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

/** The routes of the module. */
export const routes = [
  {
    id: "route:jwks",
    scope: "public",
    mountPath: "/.well-known/jwks.json",
    auth: "public",
    openapi: operations.jwks,
    handle: jwks
  },
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
  {
    id: "route:login",
    scope: "public",
    mountPath: "/auth/login",
    method: "POST",
    auth: "public",
    openapi: operations.login,
    handle: login
  },
  {
    id: "route:password",
    scope: "public",
    mountPath: "/auth/password",
    method: "POST",
    openapi: operations.password,
    handle: password
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
