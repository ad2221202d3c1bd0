import { randomBytes } from "node:crypto"
import { connect as connectTcp, type Socket } from "node:net"
import * as Effect from "effect/Effect"
import type { GatewayInstance } from "../../src/index.ts"

/** A text frame of a client (RFC 6455, section 5.2): masked, and up to 64 KiB long. */
const frameOf = (text: string): Buffer => {
  const payload = Buffer.from(text)
  const mask = randomBytes(4)
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff]
  return Buffer.concat([
    Buffer.from([0x81, ...length]),
    mask,
    payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  ])
}

/** What was read of a socket: its text frames, and the code that it was closed with. */
export interface ReadFrames {
  readonly texts: ReadonlyArray<string>
  readonly code: number | undefined
}

/** The frames of a server, which masks nothing. The last one may be cut off. */
const framesIn = (bytes: Buffer): ReadFrames => {
  const texts: Array<string> = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 0x0f
    const short = bytes[at + 1] ?? 0
    const head = short === 127 ? 10 : short === 126 ? 4 : 2
    if (at + head > bytes.length) break
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short
    const payload = bytes.subarray(at + head, at + head + length)
    if (payload.length < length) break
    if (opcode === 8) return { texts, code: payload.readUInt16BE(0) }
    texts.push(payload.toString("utf8"))
    at += head + length
  }
  return { texts, code: undefined }
}

/** One end of a socket that does not read until it is told to, which no WebSocket of a library can be made to do. */
export class RawPeer {
  private readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  request(id: number, tag: string, payload: unknown): void {
    this.socket.write(frameOf(JSON.stringify({ _tag: "Request", id, tag, payload, headers: [] })))
  }

  ack(id: number): void {
    this.socket.write(frameOf(JSON.stringify({ _tag: "Ack", requestId: id })))
  }

  /** Reads all that is there, until the server is done. */
  readonly readAll: Effect.Effect<ReadFrames> = Effect.suspend(() => this.readUntil(undefined))

  /** Reads until a frame has a text in it, or until the server is done. */
  readUntil(part: string | undefined): Effect.Effect<ReadFrames> {
    return Effect.callback((resume) => {
      const parts: Array<Buffer> = []
      const frames = () => framesIn(Buffer.concat(parts))
      this.socket.on("data", (bytes: Buffer) => {
        parts.push(bytes)
        const { code, texts } = frames()
        if (code !== undefined) this.socket.end()
        else if (part !== undefined && texts.at(-1)?.includes(part) === true) resume(Effect.succeed(frames()))
      })
      this.socket.on("close", () => resume(Effect.succeed(frames())))
      this.socket.resume()
    })
  }
}

/** An open socket whose answers nobody reads. */
export const connectRaw = ({ url }: Pick<GatewayInstance, "url">, token: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<Socket>((resume) => {
        const { port } = new URL(url)
        const socket = connectTcp(Number(port), "127.0.0.1", () => {
          socket.write(
            `GET /gateway/v1/socket HTTP/1.1\r\nhost: localhost:${port}\r\nauthorization: Bearer ${token}\r\n` +
              "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" +
              `sec-websocket-key: ${randomBytes(16).toString("base64")}\r\n\r\n`
          )
        })
        socket.on("error", () => {})
        let head = ""
        const onHead = (part: Buffer) => {
          head += part.toString("latin1")
          if (!head.endsWith("\r\n\r\n")) return
          socket.off("data", onHead)
          socket.pause()
          resume(Effect.succeed(socket))
        }
        socket.on("data", onHead)
      }),
      (socket) => Effect.sync(() => socket.destroy())
    ),
    (socket) => new RawPeer(socket)
  )
