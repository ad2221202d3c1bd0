import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Authority, Kernel } from "../../src/index.ts"
import type { Change } from "../../src/internal/changes/Change.ts"

export interface WatchParams {
  readonly since?: number
  readonly under?: string
  readonly class?: string
}

/** The stream of changes, as somebody sees it. */
export const watch = Effect.fnUntraced(function* (params: WatchParams = {}, as: Authority = Authority.system) {
  const kernel = yield* Kernel
  const { result } = yield* kernel.call(as, { path: K.Node.changes.path, params })
  // Boundary: what the contract of `changes` says.
  return result as Stream.Stream<Change, import("@portico/schema").PorticoError>
})

/** Everything that was told until now: the stream up to a mark that only the instance makes. */
export const told = Effect.fnUntraced(function* (params: WatchParams, as?: Authority) {
  const kernel = yield* Kernel
  const stream = yield* watch(params, as)
  const found: Array<Change> = []
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(stream, (change) => Effect.sync(() => found.push(change))),
    {
      startImmediately: true
    }
  )
  const last = yield* kernel.seq
  // A watcher that has nothing to do waits; by then it was given more turns than it has rows to look at.
  for (let turn = 0; turn < 50 + last / 10; turn++) yield* Effect.andThen(Effect.yieldNow, kernel.seq)
  fiber.interruptUnsafe()
  return found
})

export const seqNow = Effect.flatMap(Kernel, (kernel) => kernel.seq)
