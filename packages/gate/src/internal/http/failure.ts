import type * as Cause from "effect/Cause"
import * as HttpServerError from "effect/http/HttpServerError"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApiError from "effect/http-api/HttpApiError"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { GateError, type HttpFailure, isHttpFailure } from "../../GateError.ts"

/** How a failed handler is answered, and whether somebody should look at it. */
export type Verdict =
  | { readonly _tag: "Expected"; readonly failure: HttpFailure }
  | { readonly _tag: "Unexpected"; readonly failure: HttpFailure }
  | { readonly _tag: "Response"; readonly response: HttpServerResponse.HttpServerResponse }

const expected = (failure: HttpFailure): Verdict => ({ _tag: "Expected", failure })
const unexpected: Verdict = { _tag: "Unexpected", failure: GateError.make("INTERNAL") }

const formatIssues = SchemaIssue.makeFormatterStandardSchemaV1()

const keyOf = (segment: PropertyKey | { readonly key: PropertyKey }): string | number => {
  const key = typeof segment === "object" ? segment.key : segment
  return typeof key === "number" ? key : String(key)
}

/** What is wrong with a request's params, headers, query or body: `issues: [{ path, code, message }]`. */
const invalidRequest = (slot: string | undefined, error: Schema.SchemaError): GateError => {
  const issues = formatIssues(error.issue).issues.map((issue) => ({
    path: [...(slot === undefined ? [] : [slot]), ...(issue.path ?? []).map(keyOf)],
    code: "invalid",
    message: issue.message
  }))
  const malformed = slot === "payload" && issues.some((issue) => issue.message === "Expected a valid JSON body")
  return malformed
    ? GateError.make("INVALID_BODY", "The body is not valid JSON.")
    : GateError.make("INVALID_PARAMS", undefined, { details: { issues } })
}

const fromServerError = (error: HttpServerError.HttpServerError): Verdict => {
  const reason = error.reason
  if (reason._tag === "RouteNotFound") return expected(GateError.make("NOT_FOUND"))
  if (reason._tag !== "RequestParseError") return unexpected
  return expected(
    reason.reason === "BodyTooLarge"
      ? GateError.make("PAYLOAD_TOO_LARGE")
      : GateError.make("INVALID_BODY", "The body could not be read as what it claims to be.")
  )
}

const ofError = (error: unknown): Verdict | undefined => {
  if (isHttpFailure(error)) return expected(error)
  if (HttpServerError.isHttpServerError(error)) return fromServerError(error)
  if (Schema.isSchemaError(error)) return expected(invalidRequest(undefined, error))
  return undefined
}

// The framework's own readers die where a request does not fit, so some defects are the client's doing.
const ofDefect = (defect: unknown): Verdict | undefined => {
  if (HttpServerResponse.isHttpServerResponse(defect)) return { _tag: "Response", response: defect }
  if (HttpServerError.isHttpServerError(defect)) return fromServerError(defect)
  if (HttpApiError.HttpApiPayloadTooLarge.is(defect)) return expected(GateError.make("PAYLOAD_TOO_LARGE"))
  if (HttpApiError.HttpApiSchemaError.is(defect)) {
    if (defect.kind === "Body" || defect.kind === "ResponseHeaders") return unexpected
    return expected(invalidRequest(defect.kind.toLowerCase(), defect.cause))
  }
  return undefined
}

const cancelled = expected(GateError.make("CANCELLED"))
const stopping = expected(GateError.make("UNAVAILABLE", "The server is stopping."))

/** What a cause is answered with. Anything that does not say it itself is `INTERNAL`, and nothing of it leaks. */
export const judge = (cause: Cause.Cause<unknown>): Verdict => {
  let interrupted: Verdict | undefined
  for (const reason of cause.reasons) {
    if (reason._tag === "Interrupt") {
      interrupted = reason.annotations.has(HttpServerError.ClientAbort.key) ? cancelled : stopping
      continue
    }
    const verdict = reason._tag === "Fail" ? ofError(reason.error) : ofDefect(reason.defect)
    return verdict ?? unexpected
  }
  return interrupted ?? unexpected
}
