import type { Auth, Invocation, Principal } from "@portico/domain"
import type { DispatchCall, KernelService } from "@portico/kernel"
import { K, PorticoError, READ } from "@portico/schema"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { DomainHostService } from "../DomainHost.ts"
import { type CallLife, makeCallScopes } from "./callScope.ts"
import type { Catalogue } from "./catalogue.ts"
import type { DepsCache } from "./depsCache.ts"
import type { makeDrift } from "./drift.ts"
import { guardedClient } from "./guardedClient.ts"
import { type Halves, halvesOf } from "./halves.ts"
import { CurrentIncoming } from "./incoming.ts"
import type { InstalledDomains } from "./installedDomains.ts"

export interface DispatchTools {
  readonly kernel: KernelService
  readonly catalogue: Catalogue
  readonly installed: InstalledDomains
  readonly drift: ReturnType<typeof makeDrift>
  readonly deps: DepsCache
  /** Calls end with it. */
  readonly scope: Scope.Scope
}

/** Runs a callable of a domain in this process. */
export const makeDispatch = (tools: DispatchTools): DomainHostService["dispatch"] => {
  const { catalogue, deps, drift, installed, kernel } = tools

  const inScope = makeCallScopes(tools.scope)

  const run = Effect.fnUntraced(function* (
    call: DispatchCall,
    life: CallLife
  ): Effect.fn.Return<unknown, PorticoError, Scope.Scope> {
    const { callable } = call
    const local = catalogue.find(callable.origin)
    if (local === undefined) {
      return yield* PorticoError.make(
        "UNAVAILABLE",
        `${callable.origin} is installed, but its code does not run here.`,
        {
          origin: callable.origin
        }
      )
    }
    const domain = yield* installed.byId(callable.domainId)
    const drifted = yield* drift(local.definition.bundle, domain)
    if (drifted.kind === "mismatch") return yield* Effect.fail(drifted.error)
    const halves = halvesOf({
      authority: call.authority,
      functionId: callable.nodeId,
      domainId: callable.domainId,
      acts: yield* installed.acts(domain),
      deadline: call.deadline
    })
    const incoming = yield* CurrentIncoming
    const made = yield* deps(local)
    const invocation = yield* invocationOf(kernel, call, halves, life, made)
    const result = yield* local.definition.invoke(callable, { ...invocation, request: incoming?.request })
    if (!(result instanceof Response)) return result
    if (incoming !== undefined) incoming.response = result
    return null
  })

  return (call) => {
    const { name, origin } = call.callable
    const error = PorticoError.make("TIMEOUT", `${name} of ${origin} ran past its deadline.`)
    return inScope((life) => run(call, life), { at: call.deadline, error })
  }
}

const invocationOf = Effect.fnUntraced(function* (
  kernel: KernelService,
  call: DispatchCall,
  halves: Halves,
  life: CallLife,
  deps: unknown
): Effect.fn.Return<Invocation, PorticoError> {
  // What a handler calls on is no longer the call that came in by a URL.
  const context = Context.add(yield* Effect.context(), CurrentIncoming, undefined)
  const client = (authority: Halves["kernel"]) => guardedClient(kernel, authority, life, context)
  const auth = yield* authOf(kernel, call, halves.principal)
  return {
    params: call.params,
    input: call.input,
    self: yield* selfOf(kernel, call, halves),
    kernel: auth === null ? null : client(halves.kernel),
    caller: auth === null || halves.caller === null ? null : client(halves.caller),
    selfKernel: () => client(halves.self),
    auth,
    deps,
    end: life.end
  }
})

/** A node that neither half may READ is passed as its address alone, whatever the function needs on it. */
const selfOf = (
  kernel: KernelService,
  call: DispatchCall,
  halves: Halves
): Effect.Effect<DispatchCall["self"], PorticoError> => {
  const { callable, self } = call
  if (self === undefined || (callable.contract.needs & READ) !== 0) return Effect.succeed(self)
  return Effect.map(kernel.mask(halves.kernel, `@${self.id}`), (mask) =>
    (mask & READ) === 0 ? { ...self, props: {}, createdAt: 0, updatedAt: 0 } : self
  )
}

const authOf = Effect.fnUntraced(function* (
  kernel: KernelService,
  call: DispatchCall,
  principal: string | null
): Effect.fn.Return<Auth | null, PorticoError> {
  if (principal === null) return null
  const node = yield* kernel.node(`@${principal}`)
  if (Option.isNone(node)) return null
  const { class: ref, id, path, props, slug } = node.value
  const name = props[K.Named.name.key]
  const who: Principal = { id, path, class: ref, name: typeof name === "string" && name !== "" ? name : slug }
  const { via } = call.authority
  return {
    principal: who,
    claims: { sub: id, ...(via === undefined ? undefined : { act: via }), exp: Math.floor(call.deadline / 1000) }
  }
})
