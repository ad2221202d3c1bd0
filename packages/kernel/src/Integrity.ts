import type { Database, SyncConnection } from "@portico/gate/database"
import type { PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import { type Checked, checkGraph } from "./internal/check/checkGraph.ts"
import { readSnapshot } from "./internal/check/reading.ts"
import { rebuildStore } from "./internal/upkeep.ts"

export type { Checked as IntegrityReport } from "./internal/check/checkGraph.ts"
export { type CheckName, checks as integrityChecks, type Violation } from "./internal/check/checks.ts"

/**
 * Looks whether everything holds that should in a graph on SQLite: the tree, edges and their constraints, props against
 * their schema, unique values, indexes, the words that search finds, installed contracts, history and trash.
 *
 * `conn` has to stay at one commit, as `embedded.snapshot` of the database and `SqliteFile.open` do, and to have the
 * tables of this version. A page of rows is in memory at a time, and others have their turn between pages.
 *
 * @example
 * ```ts
 * import { SqliteFile } from "@portico/gate-adapters/sqlite"
 * import { checkIntegrity } from "@portico/kernel"
 * import * as Effect from "effect/Effect"
 *
 * const report = Effect.scoped(
 *   Effect.flatMap(SqliteFile.open("./.portico/portico.db", []), ({ conn }) => checkIntegrity(conn))
 * )
 * ```
 */
export const checkIntegrity = (conn: SyncConnection): Effect.Effect<Checked> => checkGraph(readSnapshot(conn))

/**
 * Writes everything anew that follows from nodes and edges: unique values, indexes, the words that search finds, and the
 * marks of nodes with children and with grants. For a database that no instance runs on; in one transaction.
 */
export const rebuildIndexes: Effect.Effect<void, PorticoError, Database> = rebuildStore
