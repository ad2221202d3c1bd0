import { type GraphClient, makeGraphClient, type TransportOptions } from "@portico/client"
import type { Authority, CallAnswer, KernelService } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { CallLife } from "./callScope.ts"

/**
 * A client of the kernel with one authority, for as long as one call runs. A handler that keeps it has nothing: from
 * the end of the call on it refuses, and what it still streams ends.
 */
export const guardedClient = (
  kernel: KernelService,
  authority: Authority,
  life: CallLife,
  context: Context.Context<never>
): GraphClient => {
  const whileRunning = (answer: CallAnswer): CallAnswer => {
    if (answer.output === undefined) return answer
    // Boundary: what the kernel gives that is no value is a stream, which needs no services and fails with its errors.
    const items = answer.result as Stream.Stream<unknown, PorticoError>
    return { ...answer, result: Stream.provideContext(Stream.interruptWhen(items, life.ended), context) }
  }
  return makeGraphClient((request, options) =>
    Effect.suspend(() =>
      life.over ? life.ended : Effect.map(kernel.call(authority, { ...request, ...askedOf(options) }), whileRunning)
    ).pipe(
      // Handlers run their calls as promises, outside of this fiber: they keep its clock, loggers and spans.
      Effect.provideContext(context)
    )
  )
}

const askedOf = ({ idempotencyKey, output }: TransportOptions = {}) => ({
  wants: output ?? ("value" as const),
  ...(idempotencyKey === undefined ? undefined : { idempotencyKey })
})
