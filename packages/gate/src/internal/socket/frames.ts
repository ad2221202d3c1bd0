import type { FromClientEncoded, RequestEncoded } from "effect/rpc/RpcMessage"
import * as RpcSerialization from "effect/rpc/RpcSerialization"

/** Longest id that a client may give to a call, in UTF-16 units. It is kept while the call runs. */
const maxIdLength = 128

const parser = RpcSerialization.json.makeUnsafe()

type Fields = Readonly<Record<string, unknown>>

const isId = (id: unknown): id is string | number =>
  typeof id === "string" ? id.length <= maxIdLength : Number.isSafeInteger(id)

const spanOf = ({ sampled, spanId, traceId }: Fields) =>
  typeof spanId === "string" && typeof traceId === "string" && typeof sampled === "boolean"
    ? { spanId, traceId, sampled }
    : {}

const requestOf = (fields: Fields): RequestEncoded | undefined => {
  const { id, payload, tag } = fields
  if (!isId(id) || typeof tag !== "string" || fields.isNotification === true) return undefined
  // Nothing else that a client writes gets to the handlers: no headers, which would look like those of HTTP.
  return { _tag: "Request", id, tag, payload, headers: [], ...spanOf(fields) }
}

const messageOf = (value: unknown): FromClientEncoded | undefined => {
  if (typeof value !== "object" || value === null) return undefined
  // Boundary: an object out of JSON; each member is looked at before it is used.
  const fields = value as Fields
  switch (fields._tag) {
    case "Request":
      return requestOf(fields)
    case "Ack":
    case "Interrupt":
      return isId(fields.requestId) ? { _tag: fields._tag, requestId: fields.requestId } : undefined
    case "Ping":
    case "Eof":
      return { _tag: fields._tag }
    default:
      return undefined
  }
}

/**
 * The messages of a frame: one of effect/rpc's client messages as JSON, or an array of them. `undefined` if it is
 * anything else.
 */
export const readFrame = (frame: string): ReadonlyArray<FromClientEncoded> | undefined => {
  let values: ReadonlyArray<unknown>
  try {
    values = parser.decode(frame)
  } catch {
    return undefined
  }
  const messages: Array<FromClientEncoded> = []
  for (const value of values) {
    const message = messageOf(value)
    if (message === undefined) return undefined
    messages.push(message)
  }
  return messages
}
