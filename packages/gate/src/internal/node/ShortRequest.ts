import type * as Http from "node:http"
import * as NodeMultipart from "@effect/platform-node/NodeMultipart"
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import * as Headers from "effect/http/Headers"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import { HttpServerError, RequestParseError } from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as UrlParams from "effect/http/UrlParams"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ShortBody } from "./ShortBody.ts"

type Overrides = Parameters<HttpServerRequest.HttpServerRequest["modify"]>[0]

const headersPrototype: object = Object.getPrototypeOf(Headers.empty)

/** Node gives names in lower case, and an array for one of them. */
const headersOf = (source: Http.IncomingMessage): Headers.Headers => {
  const { headers } = source
  const copied = Object.create(headersPrototype)
  for (const name in headers) {
    const value = headers[name]
    copied[name] = typeof value === "string" ? value : value?.join(", ")
  }
  return copied
}

/** A request with a short body, as effect/http sees it. Whatever few handlers ask for is made when it is asked for. */
export class ShortRequest implements HttpServerRequest.HttpServerRequest {
  readonly [HttpServerRequest.TypeId] = HttpServerRequest.TypeId
  readonly [HttpIncomingMessage.TypeId] = HttpIncomingMessage.TypeId
  readonly source: Http.IncomingMessage
  readonly url: string
  readonly method: string
  readonly protocol: "http" | "https" | undefined
  private readonly body: ShortBody
  private readonly overrides: Overrides
  private ownHeaders: Headers.Headers | undefined

  constructor(source: Http.IncomingMessage, body: ShortBody, overrides: Overrides = {}) {
    this.source = source
    // Node's parser has set both, and knows methods in upper case only.
    this.url = overrides.url ?? source.url ?? "/"
    this.method = source.method ?? "GET"
    this.protocol = overrides.protocol
    this.body = body
    this.overrides = overrides
    this.ownHeaders = overrides.headers
  }

  get headers(): Headers.Headers {
    this.ownHeaders ??= headersOf(this.source)
    return this.ownHeaders
  }

  get originalUrl(): string {
    const { host } = this.source.headers
    return host === undefined ? this.url : `http://${host}${this.source.url}`
  }

  get remoteAddress(): Option.Option<string> {
    return this.overrides.remoteAddress ?? Option.fromNullishOr(this.source.socket.remoteAddress)
  }

  get peerAddress(): Option.Option<string> {
    return this.overrides.peerAddress ?? this.remoteAddress
  }

  get cookies(): Readonly<Record<string, string>> {
    return Cookies.parseHeader(this.headers.cookie ?? "")
  }

  private get bytes(): Effect.Effect<Buffer, HttpServerError> {
    return this.body.read((reason, cause) => this.unread(reason, cause))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpServerError> {
    return Effect.map(this.bytes, (bytes) => new Uint8Array(bytes).buffer)
  }

  get text(): Effect.Effect<string, HttpServerError> {
    return Effect.map(this.bytes, textOf)
  }

  get json(): Effect.Effect<Schema.Json, HttpServerError> {
    return Effect.flatMap(this.bytes, (bytes) => {
      try {
        return Effect.succeed(bytes.length === 0 ? null : JSON.parse(textOf(bytes)))
      } catch (cause) {
        return Effect.fail(this.unread("Parse", cause))
      }
    })
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpServerError> {
    // `URLSearchParams` would take a question mark at the start for the one before a query.
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text.replace(/^\?/, "%3F"))))
  }

  get stream(): Stream.Stream<Uint8Array, HttpServerError> {
    return Stream.fromEffect(this.bytes)
  }

  // Forms of several parts take the long way. What comes here is none, and both fail and say so.
  get multipart(): HttpServerRequest.HttpServerRequest["multipart"] {
    return NodeMultipart.persisted(this.source, this.source.headers)
  }

  get multipartStream(): HttpServerRequest.HttpServerRequest["multipartStream"] {
    return NodeMultipart.stream(this.source, this.source.headers)
  }

  get upgrade(): HttpServerRequest.HttpServerRequest["upgrade"] {
    return this.upgradeWith()
  }

  upgradeWith(): HttpServerRequest.HttpServerRequest["upgrade"] {
    return Effect.fail(this.unread("Parse", new Error("This request asks for no upgrade.")))
  }

  modify(options: Overrides): ShortRequest {
    return new ShortRequest(this.source, this.body, { ...this.overrides, ...options })
  }

  toString(): string {
    return `ShortRequest(${this.method} ${this.url.split("?")[0]})`
  }

  [Inspectable.NodeInspectSymbol](): unknown {
    return this.toJSON()
  }

  toJSON(): unknown {
    return { _id: "HttpServerRequest", method: this.method, url: this.url.split("?")[0] }
  }

  private unread(reason: "Parse" | "BodyTooLarge", cause: unknown): HttpServerError {
    return new HttpServerError({ reason: new RequestParseError({ request: this, reason, cause }) })
  }
}

/** As `TextDecoder` reads it, at a fraction of what that costs for a few bytes. */
const textOf = (bytes: Buffer): string => {
  const text = bytes.toString()
  return text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text
}

const byteOrderMark = 0xfeff
