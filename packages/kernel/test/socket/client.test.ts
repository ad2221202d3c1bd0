import { connect, createServer, type Socket } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import { PorticoSocket, resumed } from "@portico/client/socket"
import { type Caller, Gateway, GatewayInstance, SocketRpcs } from "@portico/gate"
import { Authenticator } from "@portico/gate/contracts"
import { NodeGateway } from "@portico/gate/node"
import { resumable, SocketCall } from "@portico/gate/rpc"
import { FakeAuthenticator } from "@portico/gate/testing"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const CountRpcs = RpcGroup.make(
  Rpc.make("count.one", { success: Schema.Int }),
  Rpc.make("count.never", { success: Schema.Void }),
  Rpc.make("count.to", { payload: { to: Schema.Int }, success: Schema.Int, stream: true }),
  resumable("count.on", { payload: {}, item: Schema.Int })
).middleware(SocketCall)

const callerUntil = (expiresAt?: number): Caller => ({
  id: "ada",
  kind: "User",
  name: "Ada",
  operator: true,
  credential: { kind: "test", ...(expiresAt === undefined ? {} : { expiresAt }) }
})

/** An instance that counts, as far as it is told, and says when a call of it was given up. */
const makeCounting = Effect.gen(function* () {
  const givenUp = yield* Deferred.make<void>()
  const begun = yield* Deferred.make<void>()
  let until = 3
  const handlers = CountRpcs.toLayer({
    "count.one": () => Effect.succeed(1),
    "count.never": () =>
      Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(givenUp, undefined))
      ),
    "count.to": ({ to }) => Stream.range(1, to),
    "count.on": ({ since }) => {
      const from = Number(since ?? 0) + 1
      const items = Stream.map(Stream.range(from, until), (n) => ({ position: String(n), item: n }))
      return Stream.concat(items, Stream.never)
    }
  })
  const CountModule = Gateway.module.define({
    id: "count",
    displayName: "Count",
    contributes: [SocketRpcs.of("count", CountRpcs, handlers)]
  })
  const { revoke, service } = FakeAuthenticator.make({ ada: callerUntil(), brief: callerUntil(Date.now() + 3_000) })
  const tokens = new Map(["ada", "brief"].map((token) => [`Bearer ${token}`, Deferred.makeUnsafe<void>()]))
  const noting: Authenticator["Service"] = {
    authenticate: (request) => {
      const known = tokens.get(request.headers.authorization ?? "")
      if (known !== undefined) Deferred.doneUnsafe(known, Effect.void)
      return service.authenticate(request)
    }
  }
  /** Waits until a token was shown. */
  const shown = (token: string) => Deferred.await(tokens.get(`Bearer ${token}`) ?? Deferred.makeUnsafe<void>())
  const AuthModule = Gateway.module.define({
    id: "auth",
    displayName: "Auth",
    provides: [Authenticator],
    layer: Layer.succeed(Authenticator, noting)
  })
  const product = Gateway.make({ identity: { id: "count", name: "Count" }, modules: [AuthModule, CountModule] })
  const instance = yield* Effect.provide(
    GatewayInstance.start(product, { settings: { flags: { "gate.port": "0" } } }),
    NodeGateway.layer
  )
  const countTo = (to: number) => {
    until = to
  }
  return { instance, revoke, shown, countTo, begun: Deferred.await(begun), givenUp: Deferred.await(givenUp) }
})

/** A line to an instance that can be cut. */
const makeLine = ({ url }: Pick<GatewayInstance, "url">) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly url: string; readonly cut: () => void; readonly close: () => void }>((resume) => {
      const sockets = new Set<Socket>()
      const cut = () => {
        for (const socket of sockets) socket.destroy()
      }
      const server = createServer((near) => {
        const far = connect(Number(new URL(url).port), "127.0.0.1")
        for (const socket of [near, far]) {
          sockets.add(socket)
          socket.on("error", () => {})
          socket.on("close", () => {
            sockets.delete(socket)
            near.destroy()
            far.destroy()
          })
        }
        near.pipe(far).pipe(near)
      })
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        const close = () => {
          cut()
          server.close()
        }
        resume(Effect.succeed({ url: `http://localhost:${port}`, cut, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

describe("PorticoSocket", () => {
  it.live("calls what a module offers, typed by its group, and streams", () =>
    Effect.gen(function* () {
      const { instance } = yield* makeCounting
      const portico = yield* PorticoSocket.open({ url: instance.url, token: "ada" })
      const count = yield* portico.calls(CountRpcs)
      expect(yield* count["count.one"]()).toBe(1)
      expect(yield* Stream.runCollect(count["count.to"]({ to: 5 }))).toEqual([1, 2, 3, 4, 5])
    })
  )

  it.live("cancels a call at the instance when it is interrupted", () =>
    Effect.gen(function* () {
      const { begun, givenUp, instance } = yield* makeCounting
      const portico = yield* PorticoSocket.open({ url: instance.url, token: "ada" })
      const count = yield* portico.calls(CountRpcs)
      const call = yield* Effect.forkChild(count["count.never"](), { startImmediately: true })
      yield* begun
      yield* Fiber.interrupt(call)
      yield* givenUp
    })
  )

  it.live(
    "goes on with a subscription over a lost connection and a restart, with nothing missing and nothing twice",
    () =>
      Effect.gen(function* () {
        const { countTo, instance } = yield* makeCounting
        const line = yield* makeLine(instance)
        const portico = yield* PorticoSocket.open({ url: line.url, token: "ada" })
        const count = yield* portico.calls(CountRpcs)
        const seen: Array<number> = []
        const items = resumed((since) => count["count.on"](since === undefined ? {} : { since }))
        yield* Stream.runForEach(Stream.take(items, 9), ({ item }) =>
          Effect.sync(() => seen.push(item)).pipe(
            Effect.andThen(() => {
              if (item === 3) {
                countTo(6)
                line.cut()
              }
              if (item !== 6) return Effect.void
              countTo(9)
              return Effect.asVoid(Effect.ignore(instance.restart("count")))
            })
          )
        )
        expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
      })
  )

  it.live("fails the calls that a lost connection takes along, and takes new ones on the next", () =>
    Effect.gen(function* () {
      const { begun, instance } = yield* makeCounting
      const line = yield* makeLine(instance)
      const portico = yield* PorticoSocket.open({ url: line.url, token: "ada" })
      const count = yield* portico.calls(CountRpcs)
      const call = yield* Effect.forkChild(Effect.flip(count["count.never"]()), { startImmediately: true })
      yield* begun
      line.cut()
      expect(yield* Fiber.join(call)).toMatchObject({ _tag: "RpcClientError" })
      expect(yield* Effect.retry(count["count.one"](), Schedule.spaced("100 millis"))).toBe(1)
    })
  )

  it.live("asks for another token before the present one expires, and shows it on the same connection", () =>
    Effect.gen(function* () {
      const { instance, revoke, shown } = yield* makeCounting
      const tokens = ["brief", "ada"]
      const token = async () => tokens.shift() ?? "none is left"
      const portico = yield* PorticoSocket.open({ url: instance.url, token })
      const count = yield* portico.calls(CountRpcs)
      const call = yield* Effect.forkChild(Effect.flip(count["count.never"]()), { startImmediately: true })
      yield* shown("ada")
      // The first is of no use any more, so what answers now was renewed; and the call from before still runs.
      revoke("brief")
      expect(yield* count["count.one"]()).toBe(1)
      expect(call.pollUnsafe()).toBeUndefined()
      yield* Fiber.interrupt(call)
    })
  )

  it.live("says why no socket is opened: who is not known, and where nobody is", () =>
    Effect.gen(function* () {
      const { instance } = yield* makeCounting
      const unknown = yield* Effect.flip(PorticoSocket.open({ url: instance.url, token: "eve" }))
      expect(unknown).toMatchObject({ code: "UNAUTHENTICATED" })
      const line = yield* makeLine(instance)
      line.close()
      expect(yield* Effect.flip(PorticoSocket.open({ url: line.url, token: "ada" }))).toMatchObject({
        code: "UNAVAILABLE"
      })
    })
  )
})
