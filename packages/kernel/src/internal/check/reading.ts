import type { DatabaseError, DatabaseService, SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { Caches } from "../store/Caches.ts"
import { Graph } from "../store/Graph.ts"
import { sqlOf } from "../store/sql.ts"
import { type Checked, checkGraph, type ReadGraph } from "./checkGraph.ts"

/** Nodes that are remembered while a store is checked. */
const remembered = 50_000

/** Reads of one commit, over a connection that stays there. */
export const readSnapshot = (conn: SyncConnection): ReadGraph<never> => {
  const graph = new Graph(conn, new Caches(sqlOf("sqlite"), remembered))
  return (work) => Effect.sync(() => work(graph))
}

/**
 * Checks the graph of a running instance. On SQLite it looks at one commit. A server is asked page by page, each at its
 * last commit: what is changed meanwhile may be told as a violation that the next check does not find.
 */
export const checkDatabase = (database: DatabaseService): Effect.Effect<Checked, DatabaseError> => {
  if (database.dialect === "sqlite") {
    return Effect.scoped(Effect.flatMap(database.embedded.snapshot, (conn) => checkGraph(readSnapshot(conn))))
  }
  const caches = new Caches(sqlOf(database.dialect), remembered)
  return checkGraph((work) => database.read((conn) => work(new Graph(conn, caches))))
}
