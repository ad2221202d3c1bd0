import type { Authority, KernelService } from "@portico/kernel"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Ids of nodes that the caller may READ: what is hidden is not found, here as elsewhere. */
export const nodeIds = (kernel: KernelService, authority: Authority, addresses: ReadonlyArray<string> | undefined) =>
  addresses === undefined
    ? Effect.succeed(undefined)
    : Effect.forEach(addresses, (address) => Effect.map(kernel.resolve(authority, address), ({ id }) => id))

/** Ids of Function nodes, by whatever address they are called, and of nodes that they are below. */
export const callableIds = (
  kernel: KernelService,
  authority: Authority,
  addresses: ReadonlyArray<string> | undefined
) =>
  addresses === undefined
    ? Effect.succeed(undefined)
    : Effect.forEach(addresses, (address) =>
        Effect.flatMap(kernel.describe(authority, address), (found) =>
          found.kind === "node"
            ? Effect.succeed(found.node.id)
            : Effect.map(kernel.node(found.callable.node), (node) => Option.getOrThrow(node).id)
        )
      )
