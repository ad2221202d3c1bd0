import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import type { ModuleState } from "../../ModuleState.ts"
import type { PlannedModule } from "../../Plan.ts"
import { StateLog } from "./StateLog.ts"

/** What of a state changes; `since` follows by itself, the rest falls back to nothing. */
export type Change = Pick<ModuleState, "status"> & Partial<Pick<ModuleState, "reason" | "waitingOn">>

/** The states of all modules: a value that can be read at any time, and a stream of what happens to it. */
export interface StateBoard {
  readonly get: (id: string) => ModuleState
  readonly all: () => ReadonlyArray<ModuleState>
  readonly set: (id: string, change: Change) => Effect.Effect<void>
  /** Every change from the moment of subscription on. */
  readonly changes: Stream.Stream<ModuleState>
  /** The same with positions, for readers that come back. */
  readonly log: StateLog
}

/** Events that a subscriber may fall behind before it misses the oldest. */
const backlog = 256

export const makeStateBoard = Effect.fnUntraced(function* (modules: ReadonlyArray<PlannedModule>) {
  const events = yield* PubSub.sliding<ModuleState>(backlog)
  const now = yield* Clock.currentTimeMillis
  const states = new Map<string, ModuleState>(
    modules.map(({ id, displayName }) => [
      id,
      { id, displayName, status: "planned", since: now, reason: null, waitingOn: [] }
    ])
  )
  const get = (id: string): ModuleState => {
    const state = states.get(id)
    if (state === undefined) throw new Error(`The plan has no module "${id}".`)
    return state
  }
  const run = (yield* Random.nextIntBetween(36 ** 5, 36 ** 6)).toString(36)
  const log = new StateLog(run, () => [...states.values()])
  const board: StateBoard = {
    log,
    get,
    all: () => [...states.values()],
    set: (id, change) =>
      Effect.flatMap(Clock.currentTimeMillis, (millis) => {
        const before = get(id)
        const since = before.status === change.status ? before.since : millis
        const state: ModuleState = { ...before, reason: null, waitingOn: [], ...change, since }
        states.set(id, state)
        log.append(state)
        return PubSub.publish(events, state)
      }),
    changes: Stream.fromPubSub(events)
  }
  return board
})
