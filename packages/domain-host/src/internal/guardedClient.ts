import { type GraphClient, makeGraphClient, type SendOptions } from "@portico/client"
import type { Authority, KernelService } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** Whether the call that clients were made for is still running. */
export interface CallLife {
  over: boolean
}

/**
 * A client of the kernel with one authority, for as long as one call runs. A handler that keeps it has nothing: from
 * the end of the call on it refuses.
 */
export const guardedClient = (
  kernel: KernelService,
  authority: Authority,
  life: CallLife,
  context: Context.Context<never>
): GraphClient =>
  makeGraphClient((request, options) =>
    Effect.suspend(() =>
      life.over ? Effect.fail(ended()) : kernel.call(authority, { ...request, ...keyOf(options) })
    ).pipe(
      // Handlers run their calls as promises, outside of this fiber: they keep its clock, loggers and spans.
      Effect.provideContext(context)
    )
  )

const keyOf = (options: SendOptions | undefined) =>
  options?.idempotencyKey === undefined ? undefined : { idempotencyKey: options.idempotencyKey }

const ended = (): PorticoError => PorticoError.make("CANCELLED", "The call that this authority was for is over.")
