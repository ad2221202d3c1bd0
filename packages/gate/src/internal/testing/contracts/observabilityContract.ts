import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Tracer from "effect/Tracer"
import { Observability, type Signals } from "../../../contracts/Observability.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"
import { ObservedSignals } from "./ObservedSignals.ts"

const traceId = "0af7651916cd43dd8448eb211c80319c"
const spanId = "b7ad6b7169203331"

/**
 * What every provider of `Observability` must do while it is on, as checks for any test runner. `layer` also gives
 * `ObservedSignals`, which looks at what arrived on the other side.
 *
 * @example
 * ```ts no-run
 * import { it } from "@effect/vitest"
 * import { FakeObservability, observabilityContract } from "@portico/gate/testing"
 *
 * for (const { check, name } of observabilityContract(FakeObservability.layer)) it.effect(name, () => check)
 * ```
 */
export const observabilityContract = <E>(
  layer: Layer.Layer<Observability | ObservedSignals, E>
): ReadonlyArray<ContractCheck> => {
  const suite = makeSuite(Observability, layer)
  type Body = (signals: Signals, observed: ObservedSignals["Service"]) => Effect.Effect<void, unknown>
  const test = (name: string, body: Body) =>
    suite.test(name, ({ flush, signals }) =>
      Effect.gen(function* () {
        const { logs, requests, spans } = yield* ObservedSignals
        assert.ok(signals !== undefined, "the layer under test must be switched on")
        yield* flush
        // A product that the provider is part of has told how it started by now.
        const before = { logs: (yield* logs).length, spans: (yield* spans).length }
        const since = <A>(read: Effect.Effect<ReadonlyArray<A>>, from: number) =>
          Effect.andThen(
            flush,
            Effect.map(read, (all) => all.slice(from))
          )
        return yield* body(signals, {
          logs: since(logs, before.logs),
          requests: Effect.andThen(flush, requests),
          spans: since(spans, before.spans)
        })
      })
    )
  const traced = <A, E>(signals: Signals, effect: Effect.Effect<A, E>) =>
    Effect.provideService(effect, Tracer.Tracer, signals.tracer)

  test("a span that ended arrives with its name and attributes", (signals, observed) =>
    Effect.gen(function* () {
      yield* traced(signals, Effect.withSpan(Effect.void, "notes.add", { attributes: { size: 3, kind: "short" } }))
      const [span, ...others] = yield* observed.spans
      assert.equal(others.length, 0)
      assert.equal(span?.name, "notes.add")
      assert.deepEqual([span.attributes.size, span.attributes.kind], [3, "short"])
      assert.match(span.traceId, /^[0-9a-f]{32}$/)
      assert.match(span.spanId, /^[0-9a-f]{16}$/)
      assert.deepEqual([span.parentSpanId, span.failed], [undefined, false])
    }))

  test("a span that has not ended does not arrive", (signals, observed) =>
    Effect.gen(function* () {
      const seen = yield* traced(signals, Effect.withSpan(observed.spans, "running"))
      assert.deepEqual(seen, [])
    }))

  test("a span within a span is of its trace and names it as its parent", (signals, observed) =>
    Effect.gen(function* () {
      yield* traced(signals, Effect.void.pipe(Effect.withSpan("inner"), Effect.withSpan("outer")))
      const spans = yield* observed.spans
      const inner = spans.find(({ name }) => name === "inner")
      const outer = spans.find(({ name }) => name === "outer")
      assert.ok(inner !== undefined && outer !== undefined)
      assert.equal(inner.traceId, outer.traceId)
      assert.equal(inner.parentSpanId, outer.spanId)
    }))

  test("a span of somebody else's trace goes on with it", (signals, observed) =>
    Effect.gen(function* () {
      const parent = Tracer.externalSpan({ traceId, spanId, sampled: true })
      yield* traced(signals, Effect.withSpan(Effect.void, "here", { parent }))
      const [span] = yield* observed.spans
      assert.deepEqual([span?.traceId, span?.parentSpanId], [traceId, spanId])
    }))

  test("a trace that its beginner does not sample leaves nothing", (signals, observed) =>
    Effect.gen(function* () {
      const parent = Tracer.externalSpan({ traceId, spanId, sampled: false })
      yield* traced(signals, Effect.void.pipe(Effect.withSpan("inner"), Effect.withSpan("outer", { parent })))
      assert.deepEqual(yield* observed.spans, [])
    }))

  test("a span whose work fails says so", (signals, observed) =>
    Effect.gen(function* () {
      yield* Effect.ignore(traced(signals, Effect.withSpan(Effect.fail(new Error("no")), "failing")))
      const [span] = yield* observed.spans
      assert.equal(span?.failed, true)
    }))

  test("a log line arrives with its level, its annotations and the span that it was logged in", (signals, observed) =>
    Effect.gen(function* () {
      const line = Effect.annotateLogs(Effect.logWarning("running low"), { left: 2, module: "notes" })
      yield* traced(signals, Effect.withSpan(line, "notes.add")).pipe(
        Effect.provideService(Logger.CurrentLoggers, new Set([signals.logger]))
      )
      const [span] = yield* observed.spans
      const [log, ...others] = yield* observed.logs
      assert.equal(others.length, 0)
      assert.equal(log?.message, "running low")
      assert.equal(log.level.toUpperCase(), "WARN")
      assert.deepEqual([log.annotations.left, log.annotations.module], [2, "notes"])
      assert.deepEqual([log.traceId, log.spanId], [span?.traceId, span?.spanId])
    }))

  test("answered requests are counted by route and status", (signals, observed) =>
    Effect.gen(function* () {
      const answered = { method: "GET", route: "/notes/:id", module: "notes", status: 200, millis: 3 }
      signals.request(answered)
      signals.request(answered)
      signals.request({ ...answered, status: 404 })
      const requests = yield* observed.requests
      assert.deepEqual(
        requests.map(({ count, route, status }) => [route, status, count]).sort((a, b) => Number(a[1]) - Number(b[1])),
        [
          ["/notes/:id", 200, 2],
          ["/notes/:id", 404, 1]
        ]
      )
    }))

  return suite.checks
}
