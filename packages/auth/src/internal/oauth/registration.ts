import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { importForeignKeySet } from "../keys/foreignKeySet.ts"
import { isKeySetUrl } from "../keys/foreignKeys.ts"
import { type Client, clientMethods, grantTypes } from "./clients.ts"
import { OAuthError } from "./OAuthError.ts"
import { mayRegister } from "./redirects.ts"
import { parseScope } from "./scopes.ts"

const short = Schema.String.check(Schema.isMaxLength(200))

/** What a client says about itself (RFC 7591, section 2). Whatever else it says is not kept. */
const Metadata = Schema.Struct({
  client_name: Schema.optionalKey(short),
  redirect_uris: Schema.optionalKey(Schema.Array(Schema.String).check(Schema.isMaxLength(20))),
  grant_types: Schema.optionalKey(Schema.Array(Schema.String).check(Schema.isMaxLength(20))),
  response_types: Schema.optionalKey(Schema.Array(Schema.String)),
  token_endpoint_auth_method: Schema.optionalKey(Schema.Literals(clientMethods)),
  scope: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(4_096))),
  jwks: Schema.optionalKey(Schema.Unknown),
  jwks_uri: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(2_000))),
  /** Ours: the identity that the client is itself. Only for those who may act for it. */
  identity: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(4_096)))
})

const decode = Schema.decodeUnknownEffect(Metadata)

const invalid = (description: string) => OAuthError.make("invalid_client_metadata", description)

/** What anybody may register for. */
const open: ReadonlySet<string> = new Set([grantTypes.code, grantTypes.refresh, grantTypes.device, grantTypes.exchange])
const all: ReadonlySet<string> = new Set(Object.values(grantTypes))

/** What is registered, before it is known whose identity it gets. */
export interface Registration extends Omit<Client, "id" | "createdAt" | "identity" | "registeredBy"> {
  /** As it was asked for. */
  readonly identity: string | undefined
}

/** Checks what a client says about itself. `trusted` is for one that somebody answers for. */
export const readRegistration = Effect.fnUntraced(function* (json: unknown, trusted: boolean) {
  const metadata = yield* Effect.mapError(decode(json), (error) => invalid(error.message.slice(0, 500)))
  const grants = metadata.grant_types ?? [grantTypes.code, grantTypes.refresh]
  const refused = grants.find((grant) => !(trusted ? all : open).has(grant))
  if (refused !== undefined) yield* invalid(`This grant type cannot be registered for: ${refused.slice(0, 100)}`)
  const method = metadata.token_endpoint_auth_method ?? "client_secret_basic"
  const redirects = metadata.redirect_uris ?? []
  const bad = redirects.find((uri) => !mayRegister(uri))
  if (bad !== undefined) {
    yield* OAuthError.make("invalid_redirect_uri", "A redirect URI is https, loopback http, or an app's own scheme.")
  }
  if (grants.includes(grantTypes.code) && redirects.length === 0) {
    yield* OAuthError.make("invalid_redirect_uri", "Where codes are sent to has to be registered.")
  }
  if ((metadata.response_types ?? ["code"]).some((type) => type !== "code")) yield* invalid("Only codes are given out.")
  if (method === "none" && grants.includes(grantTypes.client)) {
    yield* invalid("A client that acts for itself has to prove who it is.")
  }
  yield* checkKeys(method, metadata, trusted)
  const scope = metadata.scope === undefined ? undefined : parseScope(metadata.scope)
  if (scope !== undefined && Result.isFailure(scope)) yield* invalid(`This scope does not exist: ${scope.failure}`)
  const registration: Registration = {
    name: metadata.client_name?.trim() || "A client without a name",
    method,
    redirects,
    grants,
    scope: scope === undefined ? undefined : Result.getOrElse(scope, () => []),
    jwks: metadata.jwks,
    jwksUri: metadata.jwks_uri,
    identity: metadata.identity
  }
  return registration
})

const checkKeys = Effect.fnUntraced(function* (
  method: string,
  { jwks, jwks_uri }: typeof Metadata.Type,
  trusted: boolean
) {
  if (jwks !== undefined && jwks_uri !== undefined) yield* invalid("Either jwks or jwks_uri, not both.")
  if (jwks_uri !== undefined) {
    // Whoever could have us fetch from anywhere could look around in our network.
    if (!trusted) yield* invalid("Send the keys as jwks: a jwks_uri is for clients that somebody answers for.")
    if (!isKeySetUrl(jwks_uri)) yield* invalid("A jwks_uri is https.")
  }
  if (jwks !== undefined) {
    const set = yield* Effect.promise(() => importForeignKeySet(jwks))
    if (Result.isFailure(set)) yield* invalid(`jwks: ${set.failure}`)
  }
  if (method === "private_key_jwt" && jwks === undefined && jwks_uri === undefined) {
    yield* invalid("private_key_jwt needs jwks.")
  }
})

/** What the client is told (RFC 7591, section 3.2.1). */
export const registrationAnswer = (client: Client, secret: string | undefined) => ({
  client_id: client.id,
  client_id_issued_at: Math.floor(client.createdAt / 1_000),
  ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
  client_name: client.name,
  redirect_uris: client.redirects,
  grant_types: client.grants,
  response_types: client.grants.includes(grantTypes.code) ? ["code"] : [],
  token_endpoint_auth_method: client.method,
  ...(client.scope === undefined ? {} : { scope: client.scope.join(" ") }),
  ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
  ...(client.jwksUri === undefined ? {} : { jwks_uri: client.jwksUri }),
  ...(client.identity === undefined ? {} : { identity: client.identity })
})
