import { type K, type ParamsOf, PorticoError, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Op } from "../ops/Op.ts"
import { typeToWatch } from "../ops/types.ts"
import type { Target } from "../store/Address.ts"
import { type ChangeRow, changesAfter, floorOf, numberAfter } from "../store/changes.ts"
import { type Graph, seqOf } from "../store/Graph.ts"
import type { Pulse } from "../store/Pulse.ts"
import type { Change } from "./Change.ts"
import { judge, type Watch } from "./judge.ts"

/** What a stream of changes needs while it lasts. */
export interface WatchContext {
  /** The operation that opened it. */
  readonly op: Op
  /** Runs work on the last commit, after the call was authorized again there. */
  readonly read: <A>(work: (op: Op) => A) => Effect.Effect<A, PorticoError>
  readonly pulse: Pulse
}

/** Rows that are read at once; a watcher that does not pull holds no more. */
const pageRows = 64

/** Rows that are looked at before others get a turn. */
const turnRows = 256

const expired = (since: number, graph: Graph): never => {
  const [floor, seq] = [floorOf(graph), seqOf(graph)]
  throw PorticoError.make("CHANGES_EXPIRED", `changes since ${since} are not kept; read afresh, and watch from there`, {
    since: floor,
    seq
  })
}

/** Where a watcher is. */
interface Place {
  /** The commit that is being read, and the number of its first row. */
  readonly seq: number
  readonly first: number
  /** Of the row that was looked at last. */
  readonly number: number
  /** Rows that were read and not looked at yet. */
  readonly page: ReadonlyArray<ChangeRow>
}

/** What a look at the rows behind a place came to. */
interface Look {
  readonly place: Place
  readonly change: Change | undefined
  /** Whether there was nothing more. */
  readonly atEnd: boolean
}

/**
 * `Node:changes`. Nothing is queued for a watcher: whoever pulls reads on in the store from where they were, and who does
 * not costs nothing. Each change is judged when it is pulled, by what the caller may do then.
 */
export const watchChanges = (
  { op, pulse, read }: WatchContext,
  params: ParamsOf<typeof K.Node.changes>
): Stream.Stream<Change, PorticoError> => {
  const seq = seqOf(op.graph)
  const { since = seq } = params
  if (since < floorOf(op.graph) || since > seq) expired(since, op.graph)
  const under = params.under === undefined ? undefined : op.locate(params.under)
  if (under !== undefined) op.require(under, READ, "param")
  const watch: Watch = {
    under: under?.node?.key,
    type: params.class === undefined ? undefined : typeToWatch(op, params.class)
  }
  const next = (from: Place): Effect.Effect<readonly [Change, Place], PorticoError> =>
    Effect.suspend(() => {
      const beats = pulse.count
      return Effect.flatMap(
        read((now) => look(now, watch, under, from)),
        ({ atEnd, change, place }) => {
          if (change !== undefined) return Effect.succeed([change, place] as const)
          return Effect.andThen(atEnd ? pulse.after(beats) : Effect.yieldNow, next(place))
        }
      )
    })
  return Stream.unfold({ seq: since, first: 0, number: numberAfter(op.graph, since), page: [] } as Place, next)
}

/** Goes on to the first change that the watcher may be told of. */
const look = (op: Op, watch: Watch, under: Target | undefined, from: Place): Look => {
  let place = from
  for (let looked = 0; looked < turnRows; looked++) {
    const page = place.page.length > 0 ? place.page : pageAt(op.graph, place)
    const [row, ...rest] = page
    if (row === undefined) {
      // Told last, so that whoever loses it still learns why.
      if (under !== undefined) checkUnder(op, under)
      return { place, change: undefined, atEnd: true }
    }
    const isNew = row.seq !== place.seq
    place = { seq: row.seq, first: isNew ? row.number : place.first, number: row.number, page: rest }
    const verdict = judge(op, watch, row)
    if (verdict === undefined) continue
    const { actor, at, seq } = row
    const change = { seq, part: row.number - place.first, at, actor, rev: seq, ...verdict }
    return { place, change, atEnd: false }
  }
  return { place, change: undefined, atEnd: false }
}

const pageAt = (graph: Graph, { number, seq }: Place): ReadonlyArray<ChangeRow> => {
  const page = changesAfter(graph, number, pageRows)
  // Asked after the rows were read: what was removed before then shows here.
  if (floorOf(graph) > seq) expired(seq, graph)
  return page
}

/** What is watched has to stay in the caller's sight, also where it was moved to. */
const checkUnder = (op: Op, { node, text }: Target): void => {
  if (node === undefined || !op.canReadKey(node.key)) op.missing({ text, node, nearest: undefined })
}
