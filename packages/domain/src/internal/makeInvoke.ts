import { type GraphNode, readProps } from "@portico/client"
import { type AnyCallable, type Codec, isPorticoError, PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { DomainDefinition } from "../Domain.ts"
import { type CallableName, callableKey, type Invocation } from "../Invocation.ts"
import type { Implementations } from "./checkDomain.ts"
import type { AnyContext } from "./context.ts"
import type { FullContract } from "./fullContract.ts"
import type { ImplementationOf } from "./implementation.ts"
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

const invoke = (origin: string, ready: Ready, invocation: Invocation): Effect.Effect<unknown, PorticoError> => {
  const controller = new AbortController()
  const { callable, implementation } = ready
  const authorize = typeof implementation.authorize === "function" ? implementation.authorize : undefined
  return Effect.gen(function* () {
    const { input, output } = callable.contract
    // Bytes come in as the body of a request; a call without one cannot carry them.
    const carried = input === "value" || (input === "binary" && invocation.request !== undefined)
    if (!carried || output !== "value") {
      return yield* PorticoError.make("NOT_IMPLEMENTED", `${callable.path} takes or gives what a call does not carry.`)
    }
    const params = yield* Effect.fromResult(callable.params.decode(invocation.params ?? {}))
    const context = yield* contextOf(ready, invocation, params, controller.signal)
    if (authorize !== undefined) yield* settle(() => authorize(context))
    const result = yield* settle(() => implementation.execute(context))
    return yield* encode(callable, result, invocation.request !== undefined)
  }).pipe(
    Effect.scoped,
    Effect.catchCause((cause) => told(origin, callable, cause)),
    Effect.onExit(() => Effect.sync(() => controller.abort()))
  )
}

const contextOf = (
  { callable, callerOnly, owner }: Ready,
  invocation: Invocation,
  params: unknown,
  signal: AbortSignal
): Effect.Effect<AnyContext, unknown> =>
  Effect.try({
    try: () => ({
      kernel: callerOnly ? invocation.caller : invocation.kernel,
      caller: invocation.caller,
      selfKernel: callerOnly ? refuseSelf(callable) : invocation.selfKernel,
      self: selfOf(owner, invocation.self),
      params,
      deps: invocation.deps,
      auth: invocation.auth,
      signal,
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

const encode = (callable: AnyCallable, result: unknown, overHttp: boolean): Effect.Effect<unknown, PorticoError> => {
  if (result instanceof Response) {
    return overHttp ? Effect.succeed(result) : broken(callable, "returned a Response to a call that was no request")
  }
  // Boundary: `AnyCallable` forgets what its codec encodes; the handler's own type holds it to it.
  const encoded = (callable.result as Codec<unknown, unknown>).encode(result)
  return Result.isSuccess(encoded)
    ? Effect.succeed(encoded.success)
    : broken(callable, `returned what its schema does not say: ${encoded.failure.message}`)
}

const broken = (callable: AnyCallable, what: string): Effect.Effect<never, PorticoError> =>
  Effect.andThen(
    Effect.logError(`${callable.path} ${what}`),
    Effect.fail(PorticoError.make("INTERNAL", `${callable.path} failed.`))
  )

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
