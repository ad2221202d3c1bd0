import { GateError } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"

const isForm = (type: string | undefined): boolean =>
  /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type?.trim() ?? "")

/** Whether the request has the body of a form. */
export const hasForm = (request: HttpServerRequest.HttpServerRequest): boolean =>
  isForm(request.headers["content-type"])

/** Answers a form of our pages in one way, and whatever else is sent, which is JSON of a program, in another. */
export const formOrJson = <A, E, R, E2, R2>(form: Effect.Effect<A, E, R>, json: Effect.Effect<A, E2, R2>) =>
  HttpServerRequest.HttpServerRequest.use(
    (request): Effect.Effect<A, E | E2, R | R2> => (hasForm(request) ? form : json)
  )

/** Params by name. A name that comes twice is refused (RFC 6749, section 3.1), and one without a value is left out. */
export const uniqueParams = (text: string): ReadonlyMap<string, string> | undefined => {
  const params = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (params.has(name)) return undefined
    params.set(name, value)
  }
  for (const [name, value] of params) if (value === "") params.delete(name)
  return params
}

/** The body of a form. Fails with INVALID_BODY, UNSUPPORTED_MEDIA_TYPE or PAYLOAD_TOO_LARGE. */
export const formBody: Effect.Effect<
  ReadonlyMap<string, string>,
  GateError,
  HttpServerRequest.HttpServerRequest
> = HttpServerRequest.HttpServerRequest.use((request) => {
  if (!hasForm(request)) {
    return Effect.fail(GateError.make("UNSUPPORTED_MEDIA_TYPE", "The body must be application/x-www-form-urlencoded."))
  }
  return Effect.flatMap(
    Effect.mapError(request.text, (error) =>
      GateError.make(
        "reason" in error.reason && error.reason.reason === "BodyTooLarge" ? "PAYLOAD_TOO_LARGE" : "INVALID_BODY"
      )
    ),
    (text) => {
      const params = uniqueParams(text)
      return params === undefined
        ? Effect.fail(GateError.make("INVALID_BODY", "A field of the form comes twice."))
        : Effect.succeed(params)
    }
  )
})
