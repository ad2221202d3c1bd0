import { connect, type Socket } from "node:net"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Logger from "effect/Logger"
import { type AccessRecord, Gateway, GatewayInstance, type Module } from "../../src/index.ts"
import { type LogLine, makeMemoryLog } from "../../src/internal/testing/memoryLog.ts"
import { NodeGateway } from "../../src/node.ts"
import { AuthModule, ShopModule } from "../http/product.ts"

/** A product that listens on a real port, and what was seen of it. */
export interface Listening {
  readonly url: string
  readonly port: number
  /** What handlers were asked, in order: method, target and body. */
  readonly handled: ReadonlyArray<string>
  readonly log: ReadonlyArray<LogLine>
  readonly accessLog: ReadonlyArray<AccessRecord>
}

/** The shop, with `POST /note` beside it, which writes down that it was asked. */
export const listen = Effect.fnUntraced(function* (
  flags: Readonly<Record<string, unknown>> = {},
  more: ReadonlyArray<Module.Any> = []
) {
  const handled: Array<string> = []
  const accessLog: Array<AccessRecord> = []
  const { lines, logger } = makeMemoryLog()
  const note = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = yield* request.text
    handled.push(`${request.method} ${request.url} ${body}`)
    return HttpServerResponse.jsonUnsafe({ noted: true })
  })
  const Notes = Gateway.module.define({
    id: "notes",
    displayName: "Notes",
    routes: [{ id: "route:note", scope: "public", mountPath: "/note", method: "*", auth: "public", handle: note }]
  })
  const modules: ReadonlyArray<Module.Any> = [AuthModule, ShopModule, Notes, ...more]
  const product = Gateway.make({ identity: { id: "shop", name: "Shop" }, modules })
  const { url } = yield* GatewayInstance.start(product, {
    settings: { flags: { "gate.port": "0", ...flags } },
    accessLog: (record) => accessLog.push(record)
  }).pipe(Effect.provideService(Logger.CurrentLoggers, new Set([logger])), Effect.provide(NodeGateway.layer))
  return { url, port: Number(new URL(url).port), handled, log: lines, accessLog } satisfies Listening
})

/** Milliseconds until the other side closed a connection, and what it had said by then. */
export interface Closed {
  readonly millis: number
  readonly text: string
}

/** Opens a connection, does something with it, and waits until the other side closes it. */
export const untilClosed = (port: number, use: (socket: Socket) => void): Effect.Effect<Closed> =>
  Effect.callback((resume) => {
    const begun = performance.now()
    let text = ""
    const socket = connect(port, "127.0.0.1", () => use(socket))
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1")
    })
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed({ millis: performance.now() - begun, text })))
    return Effect.sync(() => socket.destroy())
  })

/** So many connections, one opened after the other, since no more can knock at once than the system lets. */
export const crowd = Effect.fnUntraced(function* (port: number, count: number, use: (socket: Socket) => void) {
  const fibers: Array<Fiber.Fiber<Closed>> = []
  for (let index = 0; index < count; index++) {
    const opened = Deferred.makeUnsafe<void>()
    const opening = untilClosed(port, (socket) => {
      use(socket)
      Deferred.doneUnsafe(opened, Effect.void)
    })
    fibers.push(yield* Effect.forkChild(opening, { startImmediately: true }))
    yield* Deferred.await(opened)
  }
  return yield* Fiber.joinAll(fibers)
})

/** Writes one byte after the other, for as long as it is let. */
export const drip = (socket: Socket, text: string, every: number): void => {
  let next = 0
  const timer = setInterval(() => socket.write(text[next++ % text.length] ?? ""), every)
  socket.once("close", () => clearInterval(timer))
}
