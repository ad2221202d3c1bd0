import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { type HttpApp, HttpTransport } from "../../HttpTransport.ts"

/** What would have been served, in the context in which it was opened. */
export interface MemoryListener {
  readonly app: HttpApp
  readonly context: Context.Context<never>
  /** Whether the scope that it was opened in is closed. */
  closed: boolean
}

/** A transport that only remembers what it would have served. */
export interface MemoryTransport {
  readonly service: HttpTransport["Service"]
  /** In the order in which they were opened. */
  readonly listeners: ReadonlyArray<MemoryListener>
}

/** Where tests pretend to be. A loopback name, so that the Host check lets them in. */
export const memoryUrl = "http://localhost"

export const makeMemoryTransport = (): MemoryTransport => {
  const listeners: Array<MemoryListener> = []
  return {
    listeners,
    service: HttpTransport.of({
      wire: () => undefined,
      compression: Effect.succeed(undefined),
      listen: (app) =>
        Effect.gen(function* () {
          const listener: MemoryListener = { app, context: yield* Effect.context<never>(), closed: false }
          listeners.push(listener)
          const close = Effect.sync(() => {
            listener.closed = true
          })
          yield* Effect.addFinalizer(() => close)
          return { url: memoryUrl, stopAccepting: Effect.void, closed: Effect.void, abort: Effect.void }
        })
    })
  }
}
