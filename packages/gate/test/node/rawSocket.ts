import { connect } from "node:net"
import * as Effect from "effect/Effect"

/** What came back over a bare socket. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly json: unknown
  /** Whether the server closed the connection. */
  readonly closed: boolean
}

/** What to write, piece by piece. */
export interface RawRequest {
  readonly port: number
  readonly pieces: ReadonlyArray<string | Uint8Array>
  /** Waits for the server to close, rather than for the first whole answer. */
  readonly untilClosed?: boolean
}

const parse = (text: string, closed: boolean): RawAnswer => {
  const [head = "", ...rest] = text.split("\r\n\r\n")
  const [line = "", ...fields] = head.split("\r\n")
  const body = rest.join("\r\n\r\n")
  const headers = Object.fromEntries(
    fields.map((field) => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 2)])
  )
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    json = undefined
  }
  return { status: Number(line.split(" ")[1]), headers, body, json, closed }
}

const isWhole = (text: string): boolean => {
  const end = text.indexOf("\r\n\r\n")
  const length = /content-length: (\d+)/i.exec(text)?.[1]
  return end !== -1 && length !== undefined && text.length >= end + 4 + Number(length)
}

/** Speaks to a server without a client library in between, which would refuse to send most of this. */
export const rawRequest = ({ pieces, port, untilClosed = false }: RawRequest): Effect.Effect<RawAnswer> =>
  Effect.callback((resume) => {
    let text = ""
    const socket = connect(port, "127.0.0.1", () => {
      for (const piece of pieces) socket.write(piece)
    })
    const end = (closed: boolean) => {
      resume(Effect.succeed(parse(text, closed)))
      socket.destroy()
    }
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1")
      if (!untilClosed && isWhole(text)) end(false)
    })
    socket.on("close", () => end(true))
    socket.on("error", () => end(true))
    return Effect.sync(() => socket.destroy())
  })
