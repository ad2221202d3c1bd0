import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import { GateError } from "./GateError.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true })

const isJson = (type: string): boolean => /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type.trim())

const malformed = (message: string): GateError => GateError.make("INVALID_BODY", message)

/** Levels of nesting that a body may have. What reads or writes it again may well be recursive. */
const maxDepth = 200

const quote = 0x22
const backslash = 0x5c

/** Whether some bracket stands deeper than {@link maxDepth}. Runs over bytes, which it need not decode for that. */
const isTooDeep = (bytes: Uint8Array): boolean => {
  // So short a body cannot be that deep.
  if (bytes.length <= maxDepth) return false
  let depth = 0
  let inText = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (inText) {
      if (byte === backslash) i++
      else if (byte === quote) inText = false
    } else if (byte === quote) inText = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}

const parse = (bytes: ArrayBuffer): Effect.Effect<unknown, GateError> => {
  if (isTooDeep(new Uint8Array(bytes))) {
    return Effect.fail(malformed(`The body is nested deeper than ${maxDepth} levels.`))
  }
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return Effect.fail(malformed("The body is not valid UTF-8."))
  }
  try {
    return Effect.succeed(JSON.parse(text))
  } catch {
    return Effect.fail(malformed("The body is not valid JSON."))
  }
}

/**
 * The request's body as JSON, for routes laid by hand. Stricter than `request.json`: another content type is
 * `UNSUPPORTED_MEDIA_TYPE`, and an empty body, invalid UTF-8 (which would silently be replaced), malformed JSON or nesting
 * beyond 200 levels is `INVALID_BODY`. A body over the limit is `PAYLOAD_TOO_LARGE`. A missing content type is taken for JSON.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 * import { jsonBody } from "@portico/gate/http"
 * import * as Effect from "effect/Effect"
 * import * as HttpServerResponse from "effect/http/HttpServerResponse"
 *
 * const EchoModule = Gateway.module.define({
 *   id: "echo",
 *   displayName: "Echo",
 *   routes: [
 *     {
 *       id: "route:echo",
 *       scope: "public",
 *       auth: "public",
 *       mountPath: "/echo",
 *       method: "POST",
 *       handle: Effect.map(jsonBody, (body) => HttpServerResponse.jsonUnsafe(body))
 *     }
 *   ]
 * })
 * ```
 */
export const jsonBody: Effect.Effect<unknown, GateError, HttpServerRequest.HttpServerRequest> =
  HttpServerRequest.HttpServerRequest.use((request) => {
    const type = request.headers["content-type"]
    if (type !== undefined && !isJson(type)) {
      return Effect.fail(GateError.make("UNSUPPORTED_MEDIA_TYPE", `The body must be JSON, not ${type}.`))
    }
    return Effect.flatMap(Effect.mapError(request.arrayBuffer, unread), parse)
  })

const unread = (error: { readonly reason: { readonly _tag: string; readonly reason?: string } }): GateError =>
  error.reason.reason === "BodyTooLarge"
    ? GateError.make("PAYLOAD_TOO_LARGE")
    : malformed("The body could not be read to its end.")
