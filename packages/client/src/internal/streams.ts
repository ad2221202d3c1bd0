import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ExportOptions, FileSource, Imported, ImportOptions } from "../Files.ts"
import { addressOf } from "../Node.ts"
import type { CallAnswer, CallRequest, SendOptions } from "../Transport.ts"
import {
  defaultTimeoutMs,
  expectObject,
  type HttpOptions,
  objectOf,
  outputOf,
  refusalOf,
  send,
  tokenOf,
  tooLate,
  wanting
} from "./http.ts"
import { type Sent, sentFrom, sentOf, streamFrom } from "./sent.ts"

const lost = (base: string, cause: unknown): PorticoError =>
  PorticoError.make("UNAVAILABLE", `${base} was lost (${cause instanceof Error ? cause.message : String(cause)}).`, {
    url: base
  })

/** The answer to a call, as soon as its head is there. One that is refused fails with what the instance says. */
const answerTo = (
  options: HttpOptions,
  base: string,
  { body: call, broke, path, stream }: Sent,
  headers: Readonly<Record<string, string>>
): Effect.Effect<Response, PorticoError> =>
  Effect.tryPromise({
    try: async (signal) => {
      const token = await tokenOf(options.token)
      const response = await (options.fetch ?? globalThis.fetch)(`${base}${path}`, {
        method: "POST",
        headers: {
          ...headers,
          "content-type": stream?.type ?? "application/json",
          ...(token === undefined ? undefined : { authorization: `Bearer ${token}` })
        },
        // A body that comes as a stream has to be said to be sent before the answer is read.
        ...(stream === undefined ? { body: JSON.stringify(call) } : { body: stream.body, duplex: "half" }),
        redirect: "error",
        signal
      })
      if (response.ok) return response
      throw refusalOf(response.status, await response.text())
    },
    catch: (cause) => broke() ?? (isPorticoError(cause) ? cause : lost(base, cause))
  })

/** The body of an answer as it comes. */
const bodyOf = ({ body }: Response, { broke }: Sent, base: string): Stream.Stream<Uint8Array, PorticoError> =>
  body === null
    ? Stream.empty
    : Stream.fromReadableStream({ evaluate: () => body, onError: (cause) => broke() ?? lost(base, cause) })

const notAStream = PorticoError.make("INVALID_PARAMS", "This callable gives a value and no stream: call it.")

/** The bytes of a callable that gives bytes. */
export const bytesOver = (
  options: HttpOptions,
  base: string,
  request: CallRequest,
  headers: Readonly<Record<string, string>> = { accept: "*/*", ...wanting("binary") }
): Stream.Stream<Uint8Array, PorticoError> =>
  Stream.suspend(() => {
    const sent = sentOf(request)
    return Stream.unwrap(
      Effect.flatMap(answerTo(options, base, sent, headers), (response) =>
        response.headers.get("content-type")?.startsWith("application/json") === true
          ? Effect.fail(notAStream)
          : Effect.succeed(bodyOf(response, sent, base))
      )
    )
  })

/** The items of a callable that streams. */
export const itemsOver = (options: HttpOptions, base: string, request: CallRequest) =>
  itemsIn(bytesOver(options, base, request, { accept: "application/x-ndjson", ...wanting("stream") }), base)

/** The answer of a callable of whatever kind. A stream has to be read: it holds the connection. */
export const answerOver = (
  options: HttpOptions,
  base: string,
  request: CallRequest,
  { idempotencyKey, timeoutMs = options.timeoutMs ?? defaultTimeoutMs }: SendOptions
): Effect.Effect<CallAnswer, PorticoError> =>
  Effect.suspend(() => {
    const sent = sentOf(request)
    const key = idempotencyKey === undefined ? undefined : { "idempotency-key": idempotencyKey }
    const head = answerTo(options, base, sent, { accept: "application/json, */*", ...key })
    // What is sent takes its time.
    const inTime =
      request.input === undefined
        ? Effect.timeoutOrElse(head, { duration: timeoutMs, orElse: () => Effect.fail(tooLate(base, timeoutMs)) })
        : head
    return Effect.flatMap(inTime, (response): Effect.Effect<CallAnswer, PorticoError> => {
      const output = outputOf(response)
      const bytes = bodyOf(response, sent, base)
      if (output === "binary") return Effect.succeed({ result: bytes, seq: 0, output })
      if (output === "stream") return Effect.succeed({ result: itemsIn(bytes, base), seq: 0, output })
      return Effect.map(
        Effect.tryPromise({
          try: () => objectOf(response),
          catch: (cause) => (isPorticoError(cause) ? cause : lost(base, cause))
        }),
        ({ result, seq }) => ({ result, seq: Number(seq) })
      )
    })
  })

/** Items in lines of JSON, as an instance writes them. */
const itemsIn = (
  bytes: Stream.Stream<Uint8Array, PorticoError>,
  base: string
): Stream.Stream<unknown, PorticoError> => {
  const lines = bytes.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.filter((line) => line.trim() !== ""),
    Stream.mapEffect((line) => frameOf(line, base))
  )
  // An answer without its last line was cut.
  return Stream.concat(lines, Stream.fail(lost(base, "the stream was cut"))).pipe(
    Stream.takeWhile((frame): frame is Item => "item" in frame),
    Stream.map((frame) => frame.item)
  )
}

interface Item {
  readonly item: unknown
}
type Frame = Item | { readonly end: true }

const frameOf = (line: string, base: string): Effect.Effect<Frame, PorticoError> => {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return Effect.fail(lost(base, "the stream was cut"))
  }
  // Boundary: a line as the instance writes it.
  const frame = parsed as { readonly item?: unknown; readonly end?: true; readonly error?: unknown }
  if (frame.error !== undefined) return Effect.fail(PorticoError.fromJson(frame.error))
  return Effect.succeed(frame.end === true ? { end: true } : { item: frame.item })
}

/** Makes a call that gives a value, and reads something. */
export const sendOver = (
  options: HttpOptions,
  base: string,
  { broke, ...sent }: Sent,
  timeoutMs: number | undefined
): Effect.Effect<CallAnswer, PorticoError> =>
  Effect.gen(function* () {
    const answer = yield* send(options, base, {
      method: "POST",
      ...sent,
      headers: wanting("value"),
      timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY
    })
    const body = yield* expectObject(answer)
    return { result: body.result, seq: Number(body.seq) }
  }).pipe(Effect.mapError((error) => broke() ?? error))

const refOf = (of: { readonly ref: string } | string): string => (typeof of === "string" ? of : of.ref)

const paramsOf = ({ class: of, under, ...rest }: ExportOptions | Omit<ImportOptions, "signal" | "timeoutMs">) => ({
  ...rest,
  ...(under === undefined ? undefined : { under: addressOf(under) }),
  ...(of === undefined ? undefined : { class: refOf(of) })
})

/** The call of `Node:export`. */
export const exportRequest = (asked: ExportOptions): CallRequest => ({
  path: "/:kernel.portico.dev:interface.Node:export",
  params: paramsOf(asked)
})

/** `Node:export`. */
export const exportOver = (options: HttpOptions, base: string, asked: ExportOptions) =>
  Stream.suspend(() => bytesOver(options, base, exportRequest(asked)))

const importCall = ({ signal: _, timeoutMs: __, ...asked }: ImportOptions) => ({
  request: { path: "/:kernel.portico.dev:interface.Node:import", params: paramsOf(asked) },
  type: asked.format === "csv" ? "text/csv" : "application/x-ndjson"
})

/** `Node:import`, and what it reads. */
export const importRequest = (source: FileSource, asked: ImportOptions): CallRequest => {
  const { request, type } = importCall(asked)
  return { ...request, input: streamFrom(source), inputType: type }
}

/** `Node:import`. */
export const importOver = (
  options: HttpOptions,
  base: string,
  source: FileSource,
  asked: ImportOptions
): Effect.Effect<Imported, PorticoError> =>
  Effect.suspend(() => {
    const { timeoutMs } = asked
    const { request, type } = importCall(asked)
    // Boundary: what the contract of `import` says.
    return Effect.map(
      sendOver(options, base, sentFrom(request, source, type), timeoutMs),
      ({ result }) => result as Imported
    )
  })
