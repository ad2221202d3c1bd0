import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

/** One thing that every provider of a contract must do. Any test runner can run it: it knows none. */
export interface ContractCheck {
  /** A sentence about behaviour. */
  readonly name: string
  /** Succeeds where the provider behaves so; fails or dies, with an `AssertionError` for one, where it does not. */
  readonly check: Effect.Effect<void, unknown>
}

/** Checks of a service that is built anew for each of them, with what `layer` gives beside it. */
export const makeSuite = <I, S, E, More = never>(tag: Context.Service<I, S>, layer: Layer.Layer<I | More, E>) => {
  const checks: Array<ContractCheck> = []
  const test = (name: string, body: (service: S) => Effect.Effect<void, unknown, More>): void => {
    checks.push({ name, check: Effect.provide(Effect.flatMap(tag, body), layer) })
  }
  return { checks, test }
}
