import assert from "node:assert/strict"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { Analytics, AnalyticsError, type AnalyticsEvent, type AnalyticsService } from "../../../contracts/Analytics.ts"
import type { AnalyticsInterval, AnalyticsQuery, AnalyticsQueryKind } from "../../../contracts/AnalyticsQuery.ts"
import { malformedEvents, malformedQueries } from "./analytics/malformed.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"

const hour = 3_600_000
const day = 24 * hour

/** A Monday. */
const monday = Date.UTC(2026, 0, 5)
const week = { from: monday, to: monday + 7 * day } as const

/** An event so many milliseconds after the beginning of the week. */
const happened = (
  event: string,
  distinctId: string,
  after: number,
  properties: AnalyticsEvent["properties"] = {}
): AnalyticsEvent => ({ event, distinctId, timestamp: monday + after, properties })

const examples: Readonly<Record<AnalyticsQueryKind, AnalyticsQuery>> = {
  trends: { kind: "trends", event: "a", interval: "day", ...week },
  unique: { kind: "unique", events: ["a"], ...week },
  funnel: { kind: "funnel", steps: ["a", "b"], within: 60, ...week },
  retention: { kind: "retention", event: "a", returning: "b", interval: "day", ...week },
  top: { kind: "top", event: "a", property: "p", ...week }
}

/**
 * What every provider of `Analytics` must do, as checks for any test runner. `layer` gives one that is enabled and empty
 * each time it is built. Of what it does not declare in `queries` it is only asked that it says so.
 *
 * @example
 * ```ts no-run
 * import { it } from "@effect/vitest"
 * import { analyticsContract, FakeAnalytics } from "@portico/gate/testing"
 *
 * for (const { check, name } of analyticsContract(FakeAnalytics.layer)) it.effect(name, () => check)
 * ```
 */
export const analyticsContract = <E>(layer: Layer.Layer<Analytics, E>): ReadonlyArray<ContractCheck> => {
  const { checks, test } = makeSuite(Analytics, layer)
  type Body = (analytics: AnalyticsService) => Effect.Effect<void, unknown>
  const testOf = (kind: AnalyticsQueryKind, name: string, events: ReadonlyArray<AnalyticsEvent>, body: Body) =>
    test(name, (analytics) =>
      Effect.gen(function* () {
        if (!analytics.queries.has(kind)) return
        yield* analytics.capture(...events)
        yield* analytics.flush
        yield* body(analytics)
      })
    )
  type Span = { readonly from: number; readonly to: number }
  const pointsOf = ({ query }: AnalyticsService, interval: AnalyticsInterval, window: Span = week) =>
    Effect.map(query({ kind: "trends", event: "a", interval, ...window }), ({ series }) => {
      assert.equal(series.length, 1)
      return (series[0]?.points ?? []).map(({ at, count }) => [at - monday, count])
    })

  test("queries that are not declared are refused as not implemented", ({ queries, query }) =>
    Effect.gen(function* () {
      for (const example of Object.values(examples)) {
        if (queries.has(example.kind)) continue
        const error = yield* Effect.flip(query(example))
        assert.deepEqual([error.reason, error.code, error.status], ["NotImplemented", "NOT_IMPLEMENTED", 501])
      }
    }))

  testOf(
    "trends",
    "events are counted by the interval that they are in, from the window's begin up to its end",
    [-1, 0, 1, hour - 1, hour, 5 * day, 7 * day - 1, 7 * day].map((after) => happened("a", "ada", after)),
    (analytics) =>
      Effect.gen(function* () {
        const daily = yield* pointsOf(analytics, "day")
        assert.deepEqual(
          daily,
          [4, 0, 0, 0, 0, 1, 1].map((count, index) => [index * day, count])
        )
        const hourly = yield* pointsOf(analytics, "hour", { from: monday, to: monday + 3 * hour })
        assert.deepEqual(hourly, [
          [0, 3],
          [hour, 1],
          [2 * hour, 0]
        ])
        const weekly = yield* pointsOf(analytics, "week", { from: monday - day, to: monday + 8 * day })
        assert.deepEqual(weekly, [
          [-7 * day, 1],
          [0, 6],
          [7 * day, 1]
        ])
      })
  )

  testOf("trends", "a window in which nothing happened has its points all the same", [], (analytics) =>
    Effect.gen(function* () {
      assert.deepEqual(
        yield* pointsOf(analytics, "day"),
        Array.from({ length: 7 }, (_, index) => [index * day, 0])
      )
    })
  )

  testOf(
    "trends",
    "a trend of people counts each of them once in an interval",
    [
      happened("a", "ada", 0),
      happened("a", "ada", 1),
      happened("a", "bob", 2),
      happened("a", "ada", day),
      happened("b", "eve", 0)
    ],
    ({ query }) =>
      Effect.gen(function* () {
        const window = { from: monday, to: monday + 2 * day }
        const { series } = yield* query({ kind: "trends", event: "a", count: "people", interval: "day", ...window })
        assert.deepEqual(
          series.map(({ points }) => points.map(({ count }) => count)),
          [[2, 1]]
        )
      })
  )

  const values = ["pro", "pro", "pro", 7, 7, true, true, null, null, "it's"]
  testOf(
    "trends",
    "a breakdown has a series for each value, the largest first, and none for those beyond its limit",
    [
      ...values.map((plan, index) => happened("a", "ada", index, { plan })),
      happened("a", "ada", day, { plan: "pro" }),
      happened("a", "ada", 2, { plan: ["a list"] })
    ],
    ({ query }) =>
      Effect.gen(function* () {
        const window = { from: monday, to: monday + 2 * day }
        const trend = { kind: "trends", event: "a", interval: "day", ...window } as const
        const found = yield* query({ ...trend, breakdown: { property: "plan" } })
        const counts = found.series.map(({ points, value }) => [value, points.map(({ count }) => count)] as const)
        assert.deepEqual(counts.slice(0, 2), [
          ["pro", [3, 1]],
          [null, [3, 0]]
        ])
        assert.deepEqual(
          new Map(counts.slice(2)),
          new Map([
            ["7", [2, 0]],
            ["true", [2, 0]],
            ["it's", [1, 0]]
          ])
        )
        const limited = yield* query({ ...trend, breakdown: { property: "plan", limit: 2 } })
        assert.deepEqual(
          limited.series.map(({ value }) => value),
          ["pro", null]
        )
      })
  )

  testOf(
    "unique",
    "people are counted once, whichever of the events they had",
    [
      happened("a", "ada", 0),
      happened("a", "ada", day),
      happened("b", "ada", 0),
      happened("b", "bob", 0),
      happened("c", "eve", 0),
      happened("a", "late", 7 * day)
    ],
    ({ query }) =>
      Effect.gen(function* () {
        assert.deepEqual(yield* query({ kind: "unique", events: ["a", "b"], ...week }), { count: 2 })
        assert.deepEqual(yield* query({ kind: "unique", events: ["nothing"], ...week }), { count: 0 })
      })
  )

  testOf(
    "funnel",
    "a funnel counts who went through its steps in order and in time, from any first step on",
    [
      // All the way, with something else in between.
      happened("see", "ada", 0),
      happened("other", "ada", 1_000),
      happened("try", "ada", 20_000),
      happened("buy", "ada", 60_000),
      // In the wrong order.
      happened("try", "bob", 0),
      happened("see", "bob", 1_000),
      // Too late from the first time, and in time from the second.
      happened("see", "eve", 0),
      happened("see", "eve", 50_000),
      happened("try", "eve", 100_000),
      happened("buy", "eve", 120_000),
      happened("see", "sam", 0),
      happened("try", "sam", 30_000),
      happened("buy", "sam", 62_000),
      happened("buy", "zoe", 0)
    ],
    ({ query }) =>
      Effect.gen(function* () {
        const { steps } = yield* query({ kind: "funnel", steps: ["see", "try", "buy"], within: 60, ...week })
        assert.deepEqual(steps, [
          { event: "see", count: 4 },
          { event: "try", count: 3 },
          { event: "buy", count: 1 }
        ])
      })
  )

  testOf(
    "retention",
    "retention says how many of those who began in an interval came back in later ones",
    [
      happened("join", "ada", 0),
      happened("join", "ada", 2 * day),
      happened("visit", "ada", 1),
      happened("visit", "ada", day),
      happened("visit", "ada", day + 1),
      happened("visit", "ada", 3 * day),
      happened("join", "bob", 5),
      happened("visit", "bob", 3 * day),
      happened("join", "eve", day),
      happened("visit", "eve", 0),
      happened("visit", "sam", day)
    ],
    ({ query }) =>
      Effect.gen(function* () {
        const window = { from: monday, to: monday + 4 * day }
        const { cohorts } = yield* query({
          kind: "retention",
          event: "join",
          returning: "visit",
          interval: "day",
          ...window
        })
        assert.deepEqual(cohorts, [
          { at: monday, size: 2, returned: [1, 0, 2] },
          { at: monday + day, size: 1, returned: [0, 0] },
          { at: monday + 2 * day, size: 0, returned: [0] },
          { at: monday + 3 * day, size: 0, returned: [] }
        ])
      })
  )

  testOf(
    "top",
    "the most frequent values come first, equally frequent ones in their order, and no more than asked for",
    ["/b", "/a", "/c", "/c", 4, null].map((path, index) => happened("a", "ada", index, { path })),
    ({ query }) =>
      Effect.gen(function* () {
        const top = { kind: "top", event: "a", property: "path", ...week } as const
        assert.deepEqual((yield* query(top)).values, [
          { value: "/c", count: 2 },
          { value: "/a", count: 1 },
          { value: "/b", count: 1 },
          { value: "4", count: 1 }
        ])
        assert.deepEqual((yield* query({ ...top, limit: 1 })).values, [{ value: "/c", count: 2 }])
      })
  )

  testOf(
    "unique",
    "filters hold all at once, on what an event says and on what is known of its person",
    [
      happened("a", "ada", 0, { plan: "pro", seats: 2, trial: true }),
      happened("a", "bob", 0, { plan: "pro", seats: 3, trial: true }),
      happened("a", "eve", 0, { plan: "pro", seats: "2", trial: false })
    ],
    ({ flush, identify, query }) =>
      Effect.gen(function* () {
        yield* identify({ distinctId: "ada", properties: { team: "red", city: "Oslo" } })
        yield* identify({ distinctId: "bob", properties: { team: "red" } })
        yield* identify({ distinctId: "bob", properties: { team: "blue" } })
        yield* flush
        const count = (where: AnalyticsQuery["where"]) =>
          Effect.map(query({ kind: "unique", events: ["a"], where, ...week }), (found) => found.count)
        assert.equal(yield* count([{ property: "plan", equals: "pro" }]), 3)
        assert.equal(yield* count([{ property: "seats", equals: 2 }]), 1)
        assert.equal(yield* count([{ property: "trial", equals: true }]), 2)
        const pro = { property: "plan", equals: "pro" } as const
        assert.equal(yield* count([pro, { property: "team", of: "person", equals: "red" }]), 1)
        assert.equal(yield* count([{ property: "team", of: "person", equals: "blue" }]), 1)
        assert.equal(yield* count([{ property: "city", of: "person", equals: "Oslo" }]), 1)
        assert.equal(yield* count([{ property: "nothing", equals: "" }]), 0)
      })
  )

  const odd = `it's "odd" \\ {event} -- $1 %s ü 👩‍👧`
  testOf(
    "top",
    "names and values of any script, and those that look like something else, are what they are",
    [happened(odd, odd, 0, { path: odd }), happened("a", "ada", 0, { path: odd })],
    ({ query }) =>
      Effect.gen(function* () {
        const values = yield* query({ kind: "top", event: odd, property: "path", ...week })
        assert.deepEqual(values, { values: [{ value: odd, count: 1 }] })
        const where = [{ property: "path", equals: odd }]
        assert.equal((yield* query({ kind: "top", event: "a", property: "path", where, ...week })).values.length, 1)
      })
  )

  const uuid = "0190b6a2-7c1e-7000-8000-0000000000aa"
  testOf(
    "trends",
    "an event that is captured again with its uuid is counted once",
    [
      { ...happened("a", "ada", 0), uuid },
      { ...happened("a", "ada", 0), uuid }
    ],
    (analytics) =>
      Effect.gen(function* () {
        yield* analytics.capture({ ...happened("a", "ada", 0), uuid })
        yield* analytics.flush
        const points = yield* pointsOf(analytics, "day")
        assert.equal(points[0]?.[1], 1)
      })
  )

  test("an event without a time happened when it was captured", ({ capture, flush, queries, query }) =>
    Effect.gen(function* () {
      const from = yield* Clock.currentTimeMillis
      yield* capture({ event: "a", distinctId: "ada" })
      const to = (yield* Clock.currentTimeMillis) + 1
      yield* flush
      if (!queries.has("unique")) return
      assert.deepEqual(yield* query({ kind: "unique", events: ["a"], from, to }), { count: 1 })
    }))

  test("events that are captured at once are all there", (analytics) =>
    Effect.gen(function* () {
      const people = Array.from({ length: 500 }, (_, index) => `person ${index}`)
      yield* Effect.forEach(people, (person) => analytics.capture(happened("a", person, 0)), {
        concurrency: "unbounded"
      })
      yield* analytics.flush
      if (!analytics.queries.has("unique")) return
      assert.deepEqual(yield* analytics.query({ kind: "unique", events: ["a"], ...week }), { count: 500 })
    }))

  const refused = (work: Effect.Effect<unknown, AnalyticsError>) =>
    Effect.map(Effect.flip(work), (error) => {
      assert.ok(error instanceof AnalyticsError)
      assert.deepEqual([error.reason, error.code, error.status], ["Invalid", "INVALID_PARAMS", 400])
    })

  for (const [name, wrong] of Object.entries(malformedEvents)) {
    test(`${name} is refused, and with it what was captured together`, (analytics) =>
      Effect.gen(function* () {
        yield* refused(analytics.capture(happened("a", "ada", 0), { ...happened("a", "bob", 0), ...wrong }))
        yield* analytics.flush
        if (!analytics.queries.has("unique")) return
        assert.deepEqual(yield* analytics.query({ kind: "unique", events: ["a"], ...week }), { count: 0 })
      }))
  }

  test("a person with a malformed name or property is refused", ({ identify }) =>
    Effect.gen(function* () {
      yield* refused(identify({ distinctId: "", properties: {} }))
      yield* refused(identify({ distinctId: "ada", properties: { "a b": 1 } }))
    }))

  for (const [name, wrong] of Object.entries(malformedQueries(week))) {
    test(`a query with ${name} is refused`, ({ queries, query }) =>
      queries.has(wrong.kind) ? refused(query(wrong)) : Effect.void)
  }

  return checks
}
