import type { HandlerRequest } from "@portico/domain"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Option from "effect/Option"
import type { FunctionMatch } from "./functionMatch.ts"

/** Without the session's cookie, which does not count below `/d/`: whatever is served there is the domain's. */
export const withoutCookies = (request: HttpServerRequest.HttpServerRequest): HttpServerRequest.HttpServerRequest =>
  request.modify({ headers: Headers.remove(request.headers, "cookie") })

/**
 * What the domain gets to see of the request. Credentials of the instance stay with the instance: cookies and bearer
 * tokens are taken out. `Basic` credentials, which the instance has no use for, are how some senders of webhooks show
 * who they are, and pass.
 */
export const handlerRequest = (
  request: HttpServerRequest.HttpServerRequest,
  base: string,
  body: Uint8Array
): HandlerRequest => {
  const headers = new globalThis.Headers(request.headers)
  headers.delete("cookie")
  if (!/^basic /i.test(headers.get("authorization") ?? "")) headers.delete("authorization")
  headers.delete("dpop")
  return { method: request.method, url: new URL(request.url, base), headers, body }
}

/** The origin that the request was sent to, as far as the domain is to know. */
export const baseOf = (request: HttpServerRequest.HttpServerRequest, publicUrl: string | undefined): string => {
  if (publicUrl !== undefined) return publicUrl
  const host = Option.getOrElse(Headers.get(request.headers, "host"), () => "localhost")
  return URL.canParse(`http://${host}`) ? `http://${host}` : "http://localhost"
}

/**
 * Params of a function that is called by its URL: its route's `:name` segments, over the query, over the JSON body. A
 * function that declares no params, or that takes bytes, reads its body itself.
 */
export const paramsOf = (
  { contract, pathParams }: FunctionMatch,
  { body, headers, url }: HandlerRequest
): Effect.Effect<Readonly<Record<string, unknown>>, PorticoError> =>
  Effect.suspend(() => {
    const declared = Object.keys((contract.params.properties ?? {}) as Readonly<Record<string, unknown>>)
    if (declared.length === 0) return Effect.succeed({})
    const query = Object.fromEntries([...url.searchParams].filter(([name]) => declared.includes(name)))
    if (contract.input !== "value" || body.length === 0) return Effect.succeed({ ...query, ...pathParams })
    return Effect.map(jsonObject(body, headers), (json) => ({ ...json, ...query, ...pathParams }))
  })

const jsonObject = (
  body: Uint8Array,
  headers: globalThis.Headers
): Effect.Effect<Readonly<Record<string, unknown>>, PorticoError> => {
  const type = headers.get("content-type") ?? "application/json"
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    return Effect.fail(
      PorticoError.make("UNSUPPORTED_MEDIA_TYPE", "This function takes its params as application/json.")
    )
  }
  return Effect.try({
    try: () => {
      const json: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body))
      if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json }
      throw new Error("not an object")
    },
    catch: () => PorticoError.make("INVALID_BODY", "The params have to be a JSON object.")
  })
}
