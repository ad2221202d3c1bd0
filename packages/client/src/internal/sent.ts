import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { FileSource } from "../Files.ts"
import type { CallRequest } from "../Transport.ts"
import type { HttpCall } from "./http.ts"

/** A request of `POST /api/call`, and why what it sends broke off, if it did. */
export interface Sent extends Pick<HttpCall, "path" | "body" | "stream"> {
  readonly broke: () => PorticoError | undefined
}

const isIterable = (source: FileSource): source is AsyncIterable<Uint8Array> =>
  typeof source === "object" && !(source instanceof ReadableStream) && Symbol.asyncIterator in source

const bodyFrom = (source: FileSource): NonNullable<HttpCall["stream"]>["body"] =>
  // Boundary: what a web stream is read from is not in every type of one.
  isIterable(source) ? Stream.toReadableStream(Stream.fromAsyncIterable(source, (cause) => cause)) : source

/** A call in the query, whose body is what it reads. */
const inQuery = ({ params, path, self }: CallRequest): string => {
  const query = new URLSearchParams({ path })
  if (params !== undefined) query.set("params", JSON.stringify(params))
  if (self !== undefined) query.set("self", self)
  return `/api/call?${query}`
}

/** A call that reads what is in a source. */
export const sentFrom = (request: CallRequest, source: FileSource, type: string): Sent => ({
  path: inQuery(request),
  stream: { body: bodyFrom(source), type },
  broke: () => undefined
})

const newline = "\n"

const asBytes = (piece: unknown): Effect.Effect<Uint8Array, PorticoError> =>
  piece instanceof Uint8Array
    ? Effect.succeed(piece)
    : Effect.fail(PorticoError.make("INVALID_PARAMS", "What is sent with a media type has to be bytes."))

/** What a call reads, and of what type: bytes as they are, items as lines of JSON. */
export const bytesRead = ({
  input = Stream.empty,
  inputType
}: CallRequest): { readonly bytes: Stream.Stream<Uint8Array, PorticoError>; readonly type: string } => {
  const bytes: Stream.Stream<Uint8Array, unknown> =
    inputType === undefined
      ? Stream.encodeText(Stream.map(input, (item) => `${JSON.stringify(item ?? null)}${newline}`))
      : Stream.mapEffect(input, asBytes)
  return {
    bytes: Stream.mapError(bytes, (cause) => (isPorticoError(cause) ? cause : brokeOff(cause))),
    type: inputType ?? "application/x-ndjson"
  }
}

/** A call with what it reads. */
export const sentOf = (request: CallRequest): Sent => {
  const { input, inputType: _, ...call } = request
  if (input === undefined) return { path: "/api/call", body: call, broke: () => undefined }
  let broken: PorticoError | undefined
  const { bytes, type } = bytesRead(request)
  const told = Stream.tapError(bytes, (cause) =>
    Effect.sync(() => {
      broken = cause
    })
  )
  return {
    path: inQuery(call),
    // Boundary: as for `bodyFrom`.
    stream: { body: Stream.toReadableStream(told), type },
    broke: () => broken
  }
}

/** What a source has, read as it is wanted. */
export const streamFrom = (source: FileSource): Stream.Stream<Uint8Array, unknown> => {
  if (typeof source === "string") return Stream.encodeText(Stream.succeed(source))
  if (source instanceof Uint8Array) return Stream.succeed(source)
  if (isIterable(source)) return Stream.fromAsyncIterable(source, (cause) => cause)
  const body = source instanceof Blob ? source.stream() : source
  return Stream.fromReadableStream({ evaluate: () => body, onError: (cause) => cause })
}

const brokeOff = (cause: unknown): PorticoError =>
  PorticoError.make(
    "INVALID_BODY",
    `What was to be sent broke off (${cause instanceof Error ? cause.message : String(cause)}).`
  )
