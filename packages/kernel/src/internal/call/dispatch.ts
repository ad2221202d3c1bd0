import type { ExtensionRef } from "@portico/gate"
import { itemsOf, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Authority } from "../../Authority.ts"
import type { NodeView } from "../../Kernel.ts"
import type {
  DispatchCall,
  Dispatcher,
  DomainCallable,
  KernelCallable,
  RefusalListener
} from "../../KernelExtensions.ts"
import { checkJson } from "../json.ts"
import { isKernel } from "../schema/SchemaCache.ts"
import type { CallableInfo } from "../schema/types.ts"
import type { Graph } from "../store/Graph.ts"
import { nodeByKey } from "../store/nodes.ts"

/** An authorized call that the kernel itself does not run. */
export interface OutgoingCall {
  readonly callable: CallableInfo
  readonly self: NodeView | undefined
  readonly params: unknown
  readonly authority: Authority
  /** What it reads, where its input is no value. */
  readonly input: Stream.Stream<unknown, unknown> | undefined
}

/** What outgoing calls need. */
export interface DispatchTools {
  readonly callables: ExtensionRef<KernelCallable>
  readonly dispatcher: ExtensionRef<Dispatcher>
  /** Longest time that a call may take, in milliseconds, and that one may whose input or output streams. */
  readonly timeout: number
  readonly streamTimeout: number
  readonly now: () => number
  readonly callId: () => string
  readonly onRefusal: RefusalListener
}

/** Gives a call to whoever implements it: a module for the kernel's schema, the dispatcher for a domain's. */
export const makeDispatch = (tools: DispatchTools) => {
  const implementations = byPath(tools.callables)

  const inKernel = (call: OutgoingCall): Effect.Effect<unknown, PorticoError> => {
    const callable = implementations().get(call.callable.path)
    if (callable === undefined) return unanswered(call, tools.callables)
    const { authority, input, params, self } = call
    return callable.handle({
      authority,
      params,
      ...(self === undefined ? undefined : { self }),
      ...(input === undefined ? undefined : { input })
    })
  }

  const inDomain = (graph: Graph, call: OutgoingCall): Effect.Effect<unknown, PorticoError> => {
    const [first] = tools.dispatcher.current
    if (first === undefined) return unanswered(call, tools.dispatcher)
    const now = tools.now()
    const { input, output } = call.callable.contract
    const longest = input === "value" && output === "value" ? tools.timeout : tools.streamTimeout
    const deadline = Math.min(call.authority.deadline ?? Number.POSITIVE_INFINITY, now + longest)
    // What reads nothing has no reason to be long about what it will stream.
    const answersBy = input === "value" ? Math.min(deadline, now + tools.timeout) : deadline
    const dispatched: DispatchCall = {
      callable: domainCallable(graph, call.callable),
      params: call.params,
      authority: call.authority,
      deadline,
      depth: call.authority.depth + 1,
      callId: tools.callId(),
      ...(call.self === undefined ? undefined : { self: call.self }),
      ...(call.input === undefined ? undefined : { input: call.input })
    }
    return first.value.dispatch(dispatched).pipe(
      Effect.timeoutOrElse({
        duration: answersBy - now,
        orElse: () => Effect.fail(PorticoError.make("TIMEOUT", `${call.callable.path} ran past its deadline`))
      })
    )
  }

  const answer = (graph: Graph, call: OutgoingCall): Effect.Effect<unknown, PorticoError> =>
    isKernel(call.callable.domain)
      ? inKernel(call)
      : Effect.flatMap(inDomain(graph, call), (result) => checkResult(call.callable, result))

  return (graph: Graph, call: OutgoingCall): Effect.Effect<unknown, PorticoError> =>
    Effect.tapError(answer(graph, call), (error) =>
      Effect.sync(() => {
        if (error.code === "PERMISSION_DENIED") tools.onRefusal({ authority: call.authority, error })
      })
    )
}

/** Nobody runs it: for now, where a module that may is only away, or at all. */
const unanswered = ({ callable }: OutgoingCall, { away }: ExtensionRef<unknown>): Effect.Effect<never, PorticoError> =>
  Effect.fail(
    away.length > 0
      ? PorticoError.make("UNAVAILABLE", `${callable.path} cannot be called: module ${away.join(" or ")} is not ready`)
      : PorticoError.make("NOT_IMPLEMENTED", `nothing here implements ${callable.path}`)
  )

/** The contributed callables by path, put in order again when contributions change. */
const byPath = (ref: ExtensionRef<KernelCallable>) => {
  let version = -1
  let map: ReadonlyMap<string, KernelCallable> = new Map()
  return () => {
    if (version !== ref.version) {
      version = ref.version
      map = new Map(ref.current.map(({ value }) => [value.path, value]))
    }
    return map
  }
}

const domainCallable = (graph: Graph, callable: CallableInfo): DomainCallable => {
  const { owner, domain, name, contract } = callable
  return {
    origin: domain.origin,
    name,
    nodeId: nodeByKey(graph, callable.key)?.id ?? "",
    domainId: nodeByKey(graph, domain.key)?.id ?? "",
    contract,
    ...(owner === undefined ? undefined : { owner: { kind: owner.kind, name: owner.name } })
  }
}

const notAsAgreed = ({ path }: CallableInfo): PorticoError =>
  PorticoError.make("DISPATCH_FAILED", `${path} gave something else than its contract says`)

/** A value has to be JSON; what a stream or binary carries is checked by whoever reads it. */
const checkResult = (callable: CallableInfo, result: unknown): Effect.Effect<unknown, PorticoError> => {
  if (callable.contract.output !== "value") {
    const pieces = itemsOf(result)
    return pieces === undefined ? Effect.fail(notAsAgreed(callable)) : Effect.succeed(pieces)
  }
  if (result === undefined) return Effect.succeed(null)
  try {
    checkJson(result, "result")
    return Effect.succeed(result)
  } catch {
    return Effect.fail(PorticoError.make("DISPATCH_FAILED", `${callable.path} gave a result that is not JSON`))
  }
}
