import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Rpc from "effect/rpc/Rpc"
import type * as RpcGroup from "effect/rpc/RpcGroup"
import type * as Scope from "effect/Scope"
import type { Contribution } from "./ExtensionPoint.ts"
import { frameworkPoint } from "./internal/frameworkPoint.ts"
import { makeRpcHost, type RpcHost } from "./internal/socket/RpcHost.ts"
import type { SocketCall } from "./SocketRpc.ts"

/** @internal */
export const socketRpcs = frameworkPoint<RpcHost>("gate.socket-rpcs", {
  description: "Calls over the runtime socket, by namespace.",
  identityOf: (host) => host.namespace
})

/** A word without a dot; `gateway` is the framework's. */
type Namespace<N extends string> = N extends `${string}.${string}` | "gateway" ? never : N

/** Calls of a group whose names are not all below the namespace. */
type Strays<N extends string, Rpcs extends Rpc.Any> = Exclude<Rpcs["_tag"], `${N}.${string}`>

type InNamespace<N extends string, Rpcs extends Rpc.Any> = [Strays<N, Rpcs>] extends [never]
  ? unknown
  : `call "${Strays<N, Rpcs>}" is not in namespace "${N}"`

/** Calls that were not marked with {@link SocketCall}. */
type Marked<Rpcs extends Rpc.Any> = [SocketCall] extends [Rpc.Middleware<Rpcs>]
  ? unknown
  : "the group lacks .middleware(SocketCall)"

/** Contributes calls to the runtime socket. */
export const SocketRpcs = {
  /**
   * The calls of `group`, whose names all begin with `namespace` and a dot, handled by `handlers` with the services of
   * the module. Two modules with one namespace are GATE012. While the module restarts its calls answer UNAVAILABLE.
   *
   * @example
   * ```ts
   * import { CurrentCaller, Gateway, SocketRpcs } from "@portico/gate"
   * import { SocketCall } from "@portico/gate/rpc"
   * import * as Effect from "effect/Effect"
   * import * as Option from "effect/Option"
   * import * as Rpc from "effect/rpc/Rpc"
   * import * as RpcGroup from "effect/rpc/RpcGroup"
   * import * as Schema from "effect/Schema"
   *
   * const HelloRpcs = RpcGroup.make(Rpc.make("hello.whoami", { success: Schema.String })).middleware(SocketCall)
   *
   * const handlers = HelloRpcs.toLayer({
   *   "hello.whoami": () =>
   *     CurrentCaller.useSync(({ caller }) => Option.match(caller, { onNone: () => "", onSome: ({ name }) => name }))
   * })
   *
   * const HelloModule = Gateway.module.define({
   *   id: "hello",
   *   displayName: "Hello",
   *   contributes: [SocketRpcs.of("hello", HelloRpcs, handlers)]
   * })
   * ```
   */
  of: <const N extends string, Rpcs extends Rpc.Any, RIn>(
    namespace: N & Namespace<N>,
    group: RpcGroup.RpcGroup<Rpcs> & InNamespace<N, Rpcs> & Marked<Rpcs>,
    handlers: Layer.Layer<Rpc.ToHandler<Rpcs>, never, RIn>
  ): Contribution<RIn | Scope.Scope> =>
    socketRpcs.effect(
      Effect.flatMap(Layer.build(handlers), (built) => makeRpcHost(namespace, group, built)),
      namespace
    )
} as const
