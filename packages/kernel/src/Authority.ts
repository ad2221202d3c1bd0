import type { RequestOrigin } from "@portico/gate"
import * as Predicate from "effect/Predicate"

/**
 * An area in which some bits may be used: what an `acts` clause or a delegation leaves of an authority.
 * A node outside `nodes` (and everything below them) is left with no bits at all. Callables of domains are nodes like
 * any other: a bound that is meant to let one be called names it, or something above it, and has USE. The kernel's own
 * operations (`get`, `createNode`, …) need not be named, since what they reach is bounded; and for USE of a class only `perms` counts.
 */
export interface Bound {
  /** Ids of the nodes at the top of the area, or `"all"` for the whole graph. */
  readonly nodes: ReadonlyArray<string> | "all"
  /** Mask of the bits that survive inside the area. */
  readonly perms: number
  /**
   * Ids of the callables that may be called, or of nodes that they are below; all of them where it is left out. Whoever
   * shows the credential may call nothing else, the kernel's own operations included. A function that may be called
   * may in turn use the kernel's operations in its caller's name, within the rest of the bound, but call no function
   * that is not named.
   */
  readonly functions?: ReadonlyArray<string>
}

/** What a caller showed, as gate's `Caller` has it. */
export interface ShownCredential {
  readonly kind: string
  readonly id?: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** One source of permission: who delegated it, and how far it was narrowed on the way. */
export interface Half {
  /** `caller`: what the caller may do. `function`: what the running function was itself granted. */
  readonly kind: "caller" | "function"
  /** Node id of the identity; `null` is an anonymous caller. */
  readonly identity: string | null
  /** Further identities of the same half, for example the Domain of a function. */
  readonly also: ReadonlyArray<string>
  /** Each narrows what the ones before left. */
  readonly bounds: ReadonlyArray<Bound>
}

/**
 * On whose behalf the kernel is asked, and how far that reaches.
 *
 * The mask of an authority on a node is the OR over its halves of the mask of the half's identities (with all their
 * groups, and the implicit `everyone` and `authenticated`) AND each of the half's bounds. Nothing in here is trusted
 * by being present: masks are computed from the grants in the graph at each use, so a revoke bites at once.
 */
export interface Authority {
  readonly halves: ReadonlyArray<Half>
  /** Node id of who is recorded as the author of a change; `null` is an anonymous caller. */
  readonly actor: string | null
  /** Node id of the function through which a change is made, or of the identity that a credential was delegated to. */
  readonly via?: string
  /** What the first caller showed. It gives nothing; what is made of this authority may have to end with it. */
  readonly credential?: ShownCredential
  /** Where the first caller's request came from. It gives nothing; it is what records have. */
  readonly from?: RequestOrigin
  /** How many calls led here. At most 32. */
  readonly depth: number
  /** Milliseconds since the epoch, after which nothing is started any more. */
  readonly deadline?: number
  /** The instance itself: every bit on every node. Never made from a request. */
  readonly system?: true
}

/** The instance itself, for boot, installs and migrations. It holds every bit on every node. */
const system: Authority = Object.freeze({ halves: [], actor: null, depth: 0, system: true })

/** A caller without a credential: only what `everyone` was granted. */
const anonymous: Authority = Object.freeze({
  halves: [Object.freeze({ kind: "caller", identity: null, also: [], bounds: [] } satisfies Half)],
  actor: null,
  depth: 0
})

/** The full standing of one identity, for example after its token was verified. */
const identity = (id: string): Authority => ({
  halves: [{ kind: "caller", identity: id, also: [], bounds: [] }],
  actor: id,
  depth: 0
})

const nothing: Bound = { nodes: [], perms: 0 }

const isBound = (value: unknown): value is Bound => {
  if (typeof value !== "object" || value === null || !("nodes" in value) || !("perms" in value)) return false
  const { nodes, perms } = value
  const isArea = nodes === "all" || isIds(nodes)
  const functions = "functions" in value ? value.functions : undefined
  return isArea && Number.isInteger(perms) && (functions === undefined || isIds(functions))
}

const isIds = (value: unknown): boolean => Array.isArray(value) && value.every((id) => typeof id === "string")

/** Who asks, as gate's `Authenticator` found out. */
export interface ScopedCaller {
  readonly id: string
  readonly credential?: ShownCredential
  readonly scope?: unknown
}

/**
 * The authority of a request's caller, `undefined` being one without a credential. A `scope` narrows it: it has to be
 * `{ bounds: Bound[], via?: id }`, and any other leaves nothing, so a credential that is not understood is never a wide
 * one. `via` is the identity that shows it, where that is not the one whose standing it is.
 */
const fromCaller = (caller: ScopedCaller | undefined, from?: RequestOrigin): Authority => {
  if (caller === undefined) return from === undefined ? anonymous : { ...anonymous, from }
  const { credential, id, scope } = caller
  const whole: Authority = {
    ...identity(id),
    ...(credential === undefined ? undefined : { credential }),
    ...(from === undefined ? undefined : { from })
  }
  if (scope === undefined) return whole
  const bounds = Predicate.hasProperty(scope, "bounds") ? scope.bounds : undefined
  if (!Array.isArray(bounds) || !bounds.every(isBound)) return narrow(whole, nothing)
  const left = bounds.reduce<Authority>((wide, bound) => narrow(wide, bound), whole)
  return Predicate.hasProperty(scope, "via") && typeof scope.via === "string" ? { ...left, via: scope.via } : left
}

/**
 * What a function acts with: the caller's halves as given (narrow them first), and the function's own standing.
 * Function halves of the caller are dropped: a function never hands on what was granted to itself.
 */
const withFunction = (
  caller: Authority,
  own: { readonly id: string; readonly also?: ReadonlyArray<string>; readonly bounds?: ReadonlyArray<Bound> }
): Authority => ({
  ...delegated(caller),
  halves: [
    ...caller.halves.filter((half) => half.kind === "caller"),
    { kind: "function", identity: own.id, also: own.also ?? [], bounds: own.bounds ?? [] }
  ],
  via: own.id
})

/** Only the function's own standing: `selfKernel()`. */
const functionOnly = (
  caller: Authority,
  own: { readonly id: string; readonly also?: ReadonlyArray<string>; readonly bounds?: ReadonlyArray<Bound> }
): Authority => ({
  ...delegated(caller),
  halves: [{ kind: "function", identity: own.id, also: own.also ?? [], bounds: own.bounds ?? [] }],
  via: own.id
})

/** Only what the caller delegated: for calls into another origin, and for `callerOnly` checks. */
const callerOnly = (authority: Authority): Authority => ({
  ...authority,
  halves: authority.halves.filter((half) => half.kind === "caller")
})

/**
 * Narrows every half by `bound`. A system authority has no halves to narrow; it loses its standing instead of
 * keeping it, since nothing that is narrowed may still be everything.
 */
const narrow = (authority: Authority, bound: Bound): Authority => {
  const { system: _, ...rest } = authority
  return { ...rest, halves: authority.halves.map((half) => ({ ...half, bounds: [...half.bounds, bound] })) }
}

/** The same authority with a deadline no later than `deadline`, in milliseconds since the epoch. */
const withDeadline = (authority: Authority, deadline: number): Authority => ({
  ...authority,
  deadline: Math.min(authority.deadline ?? deadline, deadline)
})

const delegated = (caller: Authority): Omit<Authority, "halves" | "system"> => ({
  actor: caller.actor,
  depth: caller.depth + 1,
  ...(caller.credential === undefined ? undefined : { credential: caller.credential }),
  ...(caller.from === undefined ? undefined : { from: caller.from }),
  ...(caller.deadline === undefined ? undefined : { deadline: caller.deadline })
})

/**
 * Makes and narrows authorities. All pure.
 *
 * @example
 * ```ts
 * import { Authority } from "@portico/kernel"
 *
 * const ada = Authority.identity("0198c0de-0000-7000-8000-000000000001")
 * const projects = "0198c0de-0000-7000-8000-000000000002"
 * const delegated = Authority.narrow(ada, { nodes: [projects], perms: 3 })
 * const inFunction = Authority.withFunction(delegated, { id: "0198c0de-0000-7000-8000-000000000003" })
 * ```
 */
export const Authority = {
  system,
  anonymous,
  identity,
  fromCaller,
  withFunction,
  functionOnly,
  callerOnly,
  narrow,
  withDeadline
} as const
