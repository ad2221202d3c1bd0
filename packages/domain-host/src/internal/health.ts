import type { PostInstallState } from "../DomainHost.ts"

/** What may be wrong with a domain, each on its own. */
export type Concern = "install" | "environment" | "postInstall"

/** What is wrong with which domain, in words that anybody may read. */
export interface Health {
  readonly raise: (origin: string, concern: Concern, reason: string) => void
  readonly settle: (origin: string, concern: Concern) => void
  /** Everything about one domain, or `null`. */
  readonly of: (origin: string) => string | null
  readonly all: () => ReadonlyArray<string>
  /** Says how a `postInstall` stands. */
  readonly postInstall: (origin: string, state: PostInstallState) => void
  readonly isPending: (origin: string) => boolean
}

export const makeHealth = (): Health => {
  const concerns = new Map<string, Map<Concern, string>>()
  const pending = new Set<string>()
  const raise = (origin: string, concern: Concern, reason: string): void => {
    const known = concerns.get(origin) ?? new Map<Concern, string>()
    concerns.set(origin, known.set(concern, reason))
  }
  const settle = (origin: string, concern: Concern): void => {
    concerns.get(origin)?.delete(concern)
  }
  const reasons = (origin: string) => [...(concerns.get(origin)?.values() ?? [])]
  return {
    raise,
    settle,
    of: (origin) => reasons(origin).join("; ") || null,
    all: () => [...concerns.keys()].flatMap(reasons),
    postInstall: (origin, state) => {
      if (state.status === "pending") pending.add(origin)
      else pending.delete(origin)
      if (state.status === "pending") raise(origin, "postInstall", `postInstall of ${origin} has not run yet`)
      else if (state.status === "failed") {
        raise(origin, "postInstall", `postInstall of ${origin} failed: ${state.code}: ${state.message}`)
      } else settle(origin, "postInstall")
    },
    isPending: (origin) => pending.has(origin)
  }
}
