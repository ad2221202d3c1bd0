import * as Data from "effect/Data"

/** Whether asking again can help: never, after the request was changed, or the same request later. */
export type Retry = "never" | "after-change" | "later"

/** What the transport itself answers with. Modules have catalogues of their own; see {@link isHttpFailure}. */
export const transportErrors = {
  INVALID_PARAMS: { status: 400, meaning: "The request does not fit the route's schema.", retry: "after-change" },
  INVALID_PATH: { status: 400, meaning: "The path is not in its plain form.", retry: "after-change" },
  INVALID_BODY: { status: 400, meaning: "The request is malformed.", retry: "after-change" },
  UNAUTHENTICATED: { status: 401, meaning: "No valid credential was shown.", retry: "after-change" },
  PERMISSION_DENIED: { status: 403, meaning: "The caller may not do this.", retry: "never" },
  NOT_FOUND: { status: 404, meaning: "Nothing answers at this address.", retry: "after-change" },
  METHOD_NOT_ALLOWED: { status: 405, meaning: "The address exists for other methods.", retry: "after-change" },
  PAYLOAD_TOO_LARGE: { status: 413, meaning: "The body is longer than the limit.", retry: "after-change" },
  LIMIT_EXCEEDED: { status: 413, meaning: "The request goes over a limit.", retry: "after-change" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, meaning: "The body's content type is not accepted.", retry: "after-change" },
  WRONG_HOST: { status: 421, meaning: "This server does not answer for that host name.", retry: "after-change" },
  RATE_LIMITED: { status: 429, meaning: "Too many requests.", retry: "later" },
  CANCELLED: { status: 499, meaning: "The caller went away.", retry: "never" },
  INTERNAL: { status: 500, meaning: "Something failed that should not. The log has the request id.", retry: "later" },
  NOT_IMPLEMENTED: { status: 501, meaning: "The route is declared but has no handler.", retry: "never" },
  UNAVAILABLE: { status: 503, meaning: "The module behind the route is not ready.", retry: "later" },
  TIMEOUT: { status: 504, meaning: "The work did not finish in time.", retry: "later" }
} as const satisfies Record<string, { readonly status: number; readonly meaning: string; readonly retry: Retry }>

/** A code of the transport's own catalogue. */
export type GateErrorCode = keyof typeof transportErrors

/** Details of an error: plain JSON, never a secret. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** What {@link GateError.make} takes besides code and message. */
export interface GateErrorOptions {
  readonly status?: number
  readonly details?: ErrorDetails
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A failure of the transport. On the wire it is
 * `{ "error": { "code", "message", "details"?, "requestId" } }` with `status`.
 *
 * @example
 * ```ts
 * import { GateError } from "@portico/gate"
 * import * as Effect from "effect/Effect"
 *
 * const signIn = Effect.gen(function* () {
 *   yield* GateError.make("RATE_LIMITED", "Too many tries from this address.", { headers: { "retry-after": "30" } })
 * })
 * ```
 */
export class GateError extends Data.TaggedError("GateError")<{
  readonly code: GateErrorCode
  readonly message: string
  readonly status: number
  readonly details?: ErrorDetails | undefined
  /** Extra response headers in lower case, for example `www-authenticate`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}> {
  /** Message and status are the catalogue's unless given: HTTP has a few statuses (408, 431) that share a code. */
  static make(code: GateErrorCode, message?: string, options?: GateErrorOptions): GateError {
    const { meaning, status } = transportErrors[code]
    return new GateError({ code, message: message ?? meaning, status, ...options })
  }
}

/** Anything with a code and a status is an answer, whichever package made it. */
export interface HttpFailure {
  readonly code: string
  readonly status: number
  readonly message: string
  readonly details?: ErrorDetails | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Whether a failure says itself how it is answered; everything else is `INTERNAL`. */
export const isHttpFailure = (failure: unknown): failure is HttpFailure =>
  typeof failure === "object" &&
  failure !== null &&
  "code" in failure &&
  typeof failure.code === "string" &&
  "status" in failure &&
  typeof failure.status === "number" &&
  failure.status >= 400 &&
  failure.status <= 599 &&
  "message" in failure &&
  typeof failure.message === "string"

/** The body of every error answer. */
export interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly details?: ErrorDetails
    readonly requestId: string
  }
}
