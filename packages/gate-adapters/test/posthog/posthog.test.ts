import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { Analytics } from "@portico/gate/contracts"
import { analyticsContract, GatewayTest, lifecycleLaws } from "@portico/gate/testing"
import { type Delivery, PostHog, PostHogModule } from "@portico/gate-adapters/posthog"
import { Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { keys, startPostHog } from "./fakePostHog.ts"

const quick: Partial<Delivery> = { interval: 5, pause: 1, stopWithin: 2_000 }

/** A provider, and the PostHog that it speaks to. */
const connected = (delivery: Partial<Delivery> = {}, answers: ReadonlyArray<number> = []) =>
  Effect.gen(function* () {
    const posthog = yield* startPostHog(answers)
    const questions = { url: posthog.url, projectId: keys.projectId, personalKey: Redacted.make(keys.personal) }
    const analytics = yield* PostHog.make({ url: posthog.url, projectKey: keys.project, questions, delivery })
    return { ...posthog, analytics }
  })

const underTest = Layer.effect(
  Analytics,
  Effect.map(connected(), ({ analytics }) => analytics)
)

const withoutQuestions = Layer.effect(
  Analytics,
  Effect.flatMap(startPostHog(), ({ url }) => PostHog.make({ url, projectKey: keys.project, questions: undefined }))
)

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [PostHogModule] })

const happened = (event: string) => ({ event, distinctId: "ada" })

const numbered = (count: number) => Array.from({ length: count }, (_, index) => happened(`event ${index}`))

describe("Analytics by PostHog", () => {
  for (const { check, name } of analyticsContract(underTest)) it.effect(name, () => check)

  it.effect("puts nothing that a caller says into the text of a question", () =>
    Effect.gen(function* () {
      const { analytics, questions } = yield* connected()
      const odd = "'; DROP TABLE events; -- {team}"
      const window = { from: 0, to: 10_000, where: [{ property: "p", equals: odd }] }
      yield* analytics.query({ kind: "top", event: odd, property: "path", ...window })
      yield* analytics.query({ kind: "funnel", steps: [odd, odd], within: 60, ...window })
      expect(questions.length).toBe(2)
      for (const { query, values } of questions) {
        expect(query).not.toContain("DROP")
        expect(Object.values(values)).toContain(odd)
      }
    })
  )

  it.effect("refuses what has more rows than PostHog answers with", () =>
    Effect.gen(function* () {
      const { analytics, questions } = yield* connected()
      const window = { from: 0, to: 400 * 86_400_000 }
      for (const error of [
        yield* Effect.flip(
          analytics.query({
            kind: "trends",
            event: "a",
            interval: "hour",
            breakdown: { property: "p" },
            ...window
          })
        ),
        yield* Effect.flip(
          analytics.query({ kind: "retention", event: "a", returning: "b", interval: "day", ...window })
        )
      ]) {
        expect(error.reason).toBe("NotImplemented")
      }
      expect(questions).toEqual([])
    })
  )
})

describe("Analytics by PostHog without a personal key", () => {
  for (const { check, name } of analyticsContract(withoutQuestions)) it.effect(name, () => check)
})

describe("an event on its way to PostHog", () => {
  it.effect("goes with its uuid and time, and says nothing of the address of this server", () =>
    Effect.gen(function* () {
      const { analytics, batches } = yield* connected()
      const uuid = "0190b6a2-7c1e-7000-8000-0000000000aa"
      yield* analytics.capture({ ...happened("a"), uuid, timestamp: 1_000, properties: { plan: "pro" } })
      yield* analytics.flush
      expect(batches).toEqual([
        [
          {
            uuid,
            event: "a",
            distinct_id: "ada",
            timestamp: "1970-01-01T00:00:01.000Z",
            properties: { plan: "pro", $lib: "portico", $geoip_disable: true }
          }
        ]
      ])
    })
  )

  it.effect("waits for company until the interval is over", () =>
    Effect.gen(function* () {
      const { analytics, eventsTaken } = yield* connected({ interval: 5_000 })
      yield* analytics.capture(happened("a"))
      yield* TestClock.adjust(4_000)
      yield* analytics.capture(happened("b"))
      expect(eventsTaken()).toEqual([])
      yield* TestClock.adjust(1_000)
      yield* analytics.flush
      expect(eventsTaken()).toEqual(["a", "b"])
    })
  )

  it.effect("goes in batches, in its order", () =>
    Effect.gen(function* () {
      const { analytics, batches, eventsTaken } = yield* connected({ batchSize: 10, interval: 60_000 })
      yield* analytics.capture(...numbered(25))
      yield* analytics.flush
      expect(batches.map(({ length }) => length)).toEqual([10, 10, 5])
      expect(eventsTaken()).toEqual(numbered(25).map(({ event }) => event))
    })
  )

  it.effect("goes again until it is taken, whatever was in the way, and no event is left out", () =>
    Effect.gen(function* () {
      const slow = { batchSize: 10, interval: 600_000 }
      const { analytics, eventsTaken, requests } = yield* connected(slow, [503, 200, 429, 500, 401])
      yield* analytics.capture(...numbered(25))
      yield* Effect.retry(analytics.flush, { times: 4 })
      expect(eventsTaken()).toEqual(numbered(25).map(({ event }) => event))
      expect(requests.count).toBe(7)
    })
  )

  it.effect("is not taken, and none with it, where too many wait already", () =>
    Effect.gen(function* () {
      const { analytics, eventsTaken } = yield* connected({ capacity: 10, interval: 60_000 })
      yield* analytics.capture(...numbered(8))
      const error = yield* Effect.flip(analytics.capture(...numbered(3)))
      expect(error).toMatchObject({ reason: "Unavailable", status: 503 })
      yield* analytics.flush
      expect(eventsTaken().length).toBe(8)
      yield* analytics.capture(...numbered(3))
    })
  )

  it.live("is sent when the product stops, though PostHog is not ready for it at first", () =>
    Effect.gen(function* () {
      const posthog = yield* startPostHog([503, 503])
      yield* Effect.scoped(
        Effect.gen(function* () {
          const access = { url: posthog.url, projectKey: keys.project, questions: undefined }
          const { capture } = yield* PostHog.make({ ...access, delivery: { ...quick, interval: 60_000 } })
          yield* Effect.forEach(numbered(250), (event) => capture(event), { concurrency: "unbounded" })
        })
      )
      expect(new Set(posthog.eventsTaken()).size).toBe(250)
    })
  )

  it.live("holds up a stop no longer than it may, and the log says how many are lost", () =>
    Effect.gen(function* () {
      const posthog = yield* startPostHog([0, 0, 0, 0])
      const gateway = yield* GatewayTest.make(product, {
        config: { "posthog.projectKey": keys.project, "posthog.url": posthog.url, "posthog.interval": 600_000 }
      })
      const { capture } = yield* gateway.get(Analytics)
      yield* capture(...numbered(3))
      const begun = performance.now()
      yield* gateway.instance.stop
      expect(performance.now() - begun).toBeLessThan(4_900)
      expect(gateway.log.map(({ message }) => message)).toContain("3 events are lost: PostHog did not take them.")
    })
  )

  it.effect("says with flush that the key is not accepted, and does not show it", () =>
    Effect.gen(function* () {
      const { url } = yield* startPostHog()
      const { capture, flush } = yield* PostHog.make({
        url,
        projectKey: "phc_wr0ng",
        questions: undefined,
        delivery: { stopWithin: 0 }
      })
      yield* capture(happened("a"))
      const error = yield* Effect.flip(flush)
      expect(error).toMatchObject({ reason: "Misconfigured", status: 503 })
      expect(JSON.stringify(error)).not.toContain("phc_wr0ng")
    })
  )
})

describe("a question to PostHog", () => {
  const question = { kind: "unique", events: ["a"], from: 0, to: 1 } as const

  it.effect("is not answered with a wrong personal key, which is not shown", () =>
    Effect.gen(function* () {
      const { url } = yield* startPostHog()
      const questions = { url, projectId: keys.projectId, personalKey: Redacted.make("phx_wr0ng") }
      const { query } = yield* PostHog.make({ url, projectKey: keys.project, questions })
      const error = yield* Effect.flip(query(question))
      expect(error).toMatchObject({ reason: "Misconfigured" })
      expect(JSON.stringify([error, String(error.cause)])).not.toContain("phx_wr0ng")
    })
  )

  it.effect("is worth another try where nobody answers", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.scoped(startPostHog())
      const questions = { url, projectId: keys.projectId, personalKey: Redacted.make(keys.personal) }
      const { query } = yield* PostHog.make({ url, projectKey: keys.project, questions })
      expect(yield* Effect.flip(query(question))).toMatchObject({ reason: "Unavailable" })
    })
  )
})

describe("the module of PostHog", () => {
  it.effect("is off without a key: events go nowhere, and nothing can be asked", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(product)
      const { capture, enabled, queries, query } = yield* gateway.get(Analytics)
      yield* capture(happened("a"))
      expect([enabled, queries.size]).toEqual([false, 0])
      const error = yield* Effect.flip(query({ kind: "unique", events: ["a"], from: 0, to: 1 }))
      expect(error).toMatchObject({ reason: "NotImplemented", status: 501 })
    })
  )

  it.live("sends and asks with the settings that it is given, and shows no key", () =>
    Effect.gen(function* () {
      const { eventsTaken, url } = yield* startPostHog()
      const gateway = yield* GatewayTest.make(product, {
        config: {
          "posthog.projectKey": keys.project,
          "posthog.url": `${url}/`,
          "posthog.personalKey": keys.personal,
          "posthog.projectId": keys.projectId
        }
      })
      const { capture, flush, query } = yield* gateway.get(Analytics)
      yield* capture({ ...happened("a"), timestamp: 0 })
      yield* flush
      expect(eventsTaken()).toEqual(["a"])
      expect(yield* query({ kind: "unique", events: ["a"], from: 0, to: 1 })).toEqual({ count: 1 })
      expect(JSON.stringify(gateway.log)).not.toContain(keys.personal)
    })
  )

  it.effect.each([
    [{ "posthog.projectKey": "phc_a" }, "posthog.url"],
    [
      { "posthog.projectKey": "phc_a", "posthog.url": "http://127.0.0.1:9", "posthog.personalKey": "phx_s3cr3t" },
      "posthog.projectId"
    ]
  ] as const)("is degraded with %o alone, and says what else it needs", ([config, named]) =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(product, { config })
      const state = (yield* gateway.states).find(({ id }) => id === "posthog")
      expect(state).toMatchObject({ status: "degraded", reason: expect.stringContaining(named) })
      expect(JSON.stringify([state, gateway.log])).not.toContain("phx_s3cr3t")
    })
  )

  it.live("keeps the laws of the life cycle", () =>
    Effect.gen(function* () {
      const { url } = yield* startPostHog()
      const config = { "posthog.projectKey": keys.project, "posthog.url": url }
      expect((yield* lifecycleLaws(PostHogModule, { config })).lives).toBeGreaterThan(5)
    })
  )
})
