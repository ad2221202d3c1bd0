import type { DatabaseError } from "@portico/gate/database"
import type { KernelService, NodeView } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AccessTokens, TokenGrant } from "../accessTokens.ts"
import { holdsCredentials, nameOf } from "../identities.ts"
import { makeOwnTokens } from "../keys/ownTokens.ts"
import type { SigningKeys } from "../keys/signingKeys.ts"
import type { Revocations } from "../revocations.ts"
import { type Client, grantTypes } from "./clients.ts"
import type { Grant, Grants } from "./grants.ts"
import { OAuthError } from "./OAuthError.ts"
import { scopeOf } from "./scopes.ts"

/** What a client is answered (RFC 6749, section 5.1). */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: "Bearer" | "DPoP"
  /** Seconds. */
  readonly expires_in: number
  readonly scope?: string
  readonly refresh_token?: string
  readonly id_token?: string
  readonly issued_token_type?: string
}

/** What was minted, and what the audit log is told of it. */
export interface Minted {
  readonly answer: TokenAnswer
  readonly identity: string
  readonly tokenId: string
}

export interface MintingOptions {
  readonly kernel: KernelService
  readonly issuer: string
  /** Seconds. */
  readonly lifetime: number
  readonly keys: SigningKeys
  readonly tokens: AccessTokens
  readonly revocations: Pick<Revocations, "generationOf">
  readonly grants: Grants
}

/** Makes tokens, once it is settled what they are for. */
export interface Minting {
  readonly accessToken: (
    grant: Omit<TokenGrant, "generation"> & { readonly generation?: number | undefined }
  ) => Effect.Effect<Minted, OAuthError | DatabaseError | PorticoError>
  /** All that a grant gives: an access token, and where they are due an id token and the next refresh token. */
  readonly ofGrant: (
    grant: Grant,
    client: Client,
    options: { readonly words?: ReadonlyArray<string> | undefined; readonly nonce?: string | undefined }
  ) => Effect.Effect<Minted, OAuthError | DatabaseError | PorticoError>
}

const gone = OAuthError.make("invalid_grant", "The identity does not exist any more.")

export const makeMinting = (options: MintingOptions): Minting => {
  const { grants, issuer, kernel, keys, lifetime, revocations, tokens } = options

  const identityNode = (id: string) =>
    Effect.flatMap(kernel.node(`@${id}`), (node) =>
      Option.isSome(node) && holdsCredentials(node.value) ? Effect.succeed(node.value) : Effect.fail(gone)
    )

  const accessToken: Minting["accessToken"] = (grant) =>
    Effect.gen(function* () {
      yield* identityNode(grant.identity)
      const generation = grant.generation ?? (yield* revocations.generationOf(grant.identity))
      const { expiresAt, id, token } = yield* tokens.issue({ ...grant, generation })
      const now = yield* Clock.currentTimeMillis
      const answer: TokenAnswer = {
        access_token: token,
        token_type: grant.jkt === undefined ? "Bearer" : "DPoP",
        expires_in: Math.max(0, Math.floor((expiresAt - now) / 1_000)),
        ...(grant.scope === undefined ? {} : { scope: grant.scope.words.join(" ") })
      }
      return { answer, identity: grant.identity, tokenId: id }
    })

  /** OpenID Connect Core, section 2. Their `typ` sets them apart from what opens doors. */
  const idTokens = makeOwnTokens({ issuer, keys, type: "id+jwt" })

  const idToken = (node: NodeView, grant: Grant, client: Client, words: ReadonlyArray<string>, nonce?: string) =>
    Effect.flatMap(Clock.currentTimeMillis, (millis) => {
      const profile = words.includes("profile") ? { name: nameOf(node), preferred_username: node.slug } : {}
      const time = grant.signedInAt === undefined ? {} : { auth_time: Math.floor(grant.signedInAt / 1_000) }
      return idTokens.sign({
        subject: node.id,
        audience: client.id,
        expiresAt: (Math.floor(millis / 1_000) + lifetime) * 1_000,
        claims: { ...profile, ...time, ...(nonce === undefined ? {} : { nonce }) }
      })
    })

  return {
    accessToken,
    ofGrant: (grant, client, { nonce, words = grant.scope }) =>
      Effect.gen(function* () {
        const node = yield* identityNode(grant.identity)
        const minted = yield* accessToken({
          identity: grant.identity,
          client: client.id,
          grant: grant.id,
          scope: scopeOf(words),
          jkt: grant.jkt
        })
        const refresh = client.grants.includes(grantTypes.refresh) ? yield* grants.refreshToken(grant.id) : undefined
        const id = words.includes("openid") ? yield* idToken(node, grant, client, words, nonce) : undefined
        const answer: TokenAnswer = {
          ...minted.answer,
          ...(refresh === undefined ? {} : { refresh_token: refresh }),
          ...(id === undefined ? {} : { id_token: id })
        }
        return { ...minted, answer }
      })
  }
}
