import type * as Http from "node:http"
import { Readable } from "node:stream"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import type { Outbox } from "./Outbox.ts"

type Answer = HttpServerResponse.HttpServerResponse
type Chunks = Stream.Stream<Uint8Array, unknown>

/**
 * Writes an answer, a whole one by way of `outbox`; one that streams until its last chunk is handed over. Dies of what
 * Node finds wrong with it.
 */
export const writeResponse = (response: Http.ServerResponse, answer: Answer, outbox: Outbox): Effect.Effect<void> => {
  try {
    return write(response, answer, outbox)
  } catch (defect) {
    return Effect.die(defect)
  }
}

const write = (response: Http.ServerResponse, answer: Answer, outbox: Outbox): Effect.Effect<void> => {
  const { body, status, statusText } = answer
  // Nobody is there to read it.
  if (response.destroyed) return Effect.void
  if (status < 200 || status > 599) throw new RangeError(`${status} is not the status of an answer`)
  // Of two lengths that differ, the client would read into the next answer.
  response.strictContentLength = true
  if (body._tag === "FormData") return writeForm(response, answer, new Response(body.formData))
  response.writeHead(status, statusText, fieldsOf(answer))
  if (response.req.method === "HEAD" || HttpServerResponse.omitsBody(answer) || body._tag === "Empty") {
    outbox.end(response)
  } else if (body._tag === "Uint8Array") outbox.end(response, body.text ?? body.body)
  else if (body._tag === "Stream") return writeChunks(response, body.stream)
  else if (body.body instanceof Readable) return writeChunks(response, chunksOf(body.body))
  else response.end(body.body)
  return Effect.void
}

/** The header fields as Node takes them: cookies apart, and no length where there is no body to have one. */
const fieldsOf = ({ cookies, headers, status }: Answer): Http.OutgoingHttpHeaders => {
  const bodiless = status === 204 || status === 205
  if (!bodiless && Cookies.isEmpty(cookies)) return headers
  const { "set-cookie": own, ...fields }: Http.OutgoingHttpHeaders = headers
  if (bodiless) delete fields["content-length"]
  const all = Cookies.toSetCookieHeaders(cookies)
  if (typeof own === "string") all.push(own)
  return all.length === 0 ? fields : { ...fields, "set-cookie": all }
}

const writeForm = (response: Http.ServerResponse, answer: Answer, form: Response): Effect.Effect<void> => {
  response.writeHead(answer.status, { ...fieldsOf(answer), ...Object.fromEntries(form.headers) })
  const { body } = form
  if (response.req.method !== "HEAD" && body !== null) {
    return writeChunks(response, Stream.fromReadableStream({ evaluate: () => body, onError: (cause) => cause }))
  }
  response.end()
  return Effect.void
}

const chunksOf = (readable: Readable): Chunks =>
  NodeStream.fromReadable({ evaluate: () => readable, onError: (cause) => cause })

const writeChunks = (response: Http.ServerResponse, chunks: Chunks): Effect.Effect<void> => {
  // The first chunk may be long in coming, and whoever waits for it should know by then that it will come.
  response.flushHeaders()
  return Stream.runForEach(Stream.orDie(chunks), (chunk) =>
    response.write(chunk) ? Effect.void : drained(response)
  ).pipe(Effect.interruptible, Effect.andThen(Effect.sync(() => response.end())))
}

/** Waits until the client has read what was written. */
const drained = (response: Http.ServerResponse): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const go = (): void => resume(Effect.void)
    response.once("drain", go)
    return Effect.sync(() => response.off("drain", go))
  })
