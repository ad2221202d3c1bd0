import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** A span that was sent. */
export interface ObservedSpan {
  readonly name: string
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly attributes: Readonly<Record<string, unknown>>
  /** Whether what it stands for failed. */
  readonly failed: boolean
}

/** A log line that was sent. */
export interface ObservedLog {
  readonly level: string
  readonly message: string
  readonly annotations: Readonly<Record<string, unknown>>
  /** Of the span that it was logged in. */
  readonly traceId: string | undefined
  readonly spanId: string | undefined
}

/** How often a route was answered with a status. */
export interface ObservedRequests {
  readonly route: string
  readonly status: number
  readonly count: number
}

/** What the other side has of a product's signals after a flush: how tests look at a provider of `Observability`. */
export class ObservedSignals extends Context.Service<
  ObservedSignals,
  {
    readonly spans: Effect.Effect<ReadonlyArray<ObservedSpan>>
    readonly logs: Effect.Effect<ReadonlyArray<ObservedLog>>
    readonly requests: Effect.Effect<ReadonlyArray<ObservedRequests>>
  }
>()("@portico/gate/testing/ObservedSignals") {}
