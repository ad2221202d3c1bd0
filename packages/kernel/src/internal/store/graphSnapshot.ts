import type { DatabaseService } from "@portico/gate/database"
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Caches } from "./Caches.ts"
import { Graph } from "./Graph.ts"
import { attempt, told } from "./GraphStore.ts"
import { sqlOf } from "./sql.ts"

/** The graph as it is at one commit. */
export interface GraphSnapshot {
  readonly seq: number
  /** As `read` of the store. */
  readonly read: <A>(work: (graph: Graph) => A) => Effect.Effect<A, PorticoError>
}

/** Nodes that are remembered while a snapshot is read. */
const remembered = 20_000

/** Opens the graph at the last commit, for as long as the scope lives. */
export const openGraphSnapshot = (database: DatabaseService): Effect.Effect<GraphSnapshot, PorticoError, Scope.Scope> =>
  Effect.gen(function* () {
    const snapshot = yield* database.snapshot
    const seq = yield* snapshot.read((conn) =>
      Number(conn.prepare("SELECT value FROM kernel_meta WHERE name = 'seq'").get()?.value ?? 0)
    )
    // Nothing of it ever changes.
    const caches = new Caches(sqlOf(database.dialect), remembered)
    caches.seq = seq
    const read: GraphSnapshot["read"] = (work) =>
      snapshot.read((conn) => attempt(() => work(new Graph(conn, caches)))).pipe(Effect.catch(told), Effect.flatten)
    return { seq, read }
  }).pipe(Effect.catchTag("DatabaseError", told))
