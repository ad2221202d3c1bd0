import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { GateError, Gateway } from "../../src/index.ts"
import { GatewayTest } from "../../src/testing.ts"

class Db extends Context.Service<Db, { readonly generation: number }>()("test/Db") {}
class Crm extends Context.Service<Crm, { readonly db: number }>()("test/Crm") {}
class Clock extends Context.Service<Clock, { readonly generation: number }>()("test/Clock") {}

const Word = Gateway.extensionPoint<string>("clock.words")

/** What the modules do is told to `log`; `onDb` runs when the database starts, `onSlow` when `/slow` is asked. */
const setUp = (options: {
  readonly onDb?: (generation: number) => Effect.Effect<void, Error>
  readonly onSlow?: Effect.Effect<void>
}) => {
  const log: Array<string> = []
  let generations = 0
  const told = (what: string) => Effect.sync(() => void log.push(what))
  const life = (name: string) => Effect.acquireRelease(told(`+${name}`), () => told(`-${name}`))
  const DbModule = Gateway.module.define({
    id: "db",
    displayName: "Db",
    provides: [Db],
    layer: Layer.effect(
      Db,
      Effect.gen(function* () {
        const generation = ++generations
        yield* options.onDb?.(generation) ?? Effect.void
        yield* life("db")
        return { generation }
      })
    )
  })
  const CrmModule = Gateway.module.define({
    id: "crm",
    displayName: "Crm",
    requires: [Db],
    provides: [Crm],
    layer: Layer.effect(
      Crm,
      Effect.gen(function* () {
        yield* life("crm")
        return { db: (yield* Db).generation }
      })
    ),
    contributes: [Word.effect(Effect.map(Crm, ({ db }) => `crm on db ${db}`))],
    routes: [
      {
        id: "route:crm",
        scope: "public",
        mountPath: "/crm",
        auth: "public",
        handle: Crm.useSync(({ db }) => HttpServerResponse.jsonUnsafe({ db }))
      },
      {
        id: "route:slow",
        scope: "public",
        mountPath: "/slow",
        auth: "public",
        handle: Effect.as(options.onSlow ?? Effect.void, HttpServerResponse.jsonUnsafe({ done: true }))
      }
    ]
  })
  const ClockModule = Gateway.module.define({
    id: "clock",
    displayName: "Clock",
    provides: [Clock],
    owns: [Word],
    layer: Layer.effect(Clock, Effect.as(life("clock"), { generation: 1 })),
    routes: [
      {
        id: "route:words",
        scope: "public",
        mountPath: "/words",
        auth: "public",
        handle: Effect.flatMap(Word.ref, ({ away, current }) =>
          away.length > 0
            ? Effect.fail(GateError.make("UNAVAILABLE", `${away.join()} is away`))
            : Effect.succeed(HttpServerResponse.jsonUnsafe(current.map(({ value }) => value)))
        )
      }
    ]
  })
  const product = Gateway.make({
    identity: { id: "test", name: "Test" },
    modules: [DbModule, CrmModule, ClockModule]
  })
  return { log, product }
}

describe("a restart", () => {
  it.effect("rebuilds a module and all that need it, in order, and nobody else", () =>
    Effect.gen(function* () {
      const { log, product } = setUp({})
      const gateway = yield* GatewayTest.make(product)
      expect((yield* gateway.request("/crm")).json).toEqual({ db: 1 })
      expect(gateway.instance.blastRadius("db")).toEqual(["db", "crm"])
      log.length = 0
      const states = yield* gateway.instance.restart("db")
      expect(states.map(({ id, status }) => [id, status])).toEqual([
        ["db", "ready"],
        ["crm", "ready"]
      ])
      expect(log).toEqual(["-crm", "-db", "+db", "+crm"])
      expect((yield* gateway.request("/crm")).json).toEqual({ db: 2 })
      expect((yield* gateway.request("/words")).json).toEqual(["crm on db 2"])
    })
  )

  it.effect("lets requests that run come to their end, and refuses new ones meanwhile", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const onSlow = Effect.andThen(Deferred.succeed(arrived, undefined), Deferred.await(go))
      const { log, product } = setUp({ onSlow })
      const gateway = yield* GatewayTest.make(product)
      const running = yield* Effect.forkChild(gateway.request("/slow"))
      yield* Deferred.await(arrived)
      const restart = yield* Effect.forkChild(gateway.instance.restart("crm"))
      yield* Effect.yieldNow
      const refused = yield* gateway.request("/crm")
      expect(refused.status).toBe(503)
      expect(refused.json).toMatchObject({ error: { code: "UNAVAILABLE", message: "Crm is restarting." } })
      expect((yield* gateway.request("/words")).json).toEqual(["crm on db 1"])
      expect(log).not.toContain("-crm")
      yield* Deferred.succeed(go, undefined)
      expect((yield* Fiber.join(running)).status).toBe(200)
      yield* Fiber.join(restart)
      expect((yield* gateway.request("/crm")).status).toBe(200)
    })
  )

  it.effect("cuts off requests that do not end in time", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const { product } = setUp({ onSlow: Effect.andThen(Deferred.succeed(arrived, undefined), Effect.never) })
      const gateway = yield* GatewayTest.make(product)
      const running = yield* Effect.forkChild(gateway.request("/slow"))
      yield* Deferred.await(arrived)
      const restart = yield* Effect.forkChild(gateway.instance.restart("crm"))
      yield* TestClock.adjust("11 seconds")
      expect((yield* Fiber.join(running)).status).toBe(503)
      yield* Fiber.join(restart)
    })
  )

  it.effect("leaves the product running without what does not come up again, and mends it later", () =>
    Effect.gen(function* () {
      const onDb = (generation: number) => (generation === 2 ? Effect.fail(new Error("the disk is gone")) : Effect.void)
      const { product } = setUp({ onDb })
      const gateway = yield* GatewayTest.make(product)
      const states = yield* gateway.instance.restart("db")
      expect(states.map(({ id, reason, status }) => [id, status, reason])).toEqual([
        ["db", "degraded", "the disk is gone"],
        ["crm", "degraded", 'it needs "db", which is degraded']
      ])
      expect((yield* gateway.request("/crm")).status).toBe(503)
      const words = yield* gateway.request("/words")
      expect([words.status, words.headers["retry-after"], words.text]).toEqual([
        503,
        "2",
        expect.stringContaining("crm")
      ])
      yield* gateway.instance.restart("db")
      expect((yield* gateway.request("/crm")).json).toEqual({ db: 3 })
    })
  )

  it.effect("gives way to a stop", () =>
    Effect.gen(function* () {
      const onDb = (generation: number) => (generation === 2 ? Effect.never : Effect.void)
      const { log, product } = setUp({ onDb })
      const gateway = yield* GatewayTest.make(product)
      const restart = yield* Effect.forkChild(Effect.flip(gateway.instance.restart("db")))
      yield* Effect.yieldNow
      yield* gateway.instance.stop
      expect((yield* Fiber.join(restart)).message).toBe("The product is stopping.")
      expect(log.filter((line) => line === "-db" || line === "-crm" || line === "-clock")).toHaveLength(3)
    })
  )

  it.effect("of a module that there is not is refused", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(setUp({}).product)
      const refused = yield* Effect.flip(gateway.instance.restart("nobody"))
      expect(refused.message).toBe('There is no module "nobody".')
    })
  )
})
