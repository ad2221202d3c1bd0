import { randomUUID } from "node:crypto"
import {
  Analytics,
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
import * as Layer from "effect/Layer"
import { answerWith } from "./internal/ask.ts"
import { type Delivery, makeOutgoing } from "./internal/outgoing.ts"
import { makePostHogApi, type PostHogAccess } from "./internal/postHogApi.ts"
import { type WireEvent, wireEvent, wirePerson } from "./internal/wire.ts"

/** Where PostHog is, and how events are sent to it. */
export interface PostHogOptions extends Omit<PostHogAccess, "timeout"> {
  /** Milliseconds that PostHog may take for an answer. Default 10,000. */
  readonly timeout?: number | undefined
  /** Default: 100 events in a batch, one at least every 5 s, 10,000 that may wait, 3 s to stop. */
  readonly delivery?: Partial<Delivery> | undefined
}

const usualDelivery: Delivery = { batchSize: 100, interval: 5_000, capacity: 10_000, pause: 1_000, stopWithin: 3_000 }

const allKinds: ReadonlySet<AnalyticsQueryKind> = new Set(["trends", "unique", "funnel", "retention", "top"])

const invalid = (message: string) => Effect.fail(new AnalyticsError({ reason: "Invalid", message }))

const given = Effect.map(Clock.currentTimeMillis, (now) => () => ({ now, uuid: randomUUID() }))

/**
 * Sends events to PostHog, and asks it. Events are gathered in memory: when the scope closes, what is left is sent, and
 * lost only where PostHog does not take it before the deadline, which the log then says.
 */
export const make = Effect.fnUntraced(function* (options: PostHogOptions) {
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

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts no-run
 * import { Analytics } from "@portico/gate/contracts"
 * import { PostHog } from "@portico/gate-adapters/posthog"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.flatMap(Analytics, ({ capture }) => capture({ event: "note.added", distinctId: "1" }))
 * const layer = PostHog.layer({ url: "https://eu.i.posthog.com", projectKey: "phc_abc", questions: undefined })
 *
 * await Effect.runPromise(Effect.provide(program, layer))
 * ```
 */
export const layer = (options: PostHogOptions): Layer.Layer<Analytics> => Layer.effect(Analytics, make(options))
