import { CurrentCaller, GateError } from "@portico/gate"
import { jsonBody } from "@portico/gate/http"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import { isNarrowed } from "../callers.ts"
import { keyOwner } from "../keyOwner.ts"
import type { Client } from "../oauth/clients.ts"
import { isRefreshToken } from "../oauth/grants.ts"
import { resourceMetadata, serverMetadata } from "../oauth/metadata.ts"
import { OAuthError } from "../oauth/OAuthError.ts"
import * as operations from "../oauth/openapi.ts"
import { readRegistration, registrationAnswer } from "../oauth/registration.ts"
import { caller, json, origin } from "./answers.ts"
import { clientForm, clientOf, inOAuth, limited } from "./tokenRoutes.ts"

/** Clients that nobody answers for, at most. */
const mostOpen = 10_000

/** For everybody. */
const published = (body: unknown) =>
  HttpServerResponse.jsonUnsafe(body, { headers: { "cache-control": "public, max-age=300" } })

const metadata = Effect.map(AuthInternals, ({ auth }) => published(serverMetadata(auth.issuer)))

const resource = Effect.gen(function* () {
  const { auth } = yield* AuthInternals
  const { params } = yield* HttpRouter.RouteContext
  const path = params["*"] === undefined || params["*"] === "" ? "" : `/${params["*"]}`
  return published(resourceMetadata(auth.issuer, path, "Portico"))
})

const register = inOAuth(
  Effect.gen(function* () {
    const { auth, oauth, openRegistration } = yield* AuthInternals
    const found = Option.getOrUndefined((yield* CurrentCaller).caller)
    // A part of somebody's standing does not answer for a client.
    const by = found === undefined || isNarrowed(found) ? undefined : found.id
    if (by === undefined) {
      yield* limited("register")
      if (!openRegistration)
        return yield* Effect.fail(GateError.make("UNAUTHENTICATED", "Who registers has to be known."))
      if ((yield* oauth.clients.countOpen) >= mostOpen) {
        return yield* OAuthError.make("temporarily_unavailable", "There are too many clients.", { status: 503 })
      }
    }
    const body = yield* Effect.mapError(jsonBody, (error) =>
      error.code === "PAYLOAD_TOO_LARGE" ? error : OAuthError.make("invalid_client_metadata", error.message)
    )
    const registration = yield* readRegistration(body, by !== undefined)
    if (by === undefined && registration.identity !== undefined) {
      return yield* Effect.fail(
        GateError.make("UNAUTHENTICATED", "Whoever gives a client an identity has to be known.")
      )
    }
    const identity =
      by === undefined || registration.identity === undefined
        ? undefined
        : yield* keyOwner({ id: by }, registration.identity)
    const { client, secret } = yield* oauth.clients.register({ ...registration, identity, registeredBy: by })
    const details = { client: client.id, name: client.name, redirects: client.redirects, identity }
    yield* auth.audit({ event: "client.registered", identity: by, from: yield* origin, details })
    return json(registrationAnswer(client, secret), 201)
  })
)

/** RFC 7009: whatever is not (any more) a token of the client's is answered as if it had been. */
const revoke = inOAuth(
  Effect.gen(function* () {
    yield* limited("token")
    const { auth, oauth, revocations, tokens } = yield* AuthInternals
    const params = yield* clientForm
    const client = yield* needClient(yield* clientOf(params))
    const shown = params.get("token")
    if (shown === undefined) return yield* OAuthError.make("invalid_request", "token is missing.")
    const from = yield* origin
    const tell = (identity: string, details: Readonly<Record<string, unknown>>) =>
      auth.audit({ event: "token.revoked", identity, from, details: { client: client.id, ...details } })
    if (isRefreshToken(shown)) {
      const found = yield* oauth.grants.grantOf(shown)
      const grant = found === undefined ? undefined : yield* oauth.grants.find(found.grant)
      if (grant?.client === client.id) {
        yield* oauth.grants.end(grant.id)
        yield* tell(grant.identity, { grant: grant.id })
      }
      return HttpServerResponse.empty({ status: 200 })
    }
    const claims = yield* Effect.option(tokens.verify(shown))
    if (Option.isSome(claims) && claims.value.client === client.id) {
      yield* revocations.endToken(claims.value.tokenId)
      yield* tell(claims.value.identity, { token: claims.value.tokenId })
    }
    return HttpServerResponse.empty({ status: 200 })
  })
)

const needClient = (client: Client | undefined): Effect.Effect<Client, OAuthError> =>
  client === undefined
    ? Effect.fail(OAuthError.make("invalid_client", "Which client asks has to be said.", { status: 401 }))
    : Effect.succeed(client)

/** RFC 7662: a client that can prove who it is learns about its own tokens. */
const introspect = inOAuth(
  Effect.gen(function* () {
    yield* limited("token")
    const params = yield* clientForm
    const client = yield* needClient(yield* clientOf(params))
    if (client.method === "none") {
      return yield* OAuthError.make("invalid_client", "Only a client that proves who it is may ask.", { status: 401 })
    }
    const shown = params.get("token")
    if (shown === undefined) return yield* OAuthError.make("invalid_request", "token is missing.")
    const known = yield* isRefreshToken(shown) ? knownRefreshToken(shown, client) : knownAccessToken(shown, client)
    return json(known ?? { active: false })
  })
)

const knownRefreshToken = (shown: string, client: Client) =>
  Effect.gen(function* () {
    const { auth, oauth } = yield* AuthInternals
    const found = yield* oauth.grants.grantOf(shown)
    const grant = found?.good === true ? yield* oauth.grants.find(found.grant) : undefined
    if (found === undefined || grant?.client !== client.id) return undefined
    return {
      active: true,
      iss: auth.issuer,
      sub: grant.identity,
      client_id: grant.client,
      scope: grant.scope.join(" "),
      exp: Math.floor(found.expiresAt / 1_000)
    }
  })

const knownAccessToken = (shown: string, client: Client) =>
  Effect.gen(function* () {
    const { auth, revocations, tokens } = yield* AuthInternals
    const found = Option.getOrUndefined(yield* Effect.option(tokens.verify(shown)))
    const now = yield* Clock.currentTimeMillis
    if (found === undefined || found.client !== client.id || found.expiresAt <= now) return undefined
    if (revocations.reasonAgainst(found) !== undefined) return undefined
    return {
      active: true,
      iss: auth.issuer,
      aud: auth.issuer,
      sub: found.identity,
      client_id: found.client,
      jti: found.tokenId,
      token_type: found.jkt === undefined ? "Bearer" : "DPoP",
      iat: Math.floor(found.issuedAt / 1_000),
      exp: Math.floor(found.expiresAt / 1_000),
      ...(found.scope === undefined ? {} : { scope: found.scope.words.join(" ") }),
      ...(found.jkt === undefined ? {} : { cnf: { jkt: found.jkt } })
    }
  })

const listGrants = Effect.gen(function* () {
  const { oauth } = yield* AuthInternals
  const { id } = yield* caller
  const grants = yield* oauth.grants.list(id)
  const named = yield* Effect.forEach(grants, ({ client, createdAt, id, scope, usedAt }) =>
    Effect.map(oauth.clients.find(client), (found) => ({
      id,
      client,
      clientName: found?.name ?? client,
      scope: scope.join(" "),
      createdAt,
      lastUsedAt: usedAt
    }))
  )
  return json({ grants: named })
})

const endGrant = Effect.gen(function* () {
  const { auth, oauth } = yield* AuthInternals
  const { id: identity } = yield* caller
  const { params } = yield* HttpRouter.RouteContext
  const grant = yield* oauth.grants.find(params.id ?? "")
  if (grant?.identity !== identity) return yield* Effect.fail(GateError.make("NOT_FOUND", "There is no such grant."))
  yield* oauth.grants.end(grant.id)
  yield* auth.audit({ event: "grant.ended", identity, from: yield* origin, details: { grant: grant.id } })
  return HttpServerResponse.empty()
})

const listClients = Effect.gen(function* () {
  const { oauth } = yield* AuthInternals
  const clients = yield* oauth.clients.list
  return json({
    clients: clients.map((client) => ({
      ...registrationAnswer(client, undefined),
      registered_by: client.registeredBy ?? null
    }))
  })
})

const removeClient = Effect.gen(function* () {
  const { auth, oauth } = yield* AuthInternals
  const { params } = yield* HttpRouter.RouteContext
  const id = params.id ?? ""
  if (!(yield* oauth.clients.remove(id))) {
    return yield* Effect.fail(GateError.make("NOT_FOUND", "There is no such client."))
  }
  yield* oauth.grants.endAllOfClient(id)
  const actor = Option.getOrUndefined((yield* CurrentCaller).caller)?.id
  yield* auth.audit({ event: "client.removed", actor, from: yield* origin, details: { client: id } })
  return HttpServerResponse.empty()
})

const Renewal = Schema.Struct({
  overlap: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 604_800 })))
})

/** A new secret for a client: by who registered it, or an operator. */
const renewSecret = Effect.gen(function* () {
  const { auth, oauth } = yield* AuthInternals
  const { id: by, operator } = yield* caller
  const { params } = yield* HttpRouter.RouteContext
  const id = params.id ?? ""
  const { overlap = 0 } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Renewal))
  const client = yield* oauth.clients.find(id)
  const isTheirs = client !== undefined && (operator || client.registeredBy === by)
  const secret = isTheirs ? yield* oauth.clients.renewSecret(id, overlap * 1_000) : undefined
  if (secret === undefined) {
    return yield* Effect.fail(GateError.make("NOT_FOUND", "There is no such client of yours that has a secret."))
  }
  yield* auth.audit({
    event: "client.secret-renewed",
    actor: by,
    from: yield* origin,
    details: { client: id, overlap }
  })
  return json({ client_id: id, client_secret: secret, client_secret_expires_at: 0 })
})

/** What clients read, register and ask about; and what people and operators see of them. */
export const clientRoutes = [
  {
    id: "route:server-metadata",
    scope: "public",
    cors: "any",
    mountPath: "/.well-known/oauth-authorization-server",
    auth: "public",
    openapi: operations.serverMetadata,
    handle: metadata
  },
  {
    id: "route:openid-metadata",
    scope: "public",
    cors: "any",
    mountPath: "/.well-known/openid-configuration",
    auth: "public",
    openapi: operations.serverMetadata,
    handle: metadata
  },
  {
    id: "route:resource-metadata",
    scope: "public",
    cors: "any",
    mountPath: "/.well-known/oauth-protected-resource",
    auth: "public",
    openapi: operations.resourceMetadata,
    handle: resource
  },
  {
    id: "route:resource-metadata-below",
    scope: "public",
    cors: "any",
    mountPath: "/.well-known/oauth-protected-resource/*",
    auth: "public",
    handle: resource
  },
  {
    id: "route:register",
    scope: "public",
    cors: "any",
    mountPath: "/auth/register",
    method: "POST",
    auth: "optional",
    openapi: operations.register,
    handle: register
  },
  {
    id: "route:revoke",
    scope: "public",
    cors: "any",
    mountPath: "/auth/revoke",
    method: "POST",
    auth: "public",
    openapi: operations.revoke,
    handle: revoke
  },
  {
    id: "route:introspect",
    scope: "public",
    cors: "any",
    mountPath: "/auth/introspect",
    method: "POST",
    auth: "public",
    openapi: operations.introspect,
    handle: introspect
  },
  {
    id: "route:grants",
    scope: "public",
    mountPath: "/auth/grants",
    openapi: operations.listGrants,
    handle: listGrants
  },
  {
    id: "route:grants-end",
    scope: "public",
    mountPath: "/auth/grants/:id",
    method: "DELETE",
    openapi: operations.endGrant,
    handle: endGrant
  },
  {
    id: "route:clients-secret",
    scope: "public",
    mountPath: "/auth/clients/:id/secret",
    method: "POST",
    openapi: operations.renewSecret,
    handle: renewSecret
  },
  {
    id: "route:clients",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/clients",
    openapi: operations.listClients,
    handle: listClients
  },
  {
    id: "route:clients-remove",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/clients/:id",
    method: "DELETE",
    openapi: operations.removeClient,
    handle: removeClient
  }
] as const
