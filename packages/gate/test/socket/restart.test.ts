import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Gateway, SocketRpcs } from "../../src/index.ts"
import { resumable, SocketCall } from "../../src/rpc.ts"
import { AuthModule } from "../http/product.ts"
import { NotesModule, start } from "./notes.ts"
import { connect } from "./peer.ts"

class Life extends Context.Service<Life, { readonly number: number }>()("test/Life") {}

const LifeRpcs = RpcGroup.make(
  Rpc.make("life.number", { success: Schema.Int }),
  Rpc.make("life.never", { success: Schema.Void }),
  Rpc.make("life.slow", { success: Schema.Int }),
  resumable("life.watch", { payload: {}, item: Schema.Int })
).middleware(SocketCall)

/** A module that knows how often it was built, and whose next builds wait for `open`. */
const makeLife = Effect.gen(function* () {
  const open = yield* Deferred.make<void>()
  const finish = yield* Deferred.make<void>()
  let lives = 0
  const handlers = LifeRpcs.toLayer(
    Effect.map(Life, ({ number }) => ({
      "life.number": () => Effect.succeed(number),
      "life.never": () => Effect.never,
      "life.slow": () => Effect.as(Deferred.await(finish), number),
      "life.watch": ({ since }) =>
        Stream.concat(Stream.succeed({ position: String(Number(since ?? 0) + 1), item: number }), Stream.never)
    }))
  )
  const LifeModule = Gateway.module.define({
    id: "life",
    displayName: "Life",
    provides: [Life],
    layer: Layer.effect(
      Life,
      Effect.suspend(() => Effect.as(++lives === 1 ? Effect.void : Deferred.await(open), { number: lives }))
    ),
    contributes: [SocketRpcs.of("life", LifeRpcs, handlers)]
  })
  const product = Gateway.make({
    identity: { id: "life", name: "Life" },
    modules: [AuthModule, LifeModule, NotesModule]
  })
  const instance = yield* start({ "gate.drainDeadline": "10s" }, product)
  return { instance, open: Deferred.succeed(open, undefined), finish: Deferred.succeed(finish, undefined) }
})

describe("a restart of a module, over a socket that stays open", () => {
  it.effect("answers its calls UNAVAILABLE meanwhile, then by the new one; others go on", () =>
    Effect.gen(function* () {
      const { instance, open } = yield* makeLife
      const peer = yield* connect(instance, "ada")
      peer.request(1, "life.number")
      expect(yield* peer.exitOf(1)).toEqual({ _tag: "Success", value: 1 })
      peer.request(2, "notes.never")
      const restart = yield* Effect.forkChild(instance.restart("life"), { startImmediately: true })
      peer.request(3, "life.number")
      expect(yield* peer.failureOf(3)).toMatchObject({
        code: "UNAVAILABLE",
        details: { module: "life", status: "restarting" }
      })
      peer.request(4, "notes.whoami")
      expect(yield* peer.exitOf(4)).toEqual({ _tag: "Success", value: "Ada" })
      yield* open
      yield* Fiber.join(restart)
      peer.request(5, "life.number")
      expect(yield* peer.exitOf(5)).toEqual({ _tag: "Success", value: 2 })
      peer.interrupt(2)
      expect(yield* peer.exitOf(2)).toMatchObject({ cause: [{ _tag: "Interrupt" }] })
    })
  )

  it.effect("ends its subscriptions at once, with the position to go on from", () =>
    Effect.gen(function* () {
      const { instance, open } = yield* makeLife
      const peer = yield* connect(instance, "ada")
      peer.request(1, "life.watch", {})
      expect((yield* peer.next).values).toEqual([{ position: "1", item: 1 }])
      peer.ack(1)
      const restart = yield* Effect.forkChild(instance.restart("life"), { startImmediately: true })
      const failure = yield* peer.failureOf(1)
      expect(failure).toMatchObject({ code: "UNAVAILABLE", details: { resume: "1" } })
      yield* open
      yield* Fiber.join(restart)
      peer.request(2, "life.watch", { since: failure?.details?.resume })
      expect((yield* peer.next).values).toEqual([{ position: "2", item: 2 }])
    })
  )

  it.effect("lets its calls end, and ends those that do not in time, before anything of it is released", () =>
    Effect.gen(function* () {
      const { finish, instance, open } = yield* makeLife
      const peer = yield* connect(instance, "ada")
      peer.request(1, "life.slow")
      peer.request(2, "life.never")
      peer.request(3, "notes.whoami")
      yield* peer.exitOf(3)
      const restart = yield* Effect.forkChild(instance.restart("life"), { startImmediately: true })
      yield* finish
      expect(yield* peer.exitOf(1)).toEqual({ _tag: "Success", value: 1 })
      yield* TestClock.adjust(10_000)
      expect(yield* peer.failureOf(2)).toMatchObject({ code: "UNAVAILABLE" })
      yield* open
      yield* Fiber.join(restart)
      peer.request(4, "life.number")
      expect(yield* peer.exitOf(4)).toEqual({ _tag: "Success", value: 2 })
    })
  )
})
