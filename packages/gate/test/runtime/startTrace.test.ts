import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Schema from "effect/Schema"
import * as Tracer from "effect/Tracer"
import * as TestClock from "effect/testing/TestClock"
import { Authenticator } from "../../src/contracts.ts"
import { Gateway, HealthCheck } from "../../src/index.ts"
import { GatewayTest } from "../../src/testing.ts"
import type { Node } from "./graph.ts"
import { live } from "./life.ts"

class Db extends Context.Service<Db, string>()("test/Db") {}
class Kernel extends Context.Service<Kernel, string>()("test/Kernel") {}
class Auth extends Context.Service<Auth, string>()("test/Auth") {}
class Mail extends Context.Service<Mail, string>()("test/Mail") {}

const NodeShape = Schema.Struct({
  needs: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 19 }))).check(Schema.isMaxLength(3)),
  takes: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000 }))
})

const after = <A, E = never>(millis: number, effect: Effect.Effect<A, E>) => Effect.delay(effect, millis)
const fine = { name: "fine", check: Effect.void }

/** database 400 ms -> kernel 300 ms -> auth 100 ms -> web, which contributes for 50 ms; mail, beside them, 500 ms. */
const productWith = (mail: Effect.Effect<string, Error> = Effect.succeed("mail")) =>
  Gateway.make({
    identity: { id: "shop", name: "Shop" },
    modules: [
      Gateway.module.define({
        id: "web",
        displayName: "Web",
        requires: [Auth, Gateway.optional(Mail)],
        contributes: [HealthCheck.effect(after(50, Effect.succeed(fine)))]
      }),
      Gateway.module.define({
        id: "database",
        displayName: "Database",
        provides: [Db],
        layer: Layer.effect(Db, after(400, Effect.succeed("db")))
      }),
      Gateway.module.define({
        id: "mail",
        displayName: "Mail",
        provides: [Mail],
        layer: Layer.effect(Mail, after(500, mail)),
        onBootFailure: "degrade"
      }),
      Gateway.module.define({
        id: "kernel",
        displayName: "Kernel",
        requires: [Db],
        provides: [Kernel],
        layer: Layer.effect(
          Kernel,
          Effect.andThen(Db, () => after(300, Effect.succeed("kernel")))
        )
      }),
      Gateway.module.define({
        id: "auth",
        displayName: "Auth",
        requires: [Kernel],
        provides: [Auth, Authenticator],
        layer: Layer.effectContext(
          Effect.andThen(Kernel, () =>
            after(
              100,
              Effect.succeed(
                Context.make(Auth, "auth").pipe(
                  Context.add(Authenticator, {
                    authenticate: () =>
                      Effect.succeedSome({
                        id: "root",
                        kind: "Service",
                        name: "root",
                        operator: true,
                        credential: { kind: "test" }
                      })
                  })
                )
              )
            )
          )
        )
      })
    ]
  })

const started = Effect.fnUntraced(function* (product: ReturnType<typeof productWith>) {
  const fiber = yield* Effect.forkChild(GatewayTest.make(product))
  yield* Effect.yieldNow
  for (let step = 0; step < 20; step++) yield* TestClock.adjust(50)
  return yield* Fiber.join(fiber)
})

describe("the trace of a start", () => {
  it.effect("says what each module waited for, what it did when, and what the start was waiting for", () =>
    Effect.gen(function* () {
      const { instance } = yield* started(productWith())
      const { criticalPath, millis, modules } = instance.startTrace
      expect(millis).toBe(850)
      expect(criticalPath).toEqual([
        { module: "database", millis: 400 },
        { module: "kernel", millis: 300 },
        { module: "auth", millis: 100 },
        { module: "web", millis: 50 }
      ])
      expect(modules.map(({ module }) => module)).toEqual(instance.plan.modules.map(({ id }) => id))
      expect(modules.find(({ module }) => module === "web")).toEqual({
        module: "web",
        outcome: "ready",
        start: 0,
        end: 850,
        waitedFor: ["mail", "auth"],
        phases: [
          { name: "waiting", start: 0, end: 800 },
          { name: "contributions", start: 800, end: 850 },
          { name: "routes", start: 850, end: 850 }
        ]
      })
      expect(modules.find(({ module }) => module === "mail")?.phases).toContainEqual({
        name: "layer",
        start: 0,
        end: 500
      })
    })
  )

  it.effect.prop(
    "takes as long as the longest chain of need, and names a chain of that length",
    [Schema.Array(NodeShape).check(Schema.isMaxLength(20))],
    ([shapes]) =>
      Effect.gen(function* () {
        const nodes = shapes.map(({ needs, takes }, index): Node => {
          const earlier = needs.filter((need) => need < index)
          return { needs: [...new Set(earlier)], takes, fault: "none", policy: "abort" }
        })
        const ends: Array<number> = []
        for (const { needs, takes } of nodes) ends.push(takes + Math.max(0, ...needs.map((need) => ends[need] ?? 0)))
        const { startTrace } = yield* live(nodes)
        expect(startTrace?.millis).toBe(Math.max(0, ...ends))
        const path = startTrace?.criticalPath ?? []
        expect(path.reduce((sum, { millis }) => sum + millis, 0)).toBe(startTrace?.millis)
        path.forEach(({ module }, place) => {
          const next = path[place + 1]?.module
          const needs = nodes[Number(next?.slice(1))]?.needs
          if (next !== undefined) expect(needs).toContain(Number(module.slice(1)))
        })
      }),
    { arbitrary: { runs: 100, seed: "the house stands" } }
  )

  it.effect("holds modules that are degraded, too", () =>
    Effect.gen(function* () {
      const { instance } = yield* started(productWith(Effect.fail(new Error("no network"))))
      const mail = instance.startTrace.modules.find(({ module }) => module === "mail")
      expect(mail).toMatchObject({ outcome: "degraded", end: 500, phases: [{ name: "waiting" }, { name: "layer" }] })
    })
  )

  it.effect("is shown to operators", () =>
    Effect.gen(function* () {
      const gateway = yield* started(productWith())
      const { json } = yield* gateway.request("/gateway/v1/internal/modules", { token: "root" })
      expect(json).toMatchObject({ start: gateway.instance.startTrace })
    })
  )

  it.effect("is logged at debug level", () =>
    Effect.gen(function* () {
      const { log } = yield* started(productWith())
      const lines = log.filter(({ level }) => level === "Debug").map(({ message }) => message)
      expect(lines).toContain(
        [
          "the modules were up after 850 ms; critical path: database (400 ms) -> kernel (300 ms) -> auth (100 ms) -> web (50 ms)",
          "  database ready after 400 ms: layer 400 ms",
          "  mail ready after 500 ms: layer 500 ms",
          "  kernel ready after 700 ms: waiting for database 400 ms, layer 300 ms",
          "  auth ready after 800 ms: waiting for kernel 700 ms, layer 100 ms",
          "  web ready after 850 ms: waiting for mail, auth 800 ms, contributions 50 ms"
        ].join("\n")
      )
    }).pipe(Effect.provideService(References.MinimumLogLevel, "Debug"))
  )

  it.effect("is a tree of spans, which is no parent of what modules do later", () =>
    Effect.gen(function* () {
      const spans: Array<Tracer.Span> = []
      const tracer = Tracer.make({
        span: (options) => {
          const span = Tracer.nativeTracer.span(options)
          spans.push(span)
          return span
        }
      })
      const mail = Effect.as(Effect.forkDetach(Effect.withSpan(Effect.void, "mail.poll")), "mail")
      yield* Effect.provideService(started(productWith(mail)), Tracer.Tracer, tracer)
      const parentOf = (span: Tracer.Span | undefined): string | undefined => {
        const parent = Option.getOrUndefined(span?.parent ?? Option.none())
        return parent?._tag === "Span" ? parent.name : undefined
      }
      expect(spans.filter(({ name }) => name === "portico.start")).toHaveLength(1)
      const modules = spans.filter(({ name }) => name === "portico.start.module")
      expect(modules.map((span) => span.attributes.get("portico.module")).sort()).toEqual([
        "auth",
        "database",
        "kernel",
        "mail",
        "web"
      ])
      expect(new Set(modules.map(parentOf))).toEqual(new Set(["portico.start"]))
      const layers = spans.filter(({ name }) => name === "portico.start.layer")
      expect(layers).toHaveLength(4)
      expect(new Set(layers.map(parentOf))).toEqual(new Set(["portico.start.module"]))
      expect(spans.every(({ name, status }) => !name.startsWith("portico.start") || status._tag === "Ended")).toBe(true)
      expect(parentOf(spans.find(({ name }) => name === "mail.poll"))).toBeUndefined()
    })
  )
})
