import { type AnyCallable, type AnyClass, type AnyEdge, type Codec, type Json, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { addressOf, type GraphNode, type NodeOf, readProps, type Target } from "../Node.ts"
import { propOf } from "./props.ts"

/** The address of a target, as an Effect that fails where there is none. */
export const address = (target: Target): Effect.Effect<string, PorticoError> =>
  Effect.try({ try: () => addressOf(target), catch: (cause) => cause as PorticoError })

/** What a callable's params are on the wire. */
export const encodeParams = (callable: AnyCallable, params: unknown): Effect.Effect<Json, PorticoError> => {
  // Boundary: `AnyCallable` forgets what its codec encodes; the public signature holds the caller to it.
  const codec = callable.params as Codec<unknown, unknown>
  return Effect.fromResult(codec.encode(params ?? {}))
}

/** What a callable's result is to its caller. A result that does not fit is the callee's fault. */
export const decodeResult = (callable: AnyCallable, result: unknown): Effect.Effect<unknown, PorticoError> => {
  const decoded = callable.result.decode(result)
  return Result.isSuccess(decoded)
    ? Effect.succeed(decoded.success)
    : Effect.fail(
        PorticoError.make("CONTRACT_MISMATCH", `${callable.path} answered what its contract does not say.`, {
          issues: decoded.failure.details?.issues
        })
      )
}

/** Props by short name to JSON by qualified key. */
export const encodeProps = (
  of: AnyClass | AnyEdge,
  props: Readonly<Record<string, unknown>> | undefined
): Effect.Effect<Record<string, Json>, PorticoError> =>
  Effect.gen(function* () {
    const encoded: Record<string, Json> = {}
    for (const [name, value] of Object.entries(props ?? {})) {
      if (value === undefined) continue
      const prop = propOf(of, name)
      if (prop === undefined) {
        return yield* PorticoError.make("INVALID_PARAMS", `${of.ref} has no property "${name}".`, {
          issues: [{ path: ["props", name], code: "unknown", message: "no such property" }]
        })
      }
      const codec = prop.codec as Codec<unknown, unknown>
      encoded[prop.key] = yield* Effect.fromResult(codec.encode(value))
    }
    return encoded
  })

/** Short names to qualified keys. */
export const keysOf = (of: AnyClass | AnyEdge, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name) => propOf(of, name)?.key ?? name)

/** The node with its properties decoded; NOT_FOUND if it is of another class, as if `of` were part of its address. */
export const decodeNode = <C extends AnyClass>(of: C, node: GraphNode): Effect.Effect<NodeOf<C>, PorticoError> =>
  Effect.gen(function* () {
    if (node.class === "") {
      return yield* PorticoError.make("PERMISSION_DENIED", `Reading ${node.path} needs READ on it.`, {
        needs: ["READ"],
        on: node.path,
        phase: "resource"
      })
    }
    if (node.class !== of.ref) {
      return yield* PorticoError.make("NOT_FOUND", `${node.path} is a ${node.class}, not a ${of.ref}.`, {
        class: node.class
      })
    }
    const props = yield* Effect.try({
      try: () => readProps(of, node),
      // Boundary: all that it throws.
      catch: (cause) => cause as PorticoError
    })
    return { ...node, props }
  })
