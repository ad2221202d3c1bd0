import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ExportOptions, FileSource, Imported, ImportOptions } from "../Files.ts"
import { addressOf } from "../Node.ts"
import type { CallAnswer, CallRequest } from "../Transport.ts"
import { expectObject, type HttpCall, type HttpOptions, refusalOf, send, tokenOf } from "./http.ts"

const lost = (base: string, cause: unknown): PorticoError =>
  PorticoError.make("UNAVAILABLE", `${base} was lost (${cause instanceof Error ? cause.message : String(cause)}).`, {
    url: base
  })

/** The body of an answer as it comes. One that is refused fails with what the instance says. */
const bodyOf = (
  options: HttpOptions,
  base: string,
  request: CallRequest,
  accept: string
): Stream.Stream<Uint8Array, PorticoError> =>
  Stream.unwrap(
    Effect.tryPromise({
      try: async (signal) => {
        const token = await tokenOf(options.token)
        const response = await (options.fetch ?? globalThis.fetch)(`${base}/api/call`, {
          method: "POST",
          headers: {
            accept,
            "content-type": "application/json",
            ...(token === undefined ? undefined : { authorization: `Bearer ${token}` })
          },
          body: JSON.stringify(request),
          redirect: "error",
          signal
        })
        const { body } = response
        if (!response.ok) throw refusalOf(response.status, await response.text())
        if (response.headers.get("content-type")?.startsWith("application/json") === true) throw notAStream
        if (body === null) return Stream.empty
        return Stream.fromReadableStream({ evaluate: () => body, onError: (cause) => lost(base, cause) })
      },
      catch: (cause) => (isPorticoError(cause) ? cause : lost(base, cause))
    })
  )

const notAStream = PorticoError.make("INVALID_PARAMS", "This callable gives a value and no stream: call it.")

/** The bytes of a callable that gives bytes. */
export const bytesOver = (options: HttpOptions, base: string, request: CallRequest) =>
  bodyOf(options, base, request, "*/*")

/** The items of a callable that streams. */
export const itemsOver = (
  options: HttpOptions,
  base: string,
  request: CallRequest
): Stream.Stream<unknown, PorticoError> => {
  const lines = bodyOf(options, base, request, "application/x-ndjson").pipe(
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

const isIterable = (source: FileSource): source is AsyncIterable<Uint8Array> =>
  typeof source === "object" && !(source instanceof ReadableStream) && Symbol.asyncIterator in source

const bodyFrom = (source: FileSource): NonNullable<HttpCall["stream"]>["body"] =>
  // Boundary: what a web stream is read from is not in every type of one.
  isIterable(source) ? Stream.toReadableStream(Stream.fromAsyncIterable(source, (cause) => cause)) : source

/** A call whose callable reads bytes. */
export const sendOver = (
  options: HttpOptions,
  base: string,
  request: CallRequest,
  source: FileSource,
  type: string,
  timeoutMs: number | undefined
): Effect.Effect<CallAnswer, PorticoError> =>
  Effect.gen(function* () {
    const query = new URLSearchParams({ path: request.path })
    if (request.params !== undefined) query.set("params", JSON.stringify(request.params))
    if (request.self !== undefined) query.set("self", request.self)
    const answer = yield* send(options, base, {
      method: "POST",
      path: `/api/call?${query}`,
      stream: { body: bodyFrom(source), type },
      timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY
    })
    const body = yield* expectObject(answer)
    return { result: body.result, seq: Number(body.seq) }
  })

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

/** `Node:import`. */
export const importOver = (
  options: HttpOptions,
  base: string,
  source: FileSource,
  { signal: _, timeoutMs, ...asked }: ImportOptions
): Effect.Effect<Imported, PorticoError> =>
  Effect.suspend(() => {
    const request = { path: "/:kernel.portico.dev:interface.Node:import", params: paramsOf(asked) }
    const type = asked.format === "csv" ? "text/csv" : "application/x-ndjson"
    // Boundary: what the contract of `import` says.
    return Effect.map(sendOver(options, base, request, source, type, timeoutMs), ({ result }) => result as Imported)
  })
