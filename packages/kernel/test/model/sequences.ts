import type { Database } from "@portico/gate/database"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import type { Kernel, SchemaInstaller } from "../../src/index.ts"
import { rows } from "../support/kernel.ts"
import { prepare } from "./base.ts"
import { runScript } from "./run.ts"
import { Script } from "./script.ts"
import type { World } from "./World.ts"

type Services = Kernel | SchemaInstaller | Database

/** A kernel that runs one sequence after another, each below a place of its own. */
interface Store {
  readonly context: Context.Context<Services>
  readonly scope: Scope.Closeable
  readonly base: World
  sequences: number
}

const open = Effect.fnUntraced(function* (layer: Layer.Layer<Services, unknown>) {
  const scope = yield* Scope.make()
  const context = yield* Layer.build(Layer.fresh(layer)).pipe(Scope.provide(scope))
  const base = yield* Effect.provide(prepare, context)
  return { context, scope, base, sequences: 0 } satisfies Store
})

/** After how many sequences that which they left in the trash is thrown away. */
const sweepEvery = 100

/** Lets the kernel's hourly sweep run, and waits for it. */
const sweep = Effect.gen(function* () {
  yield* TestClock.adjust("1 hour")
  while ((yield* rows("SELECT 1 AS one FROM trash LIMIT 1")).length > 0) yield* Effect.yieldNow
})

export interface Options {
  readonly runs: number
  readonly seed: string
}

/**
 * Runs random sequences on kernels of a layer, and on the model beside it; dies of the first disagreement, shrunk. All
 * that agree share one kernel; one that does not, and whatever it is shrunk to, gets a new one.
 */
export const checkSequences = (layer: Layer.Layer<Services, unknown>, { runs, seed }: Options) =>
  Effect.gen(function* () {
    let store: Store | undefined
    const close = Effect.suspend(() => {
      const last = store
      store = undefined
      return last === undefined ? Effect.void : Scope.close(last.scope, Exit.void)
    })
    const property = Effect.fnUntraced(function* (script: Script) {
      store ??= yield* open(layer)
      const { base, context } = store
      const number = ++store.sequences
      yield* Effect.provide(runScript(base, `m${number}x`, script), context)
      if (number % sweepEvery === 0) yield* Effect.provide(sweep, context)
      return true
    })
    const result = yield* Arbitrary.checkEffect(
      Arbitrary.schema(Script),
      (script) => property(script).pipe(Effect.catchCause((cause) => Effect.andThen(close, Effect.fail(cause)))),
      { runs, seed, size: 30, maxShrinks: 300 }
    ).pipe(Effect.ensuring(close))
    if (result._tag === "Passed") return result.runs
    const reason =
      result._tag === "Falsified" && result.failure._tag === "PropertyError"
        ? Cause.pretty(result.failure.error)
        : Arbitrary.formatCheckFailure(result)
    return yield* Effect.die(new Error(`with the seed ${seed}: ${reason}`))
  })
