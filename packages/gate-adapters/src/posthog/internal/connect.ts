import { randomUUID } from "node:crypto"
import {
  type AnalyticsAnswers,
  AnalyticsError,
  type AnalyticsQuery,
  type AnalyticsQueryKind,
  type AnalyticsService,
  eventProblem,
  personProblem,
  queryProblem
} from "@portico/gate/contracts"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { PostHogOptions } from "../PostHog.ts"
import { answerWith } from "./ask.ts"
import { type Delivery, makeOutgoing } from "./outgoing.ts"
import { makePostHogApi } from "./postHogApi.ts"
import { type WireEvent, wireEvent, wirePerson } from "./wire.ts"

const usualDelivery: Delivery = { batchSize: 100, interval: 5_000, capacity: 10_000, pause: 1_000, stopWithin: 3_000 }

const allKinds: ReadonlySet<AnalyticsQueryKind> = new Set(["trends", "unique", "funnel", "retention", "top"])

const invalid = (message: string) => Effect.fail(new AnalyticsError({ reason: "Invalid", message }))

const given = Effect.map(Clock.currentTimeMillis, (now) => () => ({ now, uuid: randomUUID() }))

/** The contract, on a PostHog. */
export const connect = Effect.fnUntraced(function* (options: PostHogOptions) {
  const { delivery, timeout = 10_000, ...access } = options
  const api = yield* Effect.provide(makePostHogApi({ ...access, timeout }), FetchHttpClient.layer)
  const outgoing = yield* makeOutgoing(api.batch, { ...usualDelivery, ...delivery })
  const put = (problem: string | undefined, events: (make: () => { now: number; uuid: string }) => Array<WireEvent>) =>
    problem === undefined ? Effect.flatMap(given, (each) => outgoing.put(events(each))) : invalid(problem)
  const queries: AnalyticsService["queries"] = access.questions === undefined ? new Set() : allKinds

  const service: AnalyticsService = {
    enabled: true,
    capture: (...events) =>
      put(
        events.map(eventProblem).find((problem) => problem !== undefined),
        (each) => events.map((event) => wireEvent(event, each()))
      ),
    identify: (person) => put(personProblem(person), (each) => [wirePerson(person, each())]),
    queries,
    query: <Q extends AnalyticsQuery>(query: Q) =>
      Effect.suspend(() => {
        const problem = queryProblem(query)
        if (problem !== undefined) return invalid(problem)
        // `answerWith` answers each kind with its own; the compiler does not follow that through a type parameter.
        return answerWith(api.rows, query) as Effect.Effect<AnalyticsAnswers[Q["kind"]], AnalyticsError>
      }),
    flush: outgoing.flush
  }
  return service
})
