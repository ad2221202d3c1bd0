import * as Effect from "effect/Effect"
import { type HttpApp, HttpTransport } from "../../HttpTransport.ts"

/** A transport that only remembers what it would have served. */
export interface MemoryTransport {
  readonly service: HttpTransport["Service"]
  /** The applications, in the order in which they were opened. */
  readonly apps: ReadonlyArray<HttpApp>
}

/** Where tests pretend to be. A loopback name, so that the Host check lets them in. */
export const memoryUrl = "http://localhost"

export const makeMemoryTransport = (): MemoryTransport => {
  const apps: Array<HttpApp> = []
  return {
    apps,
    service: HttpTransport.of({
      listen: (app) =>
        Effect.sync(() => {
          apps.push(app)
          return { url: memoryUrl, stopAccepting: Effect.void, closed: Effect.void, abort: Effect.void }
        })
    })
  }
}
