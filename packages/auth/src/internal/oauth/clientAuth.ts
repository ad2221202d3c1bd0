import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { unverifiedIssuer, type VerifyAssertion } from "./assertions.ts"
import type { Client, ClientMethod, Clients } from "./clients.ts"
import { OAuthError } from "./OAuthError.ts"

/** What a request shows of its client. */
export interface ClientRequest {
  readonly authorization: string | undefined
  readonly params: ReadonlyMap<string, string>
}

interface Claimed {
  readonly id: string
  readonly method: ClientMethod
  readonly secret: string
}

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

const refused = (reason: string) =>
  OAuthError.make("invalid_client", "The client is not known, or has not proved who it is.", {
    status: 401,
    headers: { "www-authenticate": 'Basic realm="portico"' },
    reason
  })

const several = OAuthError.make("invalid_request", "A client proves who it is in one way.")

// RFC 6749, section 2.3.1: both halves are encoded as in a form.
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch {
    return undefined
  }
}

const ofBasic = (authorization: string): Claimed | undefined => {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? []
  const both = [decoded(id ?? ""), decoded(secret ?? "")]
  return both[0] && both[1] ? { id: both[0], secret: both[1], method: "client_secret_basic" } : undefined
}

/** What a client claims to be; `undefined` where there is none at all. */
const claimOf = ({ authorization, params }: ClientRequest): Claimed | undefined | OAuthError => {
  const id = params.get("client_id")
  const secret = params.get("client_secret")
  const assertion = params.get("client_assertion")
  if ([authorization, secret, assertion].filter((each) => each !== undefined).length > 1) return several
  if (authorization !== undefined) {
    const claim = ofBasic(authorization)
    if (claim === undefined) return refused("its Authorization header is malformed")
    return id === undefined || id === claim.id ? claim : several
  }
  if (assertion !== undefined) {
    if (params.get("client_assertion_type") !== jwtBearer) return refused("an assertion of an unknown type")
    const issuer = unverifiedIssuer(assertion)
    if (issuer === undefined || (id !== undefined && id !== issuer)) return refused("an assertion of somebody else")
    return { id: issuer, method: "private_key_jwt", secret: assertion }
  }
  if (id === undefined) return undefined
  return secret === undefined ? { id, method: "none", secret: "" } : { id, method: "client_secret_post", secret }
}

/** Finds out which client asks. */
export type AuthenticateClient = (
  request: ClientRequest
) => Effect.Effect<Client | undefined, OAuthError | DatabaseError>

/** A client proves who it is in the way that it was registered with, and in no other. */
export const makeAuthenticateClient =
  (clients: Clients, verifyAssertion: VerifyAssertion): AuthenticateClient =>
  (request) =>
    Effect.gen(function* () {
      const claim = claimOf(request)
      if (claim === undefined) return undefined
      if (claim instanceof OAuthError) return yield* claim
      const client = yield* clients.find(claim.id)
      if (client === undefined) return yield* refused("no such client")
      if (client.method !== claim.method) return yield* refused(`registered with ${client.method}`)
      if (claim.method === "none") return client
      if (claim.method !== "private_key_jwt") {
        return (yield* clients.hasSecret(client.id, claim.secret)) ? client : yield* refused("wrong secret")
      }
      const keys = client.jwksUri === undefined ? { jwks: client.jwks } : { url: client.jwksUri }
      const verified = yield* Effect.result(verifyAssertion(claim.secret, { keys, issuer: client.id }))
      if (verified._tag === "Failure") {
        const error = verified.failure
        return yield* typeof error === "string" ? refused(`its assertion: ${error}`) : Effect.fail(error)
      }
      return verified.success.sub === client.id ? client : yield* refused("an assertion about somebody else")
    })
