import type { Bound } from "@portico/kernel"
import type * as Effect from "effect/Effect"
import { makeOwnTokens, type OwnPayload } from "../keys/ownTokens.ts"
import type { SigningKeys } from "../keys/signingKeys.ts"

/** What tells a delegation from every other kind of token. */
export const delegationType = "portico-delegation+jwt"

/** What a delegation says. */
export interface DelegationClaims {
  readonly id: string
  /** Node id of the identity whose standing it is a part of. */
  readonly root: string
  readonly chain: ReadonlyArray<string>
}

/** What goes into a token. */
export interface NewDelegationToken extends DelegationClaims {
  /** URL of who is to accept it. */
  readonly audience: string
  /** Node id of the identity that it is for. */
  readonly actor?: string | undefined
  readonly jkt?: string | undefined
  /** What the last of the chain left. The ones before count as well; this instance knows them. */
  readonly scope: Bound
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Signs and checks delegations: JWTs of a type of their own, with the claims of RFC 8693 and RFC 7800. */
export interface DelegationTokens {
  readonly sign: (token: NewDelegationToken) => Effect.Effect<string>
  /** What the token says, or why it is refused, in words for the audit log. Whether it was revoked is not looked up. */
  readonly verify: (token: string) => Effect.Effect<DelegationClaims, string>
}

export const makeDelegationTokens = (issuer: string, keys: SigningKeys): DelegationTokens => {
  const tokens = makeOwnTokens({ issuer, keys, type: delegationType })
  return {
    sign: ({ actor, audience, chain, expiresAt, id, jkt, root, scope }) => {
      const claims = {
        chain,
        scope,
        ...(actor === undefined ? undefined : { act: { sub: actor } }),
        ...(jkt === undefined ? undefined : { cnf: { jkt } })
      }
      return tokens.sign({ subject: root, audience, id, expiresAt, claims })
    },
    verify: (token) => tokens.verify(token, claimsOf)
  }
}

/** What it says of itself. Throws the reason why it is refused. */
const claimsOf = ({ chain, jti, sub }: OwnPayload): DelegationClaims => {
  if (!Array.isArray(chain) || !chain.every((id) => typeof id === "string")) throw new Error("no chain")
  if (chain[chain.length - 1] !== jti) throw new Error("its chain does not end with it")
  return { id: jti, root: sub, chain }
}
