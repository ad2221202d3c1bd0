import { CurrentCaller, GateError } from "@portico/gate"
import { jsonBody } from "@portico/gate/http"
import { Authority, Kernel } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AuthInternals } from "../AuthInternals.ts"
import { holdsCredentials } from "../identities.ts"
import { isKeySetUrl } from "../keys/foreignKeys.ts"
import * as operations from "../oauth/openapi.ts"
import { json, origin } from "./answers.ts"

const text = Schema.NonEmptyString.check(Schema.isMaxLength(2_000))
const Issuer = Schema.Struct({
  issuer: text,
  jwksUri: text,
  subjects: Schema.Record(text, text),
  replace: Schema.optionalKey(Schema.Boolean)
})

const invalid = (path: string, message: string) =>
  GateError.make("INVALID_PARAMS", message, { details: { issues: [{ path: [path], code: "invalid", message }] } })

const keysElsewhere = (issuer: string, pinned: string) =>
  PorticoError.make("KEY_CHANGED", `${issuer} has its keys elsewhere. Say "replace": true, if this is meant.`, {
    issuer,
    pinned
  })

const list = Effect.gen(function* () {
  const { oauth } = yield* AuthInternals
  return json({ issuers: yield* oauth.issuers.list })
})

/** Identities are named by any address, and kept by their id. */
const identityId = Effect.fnUntraced(function* (address: string) {
  const node = yield* (yield* Kernel).resolve(Authority.system, address)
  if (!holdsCredentials(node)) yield* invalid("subjects", `${node.path} is neither a User nor a Service.`)
  return node.id
})

const put = Effect.gen(function* () {
  const { auth, oauth } = yield* AuthInternals
  const { issuer, jwksUri, replace, subjects } = yield* Effect.flatMap(jsonBody, Schema.decodeUnknownEffect(Issuer))
  if (issuer === auth.issuer) yield* invalid("issuer", "This instance vouches for itself.")
  if (!isKeySetUrl(jwksUri)) yield* invalid("jwksUri", "Keys are fetched with https.")
  const before = yield* oauth.issuers.find(issuer)
  const isOther = before !== undefined && before.jwksUri !== jwksUri
  if (isOther && replace !== true) return yield* Effect.fail(keysElsewhere(issuer, before.jwksUri))
  const linked: Record<string, string> = {}
  for (const [subject, address] of Object.entries(subjects)) linked[subject] = yield* identityId(address)
  yield* oauth.issuers.put({ issuer, jwksUri, subjects: linked })
  const actor = Option.getOrUndefined((yield* CurrentCaller).caller)?.id
  yield* auth.audit({
    event: "issuer.trusted",
    actor,
    from: yield* origin,
    details: { issuer, jwksUri, subjects: linked, ...(isOther ? { replaced: before.jwksUri } : {}) }
  })
  return json({ issuer, jwksUri, subjects: linked })
})

const remove = Effect.gen(function* () {
  const { auth, oauth } = yield* AuthInternals
  const params = yield* HttpServerRequest.ParsedSearchParams
  const issuer = typeof params.issuer === "string" ? params.issuer : ""
  if (!(yield* oauth.issuers.remove(issuer))) {
    return yield* Effect.fail(GateError.make("NOT_FOUND", "There is no such issuer."))
  }
  const actor = Option.getOrUndefined((yield* CurrentCaller).caller)?.id
  yield* auth.audit({ event: "issuer.removed", actor, from: yield* origin, details: { issuer } })
  return HttpServerResponse.empty()
})

/** Others whose assertions count here (RFC 7523). Operators decide. */
export const issuerRoutes = [
  {
    id: "route:issuers",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/issuers",
    openapi: operations.listIssuers,
    handle: list
  },
  {
    id: "route:issuers-put",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/issuers",
    method: "PUT",
    openapi: operations.putIssuer,
    handle: put
  },
  {
    id: "route:issuers-remove",
    scope: "internal",
    mountPath: "/gateway/v1/internal/auth/issuers",
    method: "DELETE",
    openapi: operations.removeIssuer,
    handle: remove
  }
] as const
