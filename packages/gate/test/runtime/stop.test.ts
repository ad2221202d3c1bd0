import { describe, expect, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Gateway } from "../../src/index.ts"
import { GatewayTest } from "../../src/testing.ts"

const productWith = (handle: Effect.Effect<HttpServerResponse.HttpServerResponse>, log: Array<string>) => {
  const Slow = Gateway.module.define({
    id: "slow",
    displayName: "Slow",
    layer: Layer.effectDiscard(
      Effect.acquireRelease(Effect.void, () => Effect.sync(() => void log.push("module released")))
    ),
    routes: [{ id: "route:slow", scope: "public", mountPath: "/slow", auth: "public", handle }]
  })
  return Gateway.make({ identity: { id: "test", name: "Test" }, modules: [Slow] })
}

describe("a stop", () => {
  it.effect("lets requests that run come to their end before it releases their module", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const arrived = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const handle = Effect.gen(function* () {
        yield* Deferred.succeed(arrived, undefined)
        yield* Deferred.await(go)
        log.push("answered")
        return HttpServerResponse.jsonUnsafe({ ok: true })
      })
      const gateway = yield* GatewayTest.make(productWith(handle, log))
      const request = yield* Effect.forkChild(gateway.request("/slow"))
      yield* Deferred.await(arrived)
      const stop = yield* Effect.forkChild(gateway.instance.stop)
      yield* Effect.yieldNow
      const readyz = yield* gateway.request("/readyz")
      expect(readyz.status).toBe(503)
      expect(readyz.json).toMatchObject({ error: { code: "UNAVAILABLE", message: "Not ready: it is stopping." } })
      yield* Deferred.succeed(go, undefined)
      expect((yield* Fiber.join(request)).status).toBe(200)
      yield* Fiber.join(stop)
      expect(log).toEqual(["answered", "module released"])
      expect((yield* gateway.states).map(({ status }) => status)).toEqual(["stopped"])
    })
  )

  it.effect("cuts off what does not end before the deadline, and says so", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const arrived = yield* Deferred.make<void>()
      const handle = Effect.andThen(Deferred.succeed(arrived, undefined), Effect.never)
      const gateway = yield* GatewayTest.make(productWith(handle, log))
      yield* Effect.forkChild(gateway.request("/slow"))
      yield* Deferred.await(arrived)
      const stop = yield* Effect.forkChild(gateway.instance.stop)
      yield* TestClock.adjust("9 seconds")
      expect(log).toEqual([])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(stop)
      expect(log).toEqual(["module released"])
      expect(gateway.log.map(({ message }) => message)).toEqual([
        "1 requests did not end within 10000 ms; they are cut off."
      ])
    })
  )

  it.effect("counts a streaming answer as running until its last byte", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const go = yield* Deferred.make<void>()
      const body = Stream.concat(
        Stream.make(new Uint8Array([1])),
        Stream.fromEffect(Effect.as(Deferred.await(go), new Uint8Array([2])))
      )
      const gateway = yield* GatewayTest.make(productWith(Effect.succeed(HttpServerResponse.stream(body)), log))
      const response = yield* Effect.promise(() => gateway.fetch("/slow"))
      const stop = yield* Effect.forkChild(gateway.instance.stop)
      yield* Effect.yieldNow
      expect(log).toEqual([])
      yield* Deferred.succeed(go, undefined)
      const bytes = yield* Effect.promise(() => response.arrayBuffer())
      expect(bytes.byteLength).toBe(2)
      yield* Fiber.join(stop)
      expect(log).toEqual(["module released"])
    })
  )

  it.effect("happens once, however often it is asked for", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const gateway = yield* GatewayTest.make(productWith(Effect.succeed(HttpServerResponse.empty()), log))
      yield* Effect.all([gateway.instance.stop, gateway.instance.stop], { concurrency: "unbounded" })
      yield* gateway.instance.stop
      expect(log).toEqual(["module released"])
    })
  )

  it.effect("tells those who watch what becomes of each module", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(productWith(Effect.succeed(HttpServerResponse.empty()), []))
      const watching = yield* Effect.forkChild(Stream.runCollect(Stream.take(gateway.instance.changes, 2)))
      yield* Effect.yieldNow
      yield* gateway.instance.stop
      expect((yield* Fiber.join(watching)).map(({ status }) => status)).toEqual(["stopping", "stopped"])
    })
  )
})
