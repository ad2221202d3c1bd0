import type { Bound } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { isBound } from "../bounds.ts"
import { makeOwnTokens, type OwnPayload } from "../keys/ownTokens.ts"
import type { SigningKeys } from "../keys/signingKeys.ts"
import { randomName } from "../secrets.ts"

/** What tells a view's token from every other kind. */
export const viewTokenType = "portico-view+jwt"

/** How every token that is signed here begins, and no other of this instance's. */
const start = Buffer.from(`{"alg":"EdDSA","typ":"${viewTokenType}"`).toString("base64url").slice(0, -2)

/** Whether a credential is to be looked at as a view's token. */
export const isViewToken = (credential: string): boolean => credential.startsWith(start)

/** What a view's token says. */
export interface ViewClaims {
  readonly id: string
  /** Node id of the View. */
  readonly view: string
  readonly bound: Bound
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Signs and checks tokens with which a View is rendered for whoever looks at it. */
export interface ViewTokens {
  /** `ttl` is in seconds. */
  readonly issue: (
    view: string,
    bound: Bound,
    ttl: number
  ) => Effect.Effect<{ readonly id: string; readonly token: string; readonly expiresAt: number }>
  /** What the token says, or why it is refused, in words for the audit log. */
  readonly verify: (token: string) => Effect.Effect<ViewClaims, string>
}

export interface ViewTokenOptions {
  readonly issuer: string
  readonly keys: SigningKeys
  /** Seconds. */
  readonly longest: number
}

export const makeViewTokens = ({ issuer, keys, longest }: ViewTokenOptions): ViewTokens => {
  const tokens = makeOwnTokens({ issuer, keys, type: viewTokenType })
  return {
    issue: (view, bound, ttl) =>
      Effect.gen(function* () {
        const now = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
        const expiresAt = (now + Math.min(ttl, longest)) * 1_000
        const id = randomName()
        const token = yield* tokens.sign({ subject: view, audience: issuer, id, expiresAt, claims: { bound } })
        return { id, expiresAt, token }
      }),
    verify: (token) => tokens.verify(token, claimsOf)
  }
}

/** What it says of itself. Throws the reason why it is refused. */
const claimsOf = ({ bound, exp, jti, sub }: OwnPayload): ViewClaims => {
  if (!isBound(bound)) throw new Error("narrowed in a way that is not known")
  return { id: jti, view: sub, bound, expiresAt: Number(exp) * 1_000 }
}
