import type * as Http from "node:http"
import type { Duplex } from "node:stream"
import { GateError } from "../../GateError.ts"
import { errorBody, errorHeaders } from "../http/errorResponse.ts"
import { isAwaited } from "../http/patience.ts"
import type { Outbox } from "./Outbox.ts"

interface ParserError extends Error {
  readonly code?: string
}

// The codes of Node's HTTP parser and server that are not simply a malformed message.
const failureOf = ({ code }: ParserError): GateError => {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return GateError.make("LIMIT_EXCEEDED", "The request's headers are longer than the limit.", {
        status: 431,
        details: { limit: "headers" }
      })
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return GateError.make("PAYLOAD_TOO_LARGE")
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return GateError.make("TIMEOUT", "The request did not arrive in time.", { status: 408 })
    default:
      return GateError.make("INVALID_BODY", "This is not a well-formed HTTP request.")
  }
}

const statusText: Readonly<Record<number, string>> = {
  400: "Bad Request",
  408: "Request Timeout",
  413: "Content Too Large",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large"
}

/** Milliseconds that a client gets to read the answer before its connection is cut. */
const grace = 500

// Node's own handler looks at the same field: bytes must not be written into an answer that has begun.
interface Busy {
  readonly _httpMessage?: {
    readonly headersSent?: boolean
    readonly writableEnded?: boolean
    readonly req?: Http.IncomingMessage
  } | null
}

/**
 * Answers what never becomes a request, in the one error shape: malformed and oversized messages, and those that do not
 * arrive in time. The connection ends with it, since nothing after it can be trusted.
 */
export const answerParserErrors = (server: Http.Server, outbox: Outbox, nextId: () => string): void => {
  server.on("clientError", (error: ParserError, socket: Duplex) => {
    // What was asked before it was whole, and its answer may be waiting.
    outbox.flush()
    // The socket of a server is one of those that carry a message.
    const busy = (socket as Busy)._httpMessage
    // Node tells of a connection once, and looks at it no more.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && busy?.req !== undefined && isAwaited(busy.req)) return
    const isHalfAnswered = busy?.headersSent === true && busy.writableEnded !== true
    if (!socket.writable || error.code === "ECONNRESET" || isHalfAnswered) {
      socket.destroy(error)
      return
    }
    writeError(socket, failureOf(error), nextId())
  })
  server.on("checkExpectation", (_request: Http.IncomingMessage, response: Http.ServerResponse) => {
    const failure = GateError.make("INVALID_BODY", "The Expect header cannot be met.", { status: 417 })
    const requestId = nextId()
    const body = JSON.stringify(errorBody(failure, requestId))
    response.writeHead(417, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "x-request-id": requestId,
      connection: "close"
    })
    response.end(body)
  })
}

const writeError = (socket: Duplex, failure: GateError, requestId: string): void => {
  const body = JSON.stringify(errorBody(failure, requestId))
  const headers = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    connection: "close",
    ...errorHeaders(failure)
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${failure.status} ${statusText[failure.status] ?? "Error"}\r\n${head.join("")}\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), grace)
  socket.once("close", () => clearTimeout(timer))
}
