import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { Gateway, type Module, Observability } from "../../src/index.ts"
import { FakeObservability, GatewayTest } from "../../src/testing.ts"

class Db extends Context.Service<Db, string>()("test/Db") {}

/** Opens in 400 ms, with a span and a line of its own. */
const open = Effect.withSpan(Effect.andThen(Effect.sleep(400), Effect.as(Effect.log("opening"), "db")), "db.open")

const productOf = (
  provide: Effect.Effect<Observability["Service"], Error>,
  db: Effect.Effect<string, Error> = open,
  ...more: ReadonlyArray<Module.Any>
) => {
  const Observer = Gateway.module.define({
    id: "observer",
    displayName: "Observer",
    provides: [Observability],
    layer: Layer.effect(Observability, provide),
    onBootFailure: "degrade"
  })
  const DbModule = Gateway.module.define({
    id: "db",
    displayName: "Db",
    provides: [Db],
    layer: Layer.effect(Db, db)
  })
  const modules: ReadonlyArray<Module.Any> = [DbModule, Observer, ...more]
  return Gateway.make({ identity: { id: "test", name: "Test" }, modules })
}

const started = Effect.fnUntraced(function* (product: ReturnType<typeof productOf>) {
  const fiber = yield* Effect.forkChild(Effect.exit(GatewayTest.make(product)))
  yield* Effect.yieldNow
  for (let step = 0; step < 20; step++) yield* TestClock.adjust(50)
  return yield* Fiber.join(fiber)
})

describe("the start of a product that somebody observes", () => {
  it.effect("is handed over whole, though who observes it starts last", () =>
    Effect.gen(function* () {
      const { observed, service } = FakeObservability.make()
      yield* started(productOf(Effect.delay(Effect.succeed(service), 900)))
      const spans = yield* observed.spans
      const named = (name: string, module?: string) =>
        spans.find((span) => span.name === name && span.attributes["portico.module"] === module)
      const start = named("portico.start")
      expect(start).toMatchObject({ parentSpanId: undefined, failed: false })
      for (const module of ["db", "observer"]) {
        const one = named("portico.start.module", module)
        expect(one).toMatchObject({ parentSpanId: start?.spanId, traceId: start?.traceId })
        expect(one?.attributes["portico.outcome"]).toBe("ready")
        const phases = spans.filter(({ parentSpanId }) => parentSpanId === one?.spanId).map(({ name }) => name)
        expect(phases.sort()).toEqual([
          "portico.start.contributions",
          "portico.start.layer",
          "portico.start.routes",
          "portico.start.waiting"
        ])
      }
    })
  )

  it.effect("brings the spans and lines of modules that started before, as they were", () =>
    Effect.gen(function* () {
      const { observed, service } = FakeObservability.make()
      yield* started(productOf(Effect.delay(Effect.succeed(service), 900)))
      const span = (yield* observed.spans).find(({ name }) => name === "db.open")
      expect(span).toMatchObject({ attributes: { "portico.module": "db" }, failed: false })
      const line = (yield* observed.logs).find(({ message }) => message === "opening")
      expect(line).toMatchObject({ annotations: { module: "db" }, spanId: span?.spanId, traceId: span?.traceId })
    })
  )

  it.effect("leaves a span that lives on to whoever observes, with what is made in it later", () =>
    Effect.gen(function* () {
      const { observed, service } = FakeObservability.make()
      const go = yield* Deferred.make<void>()
      const poll = Effect.andThen(
        Deferred.await(go),
        Effect.withSpan(Effect.annotateCurrentSpan("late", true), "db.one")
      )
      const db = Effect.as(Effect.forkDetach(Effect.withSpan(poll, "db.poll")), "db")
      yield* started(productOf(Effect.succeed(service), db))
      expect((yield* observed.spans).map(({ name }) => name)).not.toContain("db.poll")
      yield* Deferred.succeed(go, undefined)
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      const spans = yield* observed.spans
      const one = spans.find(({ name }) => name === "db.one")
      expect(spans.filter(({ name }) => name === "db.poll")).toHaveLength(1)
      expect(one?.parentSpanId).toBe(spans.find(({ name }) => name === "db.poll")?.spanId)
      expect(one?.attributes).toMatchObject({ late: true, "portico.module": "db" })
    })
  )

  it.effect("is told of a start that fails, too: who failed, and what the log said", () =>
    Effect.gen(function* () {
      const { observed, service } = FakeObservability.make()
      const broken = Effect.delay(Effect.fail(new Error("the disk is gone")), 400)
      const exit = yield* started(productOf(Effect.succeed(service), broken))
      expect(exit._tag).toBe("Failure")
      const spans = yield* observed.spans
      expect(spans.find(({ name }) => name === "portico.start")?.failed).toBe(true)
      expect((yield* observed.logs).map(({ message }) => message)).toContain('Module "db" did not start.')
    })
  )

  it.effect("says while it is slow what it is busy with", () =>
    Effect.gen(function* () {
      const { observed, service } = FakeObservability.make()
      const slow = Effect.delay(Effect.succeed("db"), 4_000)
      const fiber = yield* Effect.forkChild(GatewayTest.make(productOf(Effect.succeed(service), slow)))
      yield* Effect.yieldNow
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(fiber)
      expect((yield* observed.logs).map(({ message }) => message)).toContain("still starting: db, 3 s")
    })
  )

  it.effect("forgets it where the one who would observe does not start", () =>
    Effect.gen(function* () {
      const exit = yield* started(productOf(Effect.fail(new Error("no network"))))
      const gateway = yield* exit
      const states = yield* gateway.states
      expect(states.map(({ id, status }) => [id, status])).toContainEqual(["observer", "degraded"])
    })
  )
})
