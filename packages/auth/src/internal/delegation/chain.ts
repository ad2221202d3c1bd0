import type { Bound } from "@portico/kernel"
import { ALL, SHARE } from "@portico/schema"

/** Credentials in a chain, at most. */
export const longestChain = 8

/** Bounds that one credential can carry: those of its chain, and what functions on the way have narrowed. */
export const mostBounds = 64

/** A credential as it is kept: the whole of what it is narrowed by, and which ones it came of. */
export interface Delegation {
  readonly id: string
  /** Node id of the identity whose standing it is a part of. */
  readonly root: string
  /** Ids from the first credential of the chain to this one. */
  readonly chain: ReadonlyArray<string>
  /** Each narrows what the ones before left. */
  readonly bounds: ReadonlyArray<Bound>
  readonly audience: Audience
  /** Thumbprint of the key that it has to be shown with. */
  readonly jkt: string | null
  /** Id of the API key that the first of the chain was made with. */
  readonly apiKey: string | null
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
}

/** Whom a credential is for: whoever holds it, an identity of this instance (by node id), or a service elsewhere. */
export type Audience =
  | { readonly kind: "holder" }
  | { readonly kind: "identity"; readonly id: string }
  | { readonly kind: "service"; readonly url: string }

/** What is asked of a new credential, with addresses resolved to node ids. */
export interface Wish {
  readonly nodes?: ReadonlyArray<string> | undefined
  /** Mask. */
  readonly perms?: number | undefined
  readonly functions?: ReadonlyArray<string> | undefined
}

/** What a wish leaves. Who may share could give more away than the credential lasts for, so that has to be asked for. */
export const boundOf = ({ functions, nodes, perms }: Wish): Bound => ({
  nodes: nodes ?? "all",
  perms: perms ?? ALL & ~SHARE,
  ...(functions === undefined ? undefined : { functions })
})

/** When a new credential ends, in whole seconds as its token says it: never after any of `limits`. Milliseconds. */
export const endOf = (now: number, ttl: number, limits: ReadonlyArray<number | undefined>): number =>
  Math.floor(Math.min(now + ttl * 1_000, ...limits.filter((limit) => limit !== undefined)) / 1_000) * 1_000

/**
 * Why a credential is worth nothing, as its chain is kept; `undefined` where it is good. `links` are the rows that were
 * found of `claimed`, in any order.
 */
export const reasonAgainst = (
  claimed: { readonly root: string; readonly chain: ReadonlyArray<string> },
  links: ReadonlyArray<Delegation>,
  now: number
): string | undefined => {
  const { chain, root } = claimed
  if (chain.length === 0 || chain.length > longestChain) return "its chain is too long"
  if (new Set(chain).size !== chain.length) return "its chain goes round"
  const byId = new Map(links.map((link) => [link.id, link]))
  for (const [index, id] of chain.entries()) {
    const link = byId.get(id)
    if (link === undefined) return "a credential of its chain is not known"
    if (link.root !== root) return "its chain is not of one identity"
    if (!isPrefix(link.chain, chain, index + 1)) return "its chain is not as it was made"
    if (link.revokedAt !== null) return "revoked"
    if (link.expiresAt <= now) return "expired"
  }
  return undefined
}

const isPrefix = (part: ReadonlyArray<string>, whole: ReadonlyArray<string>, length: number): boolean =>
  part.length === length && part.every((id, index) => id === whole[index])
