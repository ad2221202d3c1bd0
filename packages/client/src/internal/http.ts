import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** `fetch`, as far as the client uses it. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>

/** A bearer token, or where to get a fresh one before each request. */
export type Token =
  | string
  | Redacted.Redacted<string>
  | (() => string | Redacted.Redacted<string> | Promise<string | Redacted.Redacted<string>>)

export interface HttpOptions {
  readonly url: string
  readonly token?: Token | undefined
  readonly fetch?: Fetch | undefined
  readonly timeoutMs?: number | undefined
}

export interface HttpCall {
  readonly method: "GET" | "POST"
  /** From the instance's origin, with its query. */
  readonly path: string
  readonly body?: unknown
  /** Bytes to send as they are, instead of a JSON body. */
  readonly stream?: { readonly body: NonNullable<RequestInit["body"]>; readonly type: string }
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON; undefined for an empty body. */
  readonly json: unknown
}

export const defaultTimeoutMs = 30_000

export const tooLate = (base: string, timeoutMs: number): PorticoError =>
  PorticoError.make("TIMEOUT", `${base} did not answer within ${timeoutMs} ms.`, { url: base })

/** The instance's origin and base path, without a slash at the end. A token in a URL would end up in logs. */
export const baseUrl = (url: string): string => {
  const parsed = URL.parse(url)
  if (parsed === null || (parsed.protocol !== "http:" && parsed.protocol !== "https:")) {
    throw PorticoError.make("INVALID_PARAMS", `"${url.slice(0, 200)}" is not an http or https URL.`)
  }
  if (parsed.username !== "" || parsed.password !== "" || parsed.search !== "" || parsed.hash !== "") {
    throw PorticoError.make("INVALID_PARAMS", "The URL of an instance has no credentials, query or fragment.")
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`
}

/** The token itself. */
export const tokenOf = async (token: Token | undefined): Promise<string | undefined> => {
  const value = typeof token === "function" ? await token() : token
  return Redacted.isRedacted(value) ? Redacted.value(value) : value
}

const hintOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message
}

/** One request with JSON both ways. Any status is an answer; only a request that got none fails. */
export const send = (options: HttpOptions, base: string, call: HttpCall): Effect.Effect<HttpAnswer, PorticoError> => {
  const timeoutMs = call.timeoutMs ?? options.timeoutMs ?? defaultTimeoutMs
  const request = Effect.tryPromise({
    try: async (signal): Promise<HttpAnswer> => {
      const token = await tokenOf(options.token)
      const response = await (options.fetch ?? globalThis.fetch)(`${base}${call.path}`, {
        method: call.method,
        headers: {
          accept: "application/json",
          ...(call.body === undefined ? undefined : { "content-type": "application/json" }),
          ...(call.stream === undefined ? undefined : { "content-type": call.stream.type }),
          ...(token === undefined ? undefined : { authorization: `Bearer ${token}` }),
          ...call.headers
        },
        ...(call.body === undefined ? undefined : { body: JSON.stringify(call.body) }),
        // A body that comes as a stream has to be said to be sent before the answer is read.
        ...(call.stream === undefined ? undefined : { body: call.stream.body, duplex: "half" }),
        // An instance never redirects these; whoever does shall not see the token.
        redirect: "error",
        signal
      })
      if (outputOf(response) !== undefined) {
        await response.body?.cancel()
        throw streams
      }
      const text = await response.text()
      return { status: response.status, headers: response.headers, json: text === "" ? undefined : jsonOf(text) }
    },
    catch: (cause) =>
      isPorticoError(cause)
        ? cause
        : PorticoError.make("UNAVAILABLE", `${base} did not answer (${hintOf(cause)}).`, { url: base })
  })
  if (timeoutMs === Number.POSITIVE_INFINITY) return request
  return Effect.timeoutOrElse(request, {
    duration: timeoutMs,
    orElse: () => Effect.fail(tooLate(base, timeoutMs))
  })
}

/** What an answer is that comes in pieces, and may have no end. */
export const outputOf = ({ headers }: Response): "stream" | "binary" | undefined => {
  const output = headers.get("portico-output")
  return output === "stream" || output === "binary" ? output : undefined
}

/** Says what is meant to be got, so that what gives something else is refused before it runs. */
export const wanting = (output: "value" | "stream" | "binary"): Readonly<Record<string, string>> => ({
  "portico-wants": output
})

const streams = PorticoError.make("INVALID_PARAMS", "This callable gives no value: stream it, or ask for its bytes.")

const notJson = Symbol("not JSON")

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return notJson
  }
}

/** {@link expectObject} of an answer that was not read yet. */
export const objectOf = async (response: Response): Promise<Readonly<Record<string, unknown>>> => {
  const { headers, status } = response
  const answer = { status, headers, json: jsonOf(await response.text()) }
  const { json } = answer
  // Boundary: an object that came out of JSON.parse.
  if (typeof json === "object" && json !== null) return json as Readonly<Record<string, unknown>>
  throw errorOf(answer)
}

/** The answer of a request that has to succeed with an object. */
export const expectObject = (answer: HttpAnswer): Effect.Effect<Readonly<Record<string, unknown>>, PorticoError> => {
  const { json, status } = answer
  const isObject = typeof json === "object" && json !== null
  if (status >= 200 && status < 300 && isObject) {
    // Boundary: an object that came out of JSON.parse.
    return Effect.succeed(json as Readonly<Record<string, unknown>>)
  }
  return Effect.fail(errorOf(answer))
}

/** {@link errorOf} of an answer that was read as text. */
export const refusalOf = (status: number, text: string): PorticoError =>
  errorOf({ status, headers: new Headers(), json: text === "" ? undefined : jsonOf(text) })

/** What a refusal means: the error it carries, or the nearest code to its status. */
const errorOf = ({ json, status }: HttpAnswer): PorticoError => {
  if (typeof json === "object" && json !== null && "error" in json) {
    const error = json.error
    const requestId = typeof error === "object" && error !== null && "requestId" in error ? error.requestId : undefined
    const known = PorticoError.fromJson(error)
    return known.code === "INTERNAL" && typeof requestId === "string"
      ? PorticoError.make("INTERNAL", known.message, { ...known.details, requestId })
      : known
  }
  const message = `The answer (status ${status}) is not one of a Portico instance.`
  return status === 502 || status === 503 || status === 504
    ? PorticoError.make("UNAVAILABLE", message, { status })
    : PorticoError.make("INTERNAL", message, { status })
}
