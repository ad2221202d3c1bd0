import { Authority, type Half } from "@portico/kernel"
import { ALL, SHARE } from "@portico/schema"

/** How far a domain may act with its callers' authority, as its install says. */
export interface Acts {
  /** Ids of the nodes at the top of the area. */
  readonly nodes: ReadonlyArray<string>
  readonly perms: number
}

/** Whose call it is, and of what. */
export interface HalvesInput {
  /** Of the caller. */
  readonly authority: Authority
  /** Node ids of the function and of its Domain. */
  readonly functionId: string
  readonly domainId: string
  readonly acts: Acts | null
  /** Milliseconds since the epoch. */
  readonly deadline: number
}

/** What a function acts with. */
export interface Halves {
  /** What the caller delegated and what the function was granted. */
  readonly kernel: Authority
  /** What the caller delegated; `null` without a credential. */
  readonly caller: Authority | null
  /** What the function was granted. */
  readonly self: Authority
  /** Node id of who calls, `null` without a credential. A function that calls for itself is its own caller. */
  readonly principal: string | null
}

/**
 * The two halves of a call. The caller's never has SHARE and is bounded by `acts`; a domain that declares none gets
 * nothing of it. Only the caller's own halves are delegated: what a function was granted stays with it, also when it
 * calls on into another origin.
 */
export const halvesOf = ({ acts, authority, deadline, domainId, functionId }: HalvesInput): Halves => {
  const own = { id: functionId, also: [domainId] }
  const principal = principalOf(authority)
  const delegated = authority.halves.filter((half) => half.kind === "caller" && half.identity !== null)
  const bounded = acts === null ? [] : delegated.map((half) => boundedBy(half, acts))
  // Who makes a change is recorded; where nobody showed a credential, that is the function itself.
  const actor = authority.actor ?? principal ?? functionId
  const base = { ...authority, halves: bounded, actor }
  const union = Authority.withDeadline(Authority.withFunction(base, own), deadline)
  return {
    kernel: union,
    caller: principal === null ? null : Authority.callerOnly(union),
    self: Authority.withDeadline(Authority.functionOnly(base, own), deadline),
    principal
  }
}

/** The kernel's own operations need no bound that names them: what they reach is bounded. */
const boundedBy = (half: Half, acts: Acts): Half => ({
  ...half,
  bounds: [...half.bounds, { nodes: "all", perms: ALL & ~SHARE }, { nodes: acts.nodes, perms: acts.perms }]
})

const principalOf = (authority: Authority): string | null => {
  if (authority.actor !== null && authority.halves.some((half) => half.kind === "caller" && half.identity !== null)) {
    return authority.actor
  }
  // Only a function's own authority is left: the function calls for itself.
  return authority.halves.find((half) => half.kind === "function")?.identity ?? null
}
