import type * as Http from "node:http"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { ClientAbort } from "effect/http/HttpServerError"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import type { HttpServerResponse } from "effect/http/HttpServerResponse"
import * as Scope from "effect/Scope"
import type { HttpApp } from "../../HttpTransport.ts"
import { CurrentRequestState, type RequestState } from "../http/requestState.ts"
import { breakOff } from "./breakOff.ts"
import type { Outbox } from "./Outbox.ts"
import { ShortBody } from "./ShortBody.ts"
import { ShortRequest } from "./ShortRequest.ts"
import { writeResponse } from "./writeResponse.ts"

type Listener = (incoming: Http.IncomingMessage, response: Http.ServerResponse) => void

/** Bytes of a body that may be kept in memory, and be read to its end where its handler leaves it. */
const shortest = 256 * 1024

/** Bytes of the body, or `undefined` for what takes the long way. */
const shortLength = ({ headers, url }: Http.IncomingMessage): number | undefined => {
  if (headers["transfer-encoding"] !== undefined || url === undefined || !url.startsWith("/")) return undefined
  if (headers["content-length"] === undefined) return 0
  const length = Number(headers["content-length"])
  return length > shortest || headers["content-type"]?.startsWith("multipart/") ? undefined : length
}

/**
 * Answers nearly all requests: those whose body is short and of a known length. It costs much less than effect/http's
 * own listener, which knows every corner of HTTP and therefore gets all others: `longWay`.
 *
 * The fibers run in `scope`, which interrupts them as it closes; one whose client goes away is interrupted as well.
 */
export const shortWay =
  (app: HttpApp, services: Context.Context<never>, scope: Scope.Scope, outbox: Outbox, longWay: Listener): Listener =>
  (incoming, response) => {
    const length = shortLength(incoming)
    if (length === undefined) return longWay(incoming, response)
    const start = (): void => {
      const request = new ShortRequest(incoming, new ShortBody(incoming, length))
      const fiber = fork(app, services, outbox, request, response)
      if (fiber.pollUnsafe() === undefined) watch(fiber, scope, response)
    }
    // Node reads a body right after it tells of the head. With the body there, most handlers run in one go.
    if (length === 0) start()
    else process.nextTick(start)
  }

const watch = (fiber: Fiber.Fiber<void>, scope: Scope.Scope, response: Http.ServerResponse): void => {
  Fiber.runIn(fiber, scope)
  response.once("close", () => {
    if (!response.writableEnded) fiber.interruptUnsafe(undefined, ClientAbort.annotation)
  })
}

const fork = (
  app: HttpApp,
  services: Context.Context<never>,
  outbox: Outbox,
  request: ShortRequest,
  response: Http.ServerResponse
): Fiber.Fiber<void> => {
  const scope = Scope.makeUnsafe()
  const state: RequestState = { preResponseHandler: undefined, loggerDisabled: false }
  const withRequest = Context.add(services, HttpServerRequest, request)
  const withScope = Context.add(withRequest, Scope.Scope, scope)
  const context = Context.add(withScope, CurrentRequestState, state)
  const answered = Effect.matchCauseEffect(app, {
    onSuccess: (answer) => finish(state, outbox, request, response, answer),
    onFailure: (cause) => breakOff(response, cause)
  })
  const whole = Effect.onExit(answered, (exit) => Scope.closeUnsafe(scope, exit) ?? Effect.void)
  return Effect.runForkWith(context)(whole, { uninterruptible: true })
}

const finish = (
  { preResponseHandler }: RequestState,
  outbox: Outbox,
  request: ShortRequest,
  response: Http.ServerResponse,
  answer: HttpServerResponse
): Effect.Effect<void> => {
  if (preResponseHandler === undefined) return write(request.source, response, answer, outbox)
  return Effect.matchCauseEffect(preResponseHandler(request, answer), {
    onSuccess: (last) => write(request.source, response, last, outbox),
    onFailure: (cause) => breakOff(response, cause)
  })
}

const write = (
  incoming: Http.IncomingMessage,
  response: Http.ServerResponse,
  answer: HttpServerResponse,
  outbox: Outbox
): Effect.Effect<void> => {
  // Node closes the connection right behind such an answer; what a client is still sending would reset the connection
  // then, and could lose it the answer.
  const early = !incoming.complete && answer.headers.connection === "close"
  const written = early
    ? Effect.andThen(
        arrived(incoming),
        Effect.suspend(() => writeResponse(response, answer, outbox))
      )
    : writeResponse(response, answer, outbox)
  return written === Effect.void ? written : Effect.catchCause(written, (cause) => breakOff(response, cause))
}

const arrived = (incoming: Http.IncomingMessage): Effect.Effect<void> =>
  Effect.callback((resume) => {
    incoming.once("close", () => resume(Effect.void))
    incoming.resume()
  })
