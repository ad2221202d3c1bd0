import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Scope from "effect/Scope"
import { type MemoryListener, memoryUrl } from "./memoryTransport.ts"

/** Like the global `fetch`, but answered by the product under test. A path is enough. */
export type TestFetch = (input: string | Request, init?: RequestInit) => Promise<Response>

/** An answer that was read to its end. */
export interface TestResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The values of its `set-cookie` fields, of which `headers` has one. */
  readonly cookies: ReadonlyArray<string>
  readonly text: string
  /** The body parsed as JSON; `undefined` if it is not JSON. */
  readonly json: unknown
}

/** Sends a JSON body, or a `RequestInit` for everything else. */
export interface TestRequest extends Omit<RequestInit, "body"> {
  readonly json?: unknown
  readonly body?: BodyInit
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string
}

/** A request whose target is sent as it is written, where a URL would have been tidied up. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const initOf = ({ body, json, token, ...init }: TestRequest): RequestInit => {
  const headers = new Headers(init.headers)
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`)
  if (json === undefined) return { ...init, headers, ...(body === undefined ? {} : { body }) }
  headers.set("content-type", "application/json")
  return { ...init, method: init.method ?? "POST", headers, body: JSON.stringify(json) }
}

/** What the web handler gives to an application. */
type Given = HttpServerRequest.HttpServerRequest | Scope.Scope

export const makeTestFetch = ({ app, context }: MemoryListener): TestFetch => {
  const handler = HttpEffect.toWebHandlerWith<never, Given>(context)(app)
  return (input, init) => {
    const request = typeof input === "string" ? new Request(new URL(input, memoryUrl), init) : new Request(input, init)
    if (!request.headers.has("host")) request.headers.set("host", new URL(request.url).host)
    return handler(request)
  }
}

const read = async (response: Response): Promise<TestResponse> => {
  const text = await response.text()
  const { headers, status } = response
  return {
    status,
    headers: Object.fromEntries(headers),
    cookies: headers.getSetCookie(),
    text,
    json: parsed(text)
  }
}

export const makeTestRequest =
  (fetch: TestFetch) =>
  (path: string, init: TestRequest = {}): Effect.Effect<TestResponse> =>
    Effect.promise(async () => read(await fetch(path, initOf(init))))

/** Sends what `fetch` would not. */
export const makeRawRequest =
  ({ app, context }: MemoryListener) =>
  ({ headers, method, target }: RawRequest): Effect.Effect<TestResponse> =>
    Effect.promise(async () => {
      const request = new Request(memoryUrl, { method, headers: { host: new URL(memoryUrl).host, ...headers } })
      const retargeted = Effect.updateService(app, HttpServerRequest.HttpServerRequest, (sent) =>
        sent.modify({ url: target })
      )
      return read(await HttpEffect.toWebHandlerWith<never, Given>(context)(retargeted)(request))
    })
