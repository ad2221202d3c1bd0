import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { GatewayBootError } from "../../src/GatewayBootError.ts"
import { Gateway } from "../../src/index.ts"
import type { OnBootFailure } from "../../src/Module.ts"
import { GatewayTest } from "../../src/testing.ts"

class Db extends Context.Service<Db, { readonly name: string }>()("test/Db") {}
class Kernel extends Context.Service<Kernel, { readonly db: string }>()("test/Kernel") {}

const ok = Effect.sync(() => HttpServerResponse.jsonUnsafe({ ok: true }))

const productWith = (make: Effect.Effect<Db["Service"], Error>, onBootFailure: OnBootFailure = "abort") => {
  const DbModule = Gateway.module.define({
    id: "database",
    displayName: "Database",
    provides: [Db],
    layer: Layer.effect(Db, make),
    onBootFailure,
    routes: [{ id: "route:db", scope: "public", mountPath: "/db", auth: "public", handle: ok }]
  })
  const KernelModule = Gateway.module.define({
    id: "kernel",
    displayName: "Kernel",
    requires: [Db],
    provides: [Kernel],
    layer: Layer.effect(
      Kernel,
      Effect.map(Db, (db) => ({ db: db.name }))
    ),
    routes: [{ id: "route:kernel", scope: "public", mountPath: "/kernel", auth: "public", handle: ok }]
  })
  const HelloModule = Gateway.module.define({
    id: "hello",
    displayName: "Hello",
    routes: [{ id: "route:hello", scope: "public", mountPath: "/hello", auth: "public", handle: ok }]
  })
  return Gateway.make({
    identity: { id: "shop", name: "Shop" },
    modules: [DbModule, KernelModule, HelloModule]
  })
}

describe("a start that fails", () => {
  it.effect("says in one report who failed, why, and who had been waiting", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(GatewayTest.make(productWith(Effect.fail(new Error("the disk is gone")))))
      expect(error).toBeInstanceOf(GatewayBootError)
      expect(error.message).toBe(
        [
          "Shop did not start.",
          "  module database: the disk is gone",
          "When it was given up:",
          "  kernel was waiting for database",
          "Everything that had been started was released again."
        ].join("\n")
      )
    })
  )

  it.effect("names the module whose start hangs when its time is up", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(GatewayTest.make(productWith(Effect.never))))
      yield* TestClock.adjust("31 seconds")
      const error = yield* Fiber.join(fiber)
      expect(error.message).toContain("module database: it did not start within 30000 ms")
      expect(error.message).toContain("kernel was waiting for database")
    })
  )

  it.effect("keeps what a defect says out of the report, since it may hold anything", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(GatewayTest.make(productWith(Effect.die(new Error("password=hunter2")))))
      expect(error.message).not.toContain("hunter2")
    })
  )
})

describe("a slow start", () => {
  it.effect("says what it is busy with and who waits", () =>
    Effect.gen(function* () {
      const slow = Effect.delay(Effect.succeed({ name: "db" }), "6 seconds")
      const fiber = yield* Effect.forkChild(GatewayTest.make(productWith(slow)))
      yield* TestClock.adjust("3 seconds")
      yield* TestClock.adjust("3 seconds")
      const { log } = yield* Fiber.join(fiber)
      expect(log.map(({ message }) => message)).toEqual([
        "still starting: database, 3 s; kernel (waiting for database), 3 s",
        "still starting: database, 5 s; kernel (waiting for database), 5 s"
      ])
    })
  )
})

describe("a module that may be missing", () => {
  it.effect("degrades with all that need it, while the others serve", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(productWith(Effect.fail(new Error("the disk is gone")), "degrade"))
      const states = yield* gateway.states
      expect(states.map(({ id, reason, status }) => ({ id, status, reason }))).toEqual([
        { id: "database", status: "degraded", reason: "the disk is gone" },
        { id: "hello", status: "ready", reason: null },
        { id: "kernel", status: "degraded", reason: 'it needs "database", which is degraded' }
      ])
      expect((yield* gateway.request("/hello")).status).toBe(200)
      const refused = yield* gateway.request("/kernel")
      expect(refused.status).toBe(503)
      expect(refused.headers["retry-after"]).toBe("2")
      expect(refused.json).toMatchObject({
        error: { code: "UNAVAILABLE", message: 'Kernel is degraded: it needs "database", which is degraded' }
      })
      const readyz = yield* gateway.request("/readyz")
      expect(readyz.status).toBe(200)
      expect(readyz.json).toMatchObject({ status: "degraded" })
    })
  )
})
