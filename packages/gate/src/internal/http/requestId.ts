import type * as Headers from "effect/http/Headers"

// W3C Trace Context, section 3.2: version, trace id, parent id, flags.
const traceparent = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/

// What may be echoed into headers and logs without a second thought.
const accepted = /^[A-Za-z0-9._~-]{1,128}$/

/** Gives each request its id: the trace's, the client's own, or the next of ours. */
export type RequestIds = (headers: Headers.Headers) => string

/** `seed` sets apart the ids of this process from those of others. */
export const makeRequestIds = (seed: string): RequestIds => {
  let count = 0
  return (headers) => {
    const trace = headers.traceparent
    if (trace !== undefined) {
      const id = traceparent.exec(trace)?.[1]
      if (id !== undefined) return id
    }
    const own = headers["x-request-id"]
    return own !== undefined && accepted.test(own) ? own : `${seed}-${(++count).toString(36)}`
  }
}
