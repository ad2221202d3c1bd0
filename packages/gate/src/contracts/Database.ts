import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"

/** A value that SQLite stores without conversion. A `bigint` is a 64-bit integer; a `number` may be integer or real. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** One result row, keyed by column name. Integers come back as `number`, blobs as `Uint8Array`. */
export type Row = Readonly<Record<string, SqlValue>>

/** A prepared statement. All three run at once, on the calling thread, and throw the driver's error on failure. */
export interface SyncStatement {
  readonly get: (...params: ReadonlyArray<SqlValue>) => Row | undefined
  readonly all: (...params: ReadonlyArray<SqlValue>) => ReadonlyArray<Row>
  readonly run: (...params: ReadonlyArray<SqlValue>) => { readonly changes: number }
}

/** A connection that is used synchronously. `prepare` caches by text, so calling it on a hot path is a map look-up. */
export interface SyncConnection {
  readonly prepare: (sql: string) => SyncStatement
  readonly exec: (sql: string) => void
}

/**
 * Why the store refused.
 *
 * - `Locked`: another process holds the write lock, or owns this file. Retrying later may help.
 * - `Full`: no space is left. Reads go on.
 * - `ReadOnly`: the file or its folder cannot be written.
 * - `Corrupt`: the file is not a database, or is damaged. Nothing was written.
 * - `Newer`: the file was written by a newer version of this product. Nothing was written.
 */
export type DatabaseReason = "Locked" | "Full" | "ReadOnly" | "Corrupt" | "Newer" | "Other"

const edge = {
  Locked: { code: "UNAVAILABLE", status: 503 },
  Full: { code: "STORAGE_FULL", status: 507 },
  ReadOnly: { code: "UNAVAILABLE", status: 503 },
  Corrupt: { code: "INTERNAL", status: 500 },
  Newer: { code: "INTERNAL", status: 500 },
  Other: { code: "INTERNAL", status: 500 }
} as const

/**
 * A failure of the store itself, as opposed to a failure of the work that ran in it.
 * Left unhandled in a route, it becomes the error shape with `code` and `status` (`Full` is 507, `Locked` is 503).
 */
export class DatabaseError extends Data.TaggedError("DatabaseError")<{
  readonly reason: DatabaseReason
  readonly message: string
  readonly cause?: unknown
}> {
  get code(): "UNAVAILABLE" | "STORAGE_FULL" | "INTERNAL" {
    return edge[this.reason].code
  }
  get status(): 500 | 503 | 507 {
    return edge[this.reason].status
  }
}

/** The interface behind {@link Database}. */
export interface DatabaseService {
  readonly dialect: "sqlite"
  /** Where the data is, for logs and reports: a file path or `:memory:`. Holds no credentials. */
  readonly location: string
  /**
   * For modules off the hot path, and for migrations.
   * `sql.withTransaction` takes the same write gate as `embedded.write`, so the two never interleave.
   */
  readonly sql: SqlClient.SqlClient
  /** Synchronous access for hot paths. */
  readonly embedded: {
    /** Sees the last commit only, never rows of a commit in the making. */
    readonly read: SyncConnection
    /**
     * Group commit. `work` must finish without awaiting; it runs in a savepoint of the next commit, on the writer
     * connection. The returned effect completes once that commit is durable.
     * If `work` fails, only its own savepoint is rolled back.
     */
    readonly write: <A, E>(work: (tx: SyncConnection) => Effect.Effect<A, E>) => Effect.Effect<A, E | DatabaseError>
  }
}

/**
 * The store that a product's modules share.
 *
 * @example
 * ```ts
 * import { Database } from "@portico/gate/database"
 * import * as Effect from "effect/Effect"
 *
 * const count = Effect.gen(function* () {
 *   const database = yield* Database
 *   return database.embedded.read.prepare("SELECT count(*) AS n FROM nodes").get()
 * })
 * ```
 */
export class Database extends Context.Service<Database, DatabaseService>()("@portico/gate/database/Database") {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "SqliteModule of @portico/gate-adapters/sqlite"
}
