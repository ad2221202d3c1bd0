import * as Effect from "effect/Effect"
import type { GatewayInstance } from "../../src/index.ts"
import { protocolsOf, socketUrl } from "./client.ts"

/** A message of the server, read as far as tests look at it. */
export interface Told {
  readonly _tag: string
  readonly requestId?: string | number
  readonly values?: ReadonlyArray<{ readonly position?: string; readonly _tag?: string; readonly item?: unknown }>
  readonly exit?: {
    readonly _tag: string
    readonly value?: unknown
    readonly cause?: ReadonlyArray<{
      readonly _tag: string
      readonly error?: {
        readonly code: string
        readonly message: string
        readonly requestId?: string
        readonly details?: Readonly<Record<string, unknown>>
      }
    }>
  }
}

/** One end of a socket, that writes what it likes and reads one message after another. */
export class Peer {
  readonly socket: WebSocket
  /** How the socket was closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  private readonly inbox: Array<Told> = []
  private readonly waiting: Array<(told: Told) => void> = []

  constructor(socket: WebSocket) {
    this.socket = socket
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason }))
    })
    socket.addEventListener("message", ({ data }) => {
      const told: Told = JSON.parse(String(data))
      const resume = this.waiting.shift()
      if (resume === undefined) this.inbox.push(told)
      else resume(told)
    })
  }

  /** The next message. */
  readonly next: Effect.Effect<Told> = Effect.promise(async () => {
    const told = this.inbox.shift()
    return told ?? new Promise<Told>((resume) => this.waiting.push(resume))
  })

  /** The next exit of a call, whatever comes before. */
  exitOf(id: number): Effect.Effect<NonNullable<Told["exit"]>> {
    return Effect.flatMap(this.next, (told) =>
      told._tag === "Exit" && told.requestId === id && told.exit !== undefined
        ? Effect.succeed(told.exit)
        : this.exitOf(id)
    )
  }

  /** What a call fails with. */
  failureOf(id: number) {
    return Effect.map(this.exitOf(id), (exit) => exit.cause?.[0]?.error)
  }

  raw(text: string | Uint8Array<ArrayBuffer>): void {
    this.socket.send(text)
  }

  request(id: number, tag: string, payload: unknown = null): void {
    this.raw(JSON.stringify({ _tag: "Request", id, tag, payload, headers: [] }))
  }

  ack(id: number): void {
    this.raw(JSON.stringify({ _tag: "Ack", requestId: id }))
  }

  interrupt(id: number): void {
    this.raw(JSON.stringify({ _tag: "Interrupt", requestId: id }))
  }
}

/** An open socket. It closes with the scope. */
export const connect = (instance: Pick<GatewayInstance, "url">, token: string) =>
  Effect.acquireRelease(
    Effect.callback<Peer, Error>((resume) => {
      const socket = new WebSocket(socketUrl(instance), protocolsOf(token))
      const peer = new Peer(socket)
      socket.addEventListener("open", () => resume(Effect.succeed(peer)))
      socket.addEventListener("error", () => resume(Effect.fail(new Error("no socket"))))
    }),
    ({ socket }) => Effect.sync(() => socket.close())
  )

export const closedOf = (peer: Peer) => Effect.promise(() => peer.closed)
