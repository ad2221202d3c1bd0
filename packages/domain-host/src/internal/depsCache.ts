import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { LocalDomain } from "../DomainHost.ts"

/** What handlers of a domain work with: made when the first of them runs, released with `scope`. */
export type DepsCache = (domain: LocalDomain) => Effect.Effect<unknown, PorticoError>

/** A failure is not kept: the next call tries again. */
export const makeDepsCache = (scope: Scope.Scope, env: Readonly<Record<string, string | undefined>>): DepsCache => {
  const made = new WeakMap<LocalDomain, { readonly deps: unknown }>()
  const turn = Semaphore.makeUnsafe(1)

  const make = (domain: LocalDomain): Effect.Effect<unknown, PorticoError> =>
    Effect.gen(function* () {
      const before = made.get(domain)
      if (before !== undefined) return before.deps
      const own = yield* Scope.fork(scope)
      const deps = yield* domain.definition.makeDeps(domain.env ?? env).pipe(
        Scope.provide(own),
        Effect.onError(() => Scope.close(own, Exit.void))
      )
      made.set(domain, { deps })
      return deps
    })

  return (domain) => {
    const before = made.get(domain)
    return before === undefined ? Semaphore.withPermit(turn, make(domain)) : Effect.succeed(before.deps)
  }
}
