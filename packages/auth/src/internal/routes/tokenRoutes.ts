import { CurrentCaller, GateError } from "@portico/gate"
import { Kernel } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { AuthInternals } from "../AuthInternals.ts"
import { formBody } from "../formBody.ts"
import { nameOf } from "../identities.ts"
import { addressKey } from "../limits/addressKey.ts"
import type { LimitRules } from "../limits/limitRules.ts"
import { checkResource } from "../oauth/asked.ts"
import type { Client } from "../oauth/clients.ts"
import type { Minted } from "../oauth/minting.ts"
import { OAuthError, oauthAnswer } from "../oauth/OAuthError.ts"
import * as operations from "../oauth/openapi.ts"
import { json, origin } from "./answers.ts"

/** Counts a request against a limit of its address. */
export const limited = (name: keyof LimitRules) =>
  Effect.gen(function* () {
    const { limits } = yield* AuthInternals
    yield* limits.take(limits.rules[name], addressKey((yield* origin).address))
  })

/** The form of a client's request; in the words of OAuth where there is none. */
export const clientForm = Effect.mapError(formBody, (error) =>
  error.code === "PAYLOAD_TOO_LARGE" ? error : OAuthError.make("invalid_request", error.message)
)

/** Which client asks. */
export const clientOf = (params: ReadonlyMap<string, string>) =>
  Effect.gen(function* () {
    const { limits, oauth } = yield* AuthInternals
    const { authorization } = (yield* HttpServerRequest.HttpServerRequest).headers
    const client = yield* oauth.authenticateClient({ authorization, params })
    if (client !== undefined && client.method !== "none") yield* limits.take(limits.rules.client, client.id)
    return client
  })

/** What is answered in the words of OAuth: its own refusals, and that somebody asks too often. */
const isTold = (error: unknown): error is OAuthError | GateError =>
  error instanceof OAuthError || (error instanceof GateError && error.code === "RATE_LIMITED")

const inItsWords = (error: OAuthError | GateError): OAuthError =>
  error instanceof OAuthError
    ? error
    : OAuthError.make("temporarily_unavailable", error.message, {
        status: error.status,
        ...(error.headers === undefined ? {} : { headers: error.headers })
      })

/** Answers refusals as OAuth does, and tells the audit log why. */
export const inOAuth = <E, R>(effect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.catchIf(
    effect,
    (error): error is E & (OAuthError | GateError) => isTold(error),
    (error) =>
      Effect.gen(function* () {
        const { audit } = yield* AuthInternals
        const refusal = inItsWords(error)
        const details = { error: refusal.error, reason: refusal.reason ?? refusal.description }
        // What is over a limit is on record already.
        const isUsual = ["authorization_pending", "use_dpop_nonce"].includes(refusal.error) || refusal.status === 429
        if (!isUsual) yield* Effect.ignore(audit.writeRefusal({ event: "token.refused", from: yield* origin, details }))
        return oauthAnswer(refusal)
      })
  )

/** The thumbprint of the key that the client shows possession of, if it does. */
const proofKey = Effect.gen(function* () {
  const { auth, proofs } = yield* AuthInternals
  const { headers, method } = yield* HttpServerRequest.HttpServerRequest
  if (headers.dpop === undefined) return undefined
  const proof = { proof: headers.dpop, method, urls: [`${auth.issuer}/auth/token`], needsNonce: true }
  return yield* Effect.mapError(proofs.verify(proof), (error) => {
    if (!("_tag" in error) || error._tag === "DatabaseError") return error
    return error._tag === "NeedsNonce"
      ? OAuthError.make("use_dpop_nonce", "The proof has to hold the nonce of this answer.", {
          headers: { "dpop-nonce": error.nonce }
        })
      : OAuthError.make("invalid_dpop_proof", "The proof of possession is not valid.", { reason: error.reason })
  })
})

const tell = (grantType: string, client: Client | undefined, { answer, identity, tokenId }: Minted) =>
  Effect.gen(function* () {
    const { auth, oauth } = yield* AuthInternals
    if (client !== undefined) yield* oauth.clients.used(client.id)
    const details = { grantType, client: client?.id, token: tokenId, scope: answer.scope }
    yield* auth.audit({ event: "token.issued", identity, from: yield* origin, details })
  })

const token = inOAuth(
  Effect.gen(function* () {
    yield* limited("token")
    const { auth, oauth } = yield* AuthInternals
    const params = yield* clientForm
    const client = yield* clientOf(params)
    const grantType = params.get("grant_type") ?? ""
    const grant = Object.hasOwn(oauth.tokenGrants, grantType) ? oauth.tokenGrants[grantType] : undefined
    if (grant === undefined) {
      return yield* OAuthError.make("unsupported_grant_type", "There is no such grant type here.")
    }
    if (client !== undefined && !client.grants.includes(grantType)) {
      return yield* OAuthError.make("unauthorized_client", "The client was not registered for this grant type.")
    }
    yield* checkResource(params, auth.issuer)
    const minted = yield* grant({ params, client, jkt: yield* proofKey })
    yield* tell(grantType, client, minted)
    return json(minted.answer)
  })
)

const wordsOf = (scope: unknown): ReadonlyArray<string> | undefined =>
  Predicate.hasProperty(scope, "words") && Array.isArray(scope.words) ? scope.words : undefined

/** OpenID Connect Core, section 5.3. */
const userinfo = Effect.gen(function* () {
  const caller = Option.getOrUndefined((yield* CurrentCaller).caller)
  if (caller === undefined) return yield* Effect.fail(GateError.make("UNAUTHENTICATED"))
  const words = wordsOf(caller.scope)
  if (words !== undefined && !words.includes("openid")) {
    const headers = { "www-authenticate": 'Bearer error="insufficient_scope", scope="openid"' }
    return yield* Effect.fail(GateError.make("PERMISSION_DENIED", "This needs the scope openid.", { headers }))
  }
  const node = yield* (yield* Kernel).node(`@${caller.id}`)
  if (Option.isNone(node)) return yield* Effect.fail(GateError.make("UNAUTHENTICATED"))
  const profile = words === undefined || words.includes("profile")
  const names = profile ? { name: nameOf(node.value), preferred_username: node.value.slug } : {}
  return json({ sub: caller.id, ...names })
})

/** Tokens for clients, and who somebody is. */
export const tokenRoutes = [
  {
    id: "route:token",
    scope: "public",
    cors: "any",
    mountPath: "/auth/token",
    method: "POST",
    auth: "public",
    openapi: operations.token,
    handle: token
  },
  {
    id: "route:userinfo",
    scope: "public",
    cors: "any",
    mountPath: "/auth/userinfo",
    openapi: operations.userinfo,
    handle: userinfo
  },
  {
    id: "route:userinfo-post",
    scope: "public",
    cors: "any",
    mountPath: "/auth/userinfo",
    method: "POST",
    openapi: operations.userinfo,
    handle: userinfo
  }
] as const
