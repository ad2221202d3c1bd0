import { type GraphNode, readProps } from "@portico/client"
import { type AnyCallable, isPorticoError, PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DomainDefinition } from "../Domain.ts"
import { type CallableName, callableKey, type Invocation } from "../Invocation.ts"
import type { Implementations } from "./checkDomain.ts"
import type { AnyContext } from "./context.ts"
import type { FullContract } from "./fullContract.ts"
import type { ImplementationOf } from "./implementation.ts"
import { inputOf } from "./input.ts"
import { iteratedIn } from "./iterated.ts"
import { encodeResult } from "./output.ts"
import { settle } from "./settle.ts"

interface Handle {
  readonly ref: string
  readonly "~definition": never
}

/** A callable with the code behind it. */
interface Ready {
  readonly callable: AnyCallable
  readonly implementation: ImplementationOf
  readonly callerOnly: boolean
  readonly owner: Handle | undefined
}

/** Runs the code of a domain. See `DomainDefinition.invoke`. */
export const makeInvoke = (full: FullContract, implementations: Implementations): DomainDefinition["invoke"] => {
  const byKey = new Map(implementations.map((one) => [callableKey(one), one]))
  const ready = new Map<string, Ready>()

  const find = (name: CallableName): Ready | undefined => {
    const key = callableKey(name)
    const known = ready.get(key)
    const one = byKey.get(key)
    if (known !== undefined || one === undefined) return known
    const callable = full.callable(one)
    if (callable === undefined) return undefined
    const { implementation } = one
    const made: Ready = {
      callable,
      implementation,
      callerOnly: callable.contract.callerOnly === true || typeof implementation.authorize === "object",
      // Boundary: the compiled class or interface that declares the method.
      owner: one.owner === undefined ? undefined : (full.owner(one.owner.name) as Handle)
    }
    ready.set(key, made)
    return made
  }

  return (name, invocation) => {
    const found = find(name)
    return found === undefined
      ? Effect.fail(
          PorticoError.make("CONTRACT_MISMATCH", `${full.origin} has no code for ${callableKey(name)}.`, {
            callable: callableKey(name)
          })
        )
      : Effect.suspend(() => invoke(full.origin, found, invocation))
  }
}

const invoke = (
  origin: string,
  ready: Ready,
  invocation: Invocation
): Effect.Effect<unknown, PorticoError, Scope.Scope> => {
  const { callable, implementation } = ready
  const authorize = typeof implementation.authorize === "function" ? implementation.authorize : undefined
  const toldOf = (cause: Cause.Cause<unknown>) => told(origin, callable, cause)
  return Effect.gen(function* () {
    const { end, over, signal } = yield* calling(invocation)
    yield* Effect.addFinalizer(() => end)
    const params = yield* Effect.fromResult(callable.params.decode(invocation.params ?? {}))
    const input = yield* inputOf(callable, invocation, over)
    const context = yield* contextOf(ready, invocation, { params, input, signal })
    if (authorize !== undefined) yield* settle(() => authorize(context))
    const result = yield* settle(() => implementation.execute(context))
    const read = iteratedIn(yield* Effect.scope, { origin, path: callable.path, end })
    const encoded = yield* encodeResult(callable, result, { overHttp: invocation.request !== undefined, read })
    return Stream.isStream(encoded) ? Stream.catchCause(encoded, (cause) => Stream.fromEffect(toldOf(cause))) : encoded
  }).pipe(Effect.catchCause(toldOf))
}

/** How a handler is told that its call is over: its signal aborts, its input ends, and its clients refuse. */
const calling = (invocation: Invocation) =>
  Effect.map(Deferred.make<never, PorticoError>(), (over) => {
    const controller = new AbortController()
    const end = Effect.suspend(() => {
      controller.abort()
      return Effect.andThen(Deferred.fail(over, callOver), invocation.end ?? Effect.void)
    })
    return { end, over: Deferred.await(over), signal: controller.signal }
  })

const callOver = PorticoError.make("CANCELLED", "The call that this input was for is over.")

const contextOf = (
  { callable, callerOnly, owner }: Ready,
  invocation: Invocation,
  own: Pick<AnyContext, "params" | "input" | "signal">
): Effect.Effect<AnyContext, unknown> =>
  Effect.try({
    try: () => ({
      kernel: callerOnly ? invocation.caller : invocation.kernel,
      caller: invocation.caller,
      selfKernel: callerOnly ? refuseSelf(callable) : invocation.selfKernel,
      self: selfOf(owner, invocation.self),
      deps: invocation.deps,
      auth: invocation.auth,
      ...own,
      request: invocation.request
    }),
    catch: (cause) => cause
  })

const refuseSelf = (callable: AnyCallable) => () => {
  throw PorticoError.make("PERMISSION_DENIED", `${callable.path} acts with its caller's authority only.`)
}

/** The node with its properties decoded by the class or interface that declares the method. */
const selfOf = (owner: Handle | undefined, self: GraphNode | undefined): GraphNode | undefined =>
  owner === undefined || self === undefined ? undefined : { ...self, props: readProps(owner, self) }

/** What the caller is told of a failure. */
const told = (
  origin: string,
  callable: AnyCallable,
  cause: Cause.Cause<unknown>
): Effect.Effect<never, PorticoError> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
  const error = Cause.squash(cause)
  if (isPorticoError(error)) return Effect.fail(error)
  return Effect.andThen(
    Effect.logError(`${callable.path} failed.`, cause).pipe(Effect.annotateLogs({ domain: origin })),
    Effect.fail(PorticoError.make("INTERNAL", `${callable.path} failed.`))
  )
}
