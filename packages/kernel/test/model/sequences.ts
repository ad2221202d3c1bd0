import type { Database } from "@portico/gate/database"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as TestClock from "effect/testing/TestClock"
import type { Kernel, SchemaInstaller } from "../../src/index.ts"
import { rows } from "../support/kernel.ts"
import { prepare } from "./base.ts"
import { begin, end, isGoing, type Pace, runScript } from "./run.ts"
import { Script } from "./script.ts"
import type { Running } from "./settle.ts"
import type { World } from "./World.ts"

type Services = Kernel | SchemaInstaller | Database

/** A kernel that runs one sequence after another, each below a place of its own. */
interface Store {
  readonly context: Context.Context<Services>
  readonly base: World
  begun: number
  done: number
  /** Places that sequences have left in order, with how many. */
  readonly idle: Array<readonly [running: Running, uses: number]>
}

const open = Effect.fnUntraced(function* (layer: Layer.Layer<Services, unknown>, scope: Scope.Scope) {
  const context = yield* Layer.build(Layer.fresh(layer)).pipe(Scope.provide(scope))
  const base = yield* Effect.provide(prepare, context)
  const store: Store = { context, base, begun: 0, done: 0, idle: [] }
  return store
})

/**
 * After how many places a kernel is left for a new one, where nothing is thrown away: whatever sequences have left makes
 * some of what later ones ask for longer.
 */
const mostPlaces = 200

/** After how many sequences that which they left in the trash is thrown away. */
const sweepEvery = 100

/** Lets the kernel's hourly sweep run, and waits for it. */
const sweep = Effect.gen(function* () {
  yield* TestClock.adjust("1 hour")
  while ((yield* rows("SELECT 1 AS one FROM trash LIMIT 1")).length > 0) yield* Effect.yieldNow
})

export interface Options extends Pace {
  readonly runs: number
  readonly seed: string
  /** Sequences that run at once. */
  readonly lanes: number
  /** How many run one after the other in the same place, each going on from where the one before has ended. */
  readonly uses: number
}

/** Runs a sequence in a place of its own, or where another has ended. */
const runOne = Effect.fnUntraced(function* (store: Store, script: Script, options: Options) {
  const [running, before] = store.idle.pop() ?? [yield* begin(store.base, `m${++store.begun}x`), 0]
  yield* Effect.scoped(runScript(running, script, options))
  if (isGoing(running) && before + 1 < options.uses) store.idle.push([running, before + 1])
  else if (isGoing(running)) yield* end(running)
})

/**
 * Runs random sequences on kernels of a layer, and on the model beside it; dies of the first disagreement, shrunk. All
 * that agree share one kernel; one that does not, and whatever it is shrunk to, gets a new one.
 */
export const checkSequences = (layer: Layer.Layer<Services, unknown>, options: Options) =>
  Effect.gen(function* () {
    const { lanes, runs, seed } = options
    const scope = yield* Scope.make()
    const turns = yield* Semaphore.make(1)
    let store: Store | undefined
    const current = turns.withPermit(
      Effect.suspend(() =>
        store === undefined || (lanes > 1 && store.begun >= mostPlaces) ? open(layer, scope) : Effect.succeed(store)
      ).pipe(
        Effect.tap((opened) =>
          Effect.sync(() => {
            store = opened
          })
        )
      )
    )
    const property = Effect.fnUntraced(function* (script: Script) {
      const own = yield* current
      yield* Effect.provide(runOne(own, script, options), own.context)
      // What others have deleted meanwhile would be gone.
      if (lanes === 1 && ++own.done % sweepEvery === 0) yield* Effect.provide(sweep, own.context)
      return true
    })
    const leave = Effect.sync(() => {
      store = undefined
    })
    const result = yield* Arbitrary.checkEffect(
      Arbitrary.schema(Script),
      (script) => property(script).pipe(Effect.catchCause((cause) => Effect.andThen(leave, Effect.fail(cause)))),
      { runs, seed, concurrency: lanes, size: 30, maxShrinks: 300 }
    ).pipe(Effect.ensuring(Scope.close(scope, Exit.void)))
    if (result._tag === "Passed") return result.runs
    const reason =
      result._tag === "Falsified" && result.failure._tag === "PropertyError"
        ? Cause.pretty(result.failure.error)
        : Arbitrary.formatCheckFailure(result)
    return yield* Effect.die(new Error(`with the seed ${seed}: ${reason}`))
  })
