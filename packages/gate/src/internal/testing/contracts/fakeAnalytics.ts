import { randomUUID } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  Analytics,
  AnalyticsError,
  type AnalyticsEvent,
  type AnalyticsProperties,
  type AnalyticsService
} from "../../../contracts/Analytics.ts"
import type { AnalyticsAnswers, AnalyticsQuery } from "../../../contracts/AnalyticsQuery.ts"
import { eventProblem, personProblem, queryProblem } from "../../../contracts/analyticsProblem.ts"
import { answer, type Kept } from "./analytics/answer.ts"

const invalid = (message: string) => Effect.fail(new AnalyticsError({ reason: "Invalid", message }))

const makeFakeAnalytics = (): {
  readonly service: AnalyticsService
  readonly captured: ReadonlyArray<AnalyticsEvent>
} => {
  const captured: Array<AnalyticsEvent> = []
  const kept = new Map<string, Kept>()
  const people = new Map<string, AnalyticsProperties>()
  const keep = (event: AnalyticsEvent, now: number): void => {
    const { distinctId, event: name, properties = {}, timestamp = now, uuid = randomUUID() } = event
    if (kept.has(uuid)) return
    captured.push(event)
    kept.set(uuid, { uuid, event: name, person: distinctId, at: timestamp, properties })
  }
  const service: AnalyticsService = {
    enabled: true,
    capture: (...events) => {
      const problem = events.map(eventProblem).find((found) => found !== undefined)
      if (problem !== undefined) return invalid(problem)
      return Effect.map(Clock.currentTimeMillis, (now) => {
        for (const event of events) keep(event, now)
      })
    },
    identify: (person) => {
      const problem = personProblem(person)
      if (problem !== undefined) return invalid(problem)
      return Effect.sync(() => {
        people.set(person.distinctId, { ...people.get(person.distinctId), ...person.properties })
      })
    },
    queries: new Set(["trends", "unique", "funnel", "retention", "top"]),
    query: <Q extends AnalyticsQuery>(query: Q) =>
      Effect.suspend(() => {
        const problem = queryProblem(query)
        if (problem !== undefined) return invalid(problem)
        // `answer` answers each kind with its own; the compiler does not follow that through a type parameter.
        return Effect.succeed(answer(query, [...kept.values()], people) as AnalyticsAnswers[Q["kind"]])
      }),
    flush: Effect.void
  }
  return { service, captured }
}

export const FakeAnalytics = {
  /**
   * An `Analytics` that keeps everything in memory and answers every query, and the events that it was given.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict"
   * import { FakeAnalytics } from "@portico/gate/testing"
   * import * as Effect from "effect/Effect"
   *
   * const { captured, service } = FakeAnalytics.make()
   * await Effect.runPromise(service.capture({ event: "note.added", distinctId: "ada" }))
   * assert.deepEqual(captured.map(({ event }) => event), ["note.added"])
   * ```
   */
  make: makeFakeAnalytics,
  /** An empty one each time it is built. */
  layer: Layer.sync(Analytics, () => makeFakeAnalytics().service)
} as const
