import type { DatabaseError } from "@portico/gate/database"
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type AccessTokens, longestChain } from "../accessTokens.ts"
import type { Audit } from "../audit.ts"
import type { Revocations } from "../revocations.ts"
import { sameBytes, sha256 } from "../secrets.ts"
import { askedWords } from "./asked.ts"
import { unverifiedIssuer, type VerifyAssertion } from "./assertions.ts"
import { type Client, grantTypes } from "./clients.ts"
import type { Codes } from "./codes.ts"
import type { Devices } from "./devices.ts"
import type { Grant, Grants } from "./grants.ts"
import type { Issuers } from "./issuers.ts"
import type { Minted, Minting } from "./minting.ts"
import { OAuthError } from "./OAuthError.ts"
import { scopeOf, subset, within } from "./scopes.ts"

/** A request for tokens, once its client and its proof of possession are known. */
export interface TokenRequest {
  readonly params: ReadonlyMap<string, string>
  readonly client: Client | undefined
  readonly jkt: string | undefined
}

export interface TokenGrantOptions {
  readonly issuer: string
  readonly codes: Codes
  readonly grants: Grants
  readonly devices: Devices
  readonly issuers: Issuers
  readonly tokens: AccessTokens
  readonly revocations: Revocations
  readonly verifyAssertion: VerifyAssertion
  readonly minting: Minting
  readonly audit: Audit
}

/** Answers one type of grant. */
export type TokenGrantType = (request: TokenRequest) => Effect.Effect<Minted, OAuthError | DatabaseError | PorticoError>

const invalidGrant = (reason: string) =>
  OAuthError.make("invalid_grant", "What was shown is not valid, has expired, or was used before.", { reason })

const missing = (name: string) => OAuthError.make("invalid_request", `${name} is missing.`)

const required = (params: ReadonlyMap<string, string>, name: string): Effect.Effect<string, OAuthError> => {
  const value = params.get(name)
  return value === undefined ? Effect.fail(missing(name)) : Effect.succeed(value)
}

const known = (client: Client | undefined): Effect.Effect<Client, OAuthError> =>
  client === undefined
    ? Effect.fail(OAuthError.make("invalid_client", "Which client asks has to be said.", { status: 401 }))
    : Effect.succeed(client)

const verifierFormat = /^[A-Za-z0-9\-._~]{43,128}$/

/** RFC 7636, section 4.6, with S256. */
const isVerified = (verifier: string, challenge: string): boolean =>
  verifierFormat.test(verifier) &&
  sameBytes(Buffer.from(sha256(verifier).toString("base64url")), Buffer.from(challenge))

export const makeTokenGrants = (options: TokenGrantOptions): Readonly<Record<string, TokenGrantType>> => {
  const { audit, codes, devices, grants, issuer, issuers, minting, revocations, tokens } = options

  /** The grant, bound to the key that the client shows: for good, from the first time on. */
  const bound = (grant: Grant, jkt: string | undefined): Effect.Effect<Grant, OAuthError | DatabaseError> => {
    if (grant.jkt === jkt) return Effect.succeed(grant)
    if (grant.jkt !== undefined || jkt === undefined) return Effect.fail(invalidGrant("without the key it is bound to"))
    return Effect.as(grants.bind(grant.id, jkt), { ...grant, jkt })
  }

  const code: TokenGrantType = ({ client: asked, jkt, params }) =>
    Effect.gen(function* () {
      const client = yield* known(asked)
      const found = yield* codes.find(yield* required(params, "code"))
      const verifier = yield* required(params, "code_verifier")
      if (found === undefined) return yield* invalidGrant("unknown code")
      const grant = yield* grants.find(found.grant)
      if (grant === undefined || grant.client !== client.id) return yield* invalidGrant("a code for another client")
      if (params.get("redirect_uri") !== undefined && params.get("redirect_uri") !== found.redirect) {
        return yield* invalidGrant("another redirect URI")
      }
      if (!isVerified(verifier, found.challenge)) return yield* invalidGrant("wrong code verifier")
      if (!(yield* codes.use(found.id))) {
        // RFC 6749, section 4.1.2: one of the two who have it has no right to it.
        yield* grants.end(grant.id)
        yield* audit.write({ event: "code.reused", identity: grant.identity, details: { client: client.id } })
        return yield* invalidGrant("a code that was used before")
      }
      if (found.expired) return yield* invalidGrant("an expired code")
      return yield* minting.ofGrant(yield* bound(grant, jkt), client, { nonce: found.nonce })
    })

  const refresh: TokenGrantType = ({ client: asked, jkt, params }) =>
    Effect.gen(function* () {
      const client = yield* known(asked)
      const token = yield* required(params, "refresh_token")
      const words = params.get("scope")?.split(" ")
      const refreshed = yield* grants.refresh(token, (grant) => {
        if (grant.client !== client.id) return "of another client"
        if (grant.jkt !== jkt) return "without the key it is bound to"
        return words !== undefined && Result.isFailure(subset(words, grant.scope)) ? "beyond its scope" : undefined
      })
      if (refreshed._tag === "Reused") {
        const { grant, identity } = refreshed
        yield* audit.write({ event: "refresh-token.reused", identity, details: { client: client.id, grant } })
        return yield* invalidGrant("a refresh token that was used before")
      }
      if (refreshed._tag === "Bad") {
        return yield* refreshed.reason === "beyond its scope"
          ? OAuthError.make("invalid_scope", "More was asked for than was granted.")
          : invalidGrant(refreshed.reason)
      }
      const { grant } = refreshed
      const narrower = words && Result.getOrElse(subset(words, grant.scope), () => grant.scope)
      return yield* minting.ofGrant(grant, client, { words: narrower })
    })

  const forItself: TokenGrantType = ({ client: asked, jkt, params }) =>
    Effect.gen(function* () {
      const client = yield* known(asked)
      if (client.identity === undefined || client.method === "none") {
        return yield* OAuthError.make("unauthorized_client", "This client is nobody by itself.")
      }
      const scope = scopeOf(yield* askedWords(params.get("scope"), client))
      return yield* minting.accessToken({ identity: client.identity, client: client.id, scope, jkt })
    })

  const device: TokenGrantType = ({ client: asked, jkt, params }) =>
    Effect.gen(function* () {
      const client = yield* known(asked)
      const polled = yield* devices.poll(yield* required(params, "device_code"), client.id)
      if (typeof polled === "object") {
        const grant = yield* grants.find(polled.grant)
        if (grant === undefined) return yield* invalidGrant("its authorization was ended")
        return yield* minting.ofGrant(yield* bound(grant, jkt), client, {})
      }
      return yield* deviceAnswers[polled]
    })

  const assertion: TokenGrantType = ({ client, jkt, params }) =>
    Effect.gen(function* () {
      const text = yield* required(params, "assertion")
      const iss = unverifiedIssuer(text)
      const trusted = iss === undefined ? undefined : yield* issuers.find(iss)
      if (iss === undefined || trusted === undefined) return yield* invalidGrant("an issuer that is not trusted")
      const verified = yield* Effect.result(
        options.verifyAssertion(text, { issuer: iss, keys: { url: trusted.jwksUri } })
      )
      if (Result.isFailure(verified)) {
        const error = verified.failure
        return yield* typeof error === "string" ? invalidGrant(`an assertion: ${error}`) : Effect.fail(error)
      }
      const identity = yield* issuers.identityOf(iss, verified.success.sub)
      if (identity === undefined) return yield* invalidGrant("a subject that stands for nobody here")
      const scope = scopeOf(yield* askedWords(params.get("scope"), client))
      return yield* minting.accessToken({ identity, client: client?.id, scope, jkt })
    })

  const exchange: TokenGrantType = ({ client: asked, jkt, params }) =>
    Effect.gen(function* () {
      const client = yield* known(asked)
      const type = params.get("requested_token_type") ?? accessTokenType
      if (type !== accessTokenType) return yield* OAuthError.make("invalid_request", "Only access tokens are given.")
      if ((yield* required(params, "subject_token_type")) !== accessTokenType || params.has("actor_token")) {
        return yield* OAuthError.make("invalid_request", "Only an access token, and no actor, can be exchanged.")
      }
      const audience = params.get("audience")
      if (audience !== undefined && audience !== issuer) {
        return yield* OAuthError.make("invalid_target", "Tokens are for this instance only.")
      }
      const token = yield* required(params, "subject_token")
      const claims = yield* Effect.mapError(tokens.verify(token), invalidGrant)
      const ended = revocations.reasonAgainst(claims)
      if (ended !== undefined) return yield* invalidGrant(ended)
      if (claims.jkt !== undefined && claims.jkt !== jkt) return yield* invalidGrant("without the key it is bound to")
      const chain = [...(claims.chain ?? []), claims.tokenId]
      if (chain.length > longestChain) return yield* invalidGrant(`exchanged more than ${longestChain} times`)
      const words = params.has("scope") ? yield* askedWords(params.get("scope"), client) : undefined
      const minted = yield* minting.accessToken({
        identity: claims.identity,
        generation: claims.generation,
        client: client.id,
        grant: claims.grant,
        // What was left of the subject's authority, and of that no more than is asked for.
        scope: words === undefined ? claims.scope : within(claims.scope, words),
        jkt: claims.jkt ?? jkt,
        chain,
        actors: [client.id, ...(claims.actors ?? [])].slice(0, longestChain),
        until: claims.expiresAt
      })
      return { ...minted, answer: { ...minted.answer, issued_token_type: accessTokenType } }
    })

  return {
    [grantTypes.code]: code,
    [grantTypes.refresh]: refresh,
    [grantTypes.client]: forItself,
    [grantTypes.device]: device,
    [grantTypes.assertion]: assertion,
    [grantTypes.exchange]: exchange
  }
}

const accessTokenType = "urn:ietf:params:oauth:token-type:access_token"

/** RFC 8628, section 3.5. */
const deviceAnswers = {
  unknown: invalidGrant("unknown device code"),
  expired: OAuthError.make("expired_token", "Nobody has entered the code in time."),
  pending: OAuthError.make("authorization_pending", "Nobody has entered the code yet."),
  slow: OAuthError.make("slow_down", "Ask less often."),
  denied: OAuthError.make("access_denied", "It was denied.")
} as const
