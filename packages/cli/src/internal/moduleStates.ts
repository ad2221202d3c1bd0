/**
 * The states of an instance's modules, as `status` and `restart` show them.
 */
import * as Schema from "effect/Schema"
import type { Column } from "./table.ts"

export const ModuleState = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  since: Schema.Number,
  reason: Schema.NullOr(Schema.String),
  waitingOn: Schema.Array(Schema.String)
})
export type ModuleState = typeof ModuleState.Type

/** What one row says; a failing check has one as well. */
export interface StateRow {
  readonly name: string
  readonly state: string
  readonly since: string
  readonly reason: string
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000]
] as const

/** How long ago that was, in its largest unit: `3 min ago`. */
const ago = (since: number, now: number): string => {
  const found = units.find(([, millis]) => now - since >= millis)
  return found === undefined ? "now" : `${Math.floor((now - since) / found[1])} ${found[0]} ago`
}

/** With `now` the time is told as a human would, without it exactly. Times are in milliseconds since the epoch. */
export const stateRow = (state: ModuleState, now: number | undefined): StateRow => ({
  name: state.id,
  state: state.status,
  since: now === undefined ? new Date(state.since).toISOString() : ago(state.since, now),
  reason: [
    ...(state.reason === null ? [] : [state.reason]),
    ...(state.waitingOn.length === 0 ? [] : [`waiting for ${state.waitingOn.join(", ")}`])
  ].join("; ")
})

export const stateColumns: ReadonlyArray<Column<StateRow>> = [
  { title: "MODULE", value: (row) => row.name },
  { title: "STATE", value: (row) => row.state },
  { title: "SINCE", value: (row) => row.since },
  { title: "REASON", value: (row) => row.reason, wraps: true }
]
