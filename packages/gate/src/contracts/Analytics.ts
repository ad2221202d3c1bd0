import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { AnalyticsAnswers, AnalyticsQuery, AnalyticsQueryKind } from "./AnalyticsQuery.ts"

/** What can be in a property: JSON. */
export type AnalyticsJson =
  | string
  | number
  | boolean
  | null
  | ReadonlyArray<AnalyticsJson>
  | { readonly [key: string]: AnalyticsJson }

/** Names have 1 to 100 letters, digits, `_`, `$`, `.` and `-`, and begin with a letter, `_` or `$`. At most 32 KiB of JSON. */
export type AnalyticsProperties = { readonly [name: string]: AnalyticsJson }

/** Something that happened. */
export interface AnalyticsEvent {
  /** Two events with one uuid are the same event, and counted once. Default: a new one. */
  readonly uuid?: string | undefined
  /** What, for example `domain.installed`: one line of 1 to 200 characters. */
  readonly event: string
  /** To whom, or by whom: one line of 1 to 200 characters, and by default nothing that tells who that is to strangers. */
  readonly distinctId: string
  /** Milliseconds since the epoch. Default: now. */
  readonly timestamp?: number | undefined
  readonly properties?: AnalyticsProperties | undefined
}

/** What is known of a person, beside what happened. */
export interface AnalyticsPerson {
  readonly distinctId: string
  /** Added to those that are known; a property that is known takes the new value. */
  readonly properties: AnalyticsProperties
}

/**
 * Why something was not taken, or not answered.
 *
 * - `Invalid`: the event, person or query is malformed. Doing it again does not help.
 * - `NotImplemented`: this provider does not answer queries of this kind; `queries` says which it does.
 * - `Misconfigured`: the other side does not accept us. Nothing helps until an operator changes the settings.
 * - `Unavailable`: it cannot be done at the moment. Retrying later may help.
 */
export type AnalyticsReason = "Invalid" | "NotImplemented" | "Misconfigured" | "Unavailable"

const answers = {
  Invalid: { code: "INVALID_PARAMS", status: 400 },
  NotImplemented: { code: "NOT_IMPLEMENTED", status: 501 },
  Misconfigured: { code: "UNAVAILABLE", status: 503 },
  Unavailable: { code: "UNAVAILABLE", status: 503 }
} as const satisfies Record<AnalyticsReason, { readonly code: string; readonly status: number }>

/** Something was not taken, or not answered. */
export class AnalyticsError extends Data.TaggedError("AnalyticsError")<{
  readonly reason: AnalyticsReason
  readonly message: string
  readonly cause?: unknown
}> {
  get code(): "INVALID_PARAMS" | "NOT_IMPLEMENTED" | "UNAVAILABLE" {
    return answers[this.reason].code
  }
  get status(): 400 | 501 | 503 {
    return answers[this.reason].status
  }
}

/** The interface behind {@link Analytics}. */
export interface AnalyticsService {
  /** `false` where nobody asked for it: what is captured then goes nowhere, so it need not be gathered. */
  readonly enabled: boolean
  /**
   * Ends when the events are taken, all or none of them. Those are not lost while the product runs, nor when it stops in
   * good order and the other side answers; they may be seen by queries only a while later.
   */
  readonly capture: (...events: ReadonlyArray<AnalyticsEvent>) => Effect.Effect<void, AnalyticsError>
  readonly identify: (person: AnalyticsPerson) => Effect.Effect<void, AnalyticsError>
  /** Kinds of queries that {@link AnalyticsService.query} answers here. */
  readonly queries: ReadonlySet<AnalyticsQueryKind>
  readonly query: <const Q extends AnalyticsQuery>(
    query: Q
  ) => Effect.Effect<AnalyticsAnswers[Q["kind"]], AnalyticsError>
  /** Ends when all that was taken before is where it is kept. */
  readonly flush: Effect.Effect<void, AnalyticsError>
}

/**
 * What happens in a product, and what can be found out from that.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict"
 * import { Analytics } from "@portico/gate/contracts"
 * import { FakeAnalytics } from "@portico/gate/testing"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const { capture, query } = yield* Analytics
 *   const at = Date.UTC(2026, 0, 5)
 *   yield* capture(
 *     { event: "note.added", distinctId: "ada", timestamp: at, properties: { kind: "short" } },
 *     { event: "note.added", distinctId: "bob", timestamp: at + 1_000, properties: { kind: "long" } }
 *   )
 *   const window = { from: at, to: at + 86_400_000 }
 *   const { count } = yield* query({ kind: "unique", events: ["note.added"], ...window })
 *   assert.equal(count, 2)
 *   const { series } = yield* query({ kind: "trends", event: "note.added", interval: "day", ...window })
 *   assert.deepEqual(series, [{ value: null, points: [{ at, count: 2 }] }])
 * })
 *
 * await Effect.runPromise(Effect.provide(program, FakeAnalytics.layer))
 * ```
 */
export class Analytics extends Context.Service<Analytics, AnalyticsService>()("@portico/gate/contracts/Analytics") {}
