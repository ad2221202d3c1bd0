import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"

/** A value that a column holds without conversion. A `bigint` is a 64-bit integer; a `number` may be integer or real. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** One result row, keyed by column name. Integers come back as `number`, blobs as `Uint8Array`. */
export type Row = Readonly<Record<string, SqlValue>>

/**
 * A prepared statement. It reads as if it ran at once; on failure it throws the driver's error. Parameters are `?`, in
 * order, or `?1`, `?2`, …, by number.
 */
export interface SyncStatement {
  readonly get: (...params: ReadonlyArray<SqlValue>) => Row | undefined
  readonly all: (...params: ReadonlyArray<SqlValue>) => ReadonlyArray<Row>
  /** Ask for `changes` only where it is wanted: over a network, not asking saves the wait. */
  readonly run: (...params: ReadonlyArray<SqlValue>) => { readonly changes: number }
}

/** A connection that is used synchronously. `prepare` caches by text, so calling it on a hot path is a map look-up. */
export interface SyncConnection {
  readonly prepare: (sql: string) => SyncStatement
  readonly exec: (sql: string) => void
  /** Where several writes share a transaction that runs in this process. */
  readonly putOff?: PutOff
}

/**
 * Statements that are put off to the end of a transaction, for what costs less when it is written for several writes in
 * a row, such as a full-text index. They are run in order, before the commit; with a write that fails, its own are dropped.
 */
export interface PutOff {
  readonly add: (work: () => void) => void
  /** Runs what waits now. To be called before reading what it writes. */
  readonly run: () => void
  /**
   * To be called right before a savepoint of the write's own, and what it gives at its end: whether the savepoint was
   * rolled back, so that what was added since is dropped with it. They do not nest.
   */
  readonly part: () => (undone: boolean) => void
}

/**
 * A long work, cut into steps: a generator that yields each step as a function, gets back what the function gave (or
 * has thrown into it what it threw), and returns how it all ended. Only inside of the yielded functions may statements
 * be used, and only these are run again; so a work of a thousand parts costs a thousand times one part. Others may read
 * between two steps, and see the last commit.
 */
export type Steps<A, E = never> = Generator<() => unknown, Effect.Effect<A, E>, unknown>

/**
 * One step of {@link Steps}, and what it gave.
 *
 * @example
 * ```ts
 * import { type Steps, type SyncConnection, step } from "@portico/gate/database"
 * import * as Effect from "effect/Effect"
 *
 * function* addAll(tx: SyncConnection, texts: ReadonlyArray<string>): Steps<number> {
 *   const insert = (text: string) => tx.prepare("INSERT INTO note (text) VALUES (?)").run(text)
 *   for (const text of texts) yield* step(() => insert(text))
 *   return Effect.succeed(texts.length)
 * }
 * ```
 */
export function* step<A>(run: () => A): Generator<() => unknown, A, unknown> {
  // Boundary: whoever drives the generator gives it back what the function gave.
  return (yield run) as A
}

/**
 * Why the store refused.
 *
 * - `Locked`: another process holds the write lock, or owns this file. Retrying later may help.
 * - `Full`: no space is left. Reads go on.
 * - `ReadOnly`: the store cannot be written.
 * - `Corrupt`: the file is not a database, or is damaged. Nothing was written.
 * - `Newer`: the store was written by a newer version of this product. Nothing was written.
 * - `Lost`: the server cannot be reached, or the connection was lost before the commit. Nothing was changed.
 * - `Unknown`: the connection was lost during the commit, and the server could not be asked what became of it.
 */
export type DatabaseReason = "Locked" | "Full" | "ReadOnly" | "Corrupt" | "Newer" | "Lost" | "Unknown" | "Other"

const edge = {
  Locked: { code: "UNAVAILABLE", status: 503 },
  Full: { code: "STORAGE_FULL", status: 507 },
  ReadOnly: { code: "UNAVAILABLE", status: 503 },
  Corrupt: { code: "INTERNAL", status: 500 },
  Newer: { code: "INTERNAL", status: 500 },
  Lost: { code: "UNAVAILABLE", status: 503 },
  Unknown: { code: "UNAVAILABLE", status: 503 },
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

/** A store as it is at one commit, for a read that is cut into several. */
export interface Snapshot {
  /** As `read` of the store, each time on the same commit. */
  readonly read: <A>(work: (conn: SyncConnection) => A) => Effect.Effect<A, DatabaseError>
}

/** How a write is made. */
export interface WriteOptions {
  /**
   * That it takes its time: more than a few dozen statements. It gets a commit of its own, since whoever shares one waits
   * for all of it, and takes turns with writes that are not long.
   */
  readonly long?: boolean
}

interface DatabaseCommon {
  /** Where the data is, for logs and reports: a file path, `:memory:`, or a URL. Holds no credentials. */
  readonly location: string
  /**
   * For modules off the hot path, and for migrations. On SQLite `sql.withTransaction` takes the same write gate as
   * `write`, so the two never interleave; on PostgreSQL its transactions are ordinary ones.
   */
  readonly sql: SqlClient.SqlClient
  /**
   * Runs `work` on one snapshot: the last commit there was when this was asked, or a later one.
   *
   * `work` is synchronous and deterministic, and may be run more than once: where the store is across a network it is
   * run again each time an answer has come, until it has all that it asks for. Only its last run counts.
   */
  readonly read: <A>(work: (conn: SyncConnection) => A) => Effect.Effect<A, DatabaseError>
  /**
   * The last commit, for as long as the scope lives. What nobody uses any more cannot be cleared away meanwhile, so end
   * it soon; a server ends it by itself where nothing is read for half a minute, and then reading it is `Lost`.
   */
  readonly snapshot: Effect.Effect<Snapshot, DatabaseError, Scope.Scope>
  /**
   * Group commit. `work` must finish without awaiting; it runs in a savepoint of the next commit. The returned effect
   * completes once that commit is durable. If `work` fails, only its own savepoint is rolled back.
   *
   * Like the work of `read`, it may be run more than once, and each of its statements takes effect once. What it takes
   * from elsewhere (ids, clock, randomness) has to be the same in each run: draw it before, or remember it.
   */
  readonly write: <A, E>(
    work: (tx: SyncConnection) => Effect.Effect<A, E> | Steps<A, E>,
    options?: WriteOptions
  ) => Effect.Effect<A, E | DatabaseError>
  /**
   * Takes a name for as long as the scope lives, if nobody has it: in this process, or in another on the same store. Does
   * not wait. For works of several commits; a process that ends, whichever way, has nothing any more.
   */
  readonly tryLock: (name: string) => Effect.Effect<boolean, DatabaseError, Scope.Scope>
}

/** {@link DatabaseService} in this process: statements run at once, on the calling thread. */
export interface EmbeddedDatabase extends DatabaseCommon {
  readonly dialect: "sqlite"
  /** Direct access, for hot paths. */
  readonly embedded: {
    /** Sees the last commit that was answered, never rows of one in the making or on its way to the disk. */
    readonly read: SyncConnection
    /**
     * A connection that stays at one commit for as long as the scope lives, for long reads that let others have their
     * turn in between. While it lives the write-ahead log cannot be copied back past that commit, so end it soon.
     */
    readonly snapshot: Effect.Effect<SyncConnection, DatabaseError, Scope.Scope>
    /**
     * Copies the last commit to a new file while reads and writes go on. The file appears under its name when `verify`,
     * which is given the copy, has succeeded and it is on the disk; where anything fails there is none.
     */
    readonly backUp: <E>(
      target: string,
      verify: (copy: SyncConnection) => Effect.Effect<void, E>
    ) => Effect.Effect<BackUp, DatabaseError | E>
  }
}

/** A copy that was made. */
export interface BackUp {
  readonly file: string
  readonly bytes: number
}

/** {@link DatabaseService} on a server, which other processes write as well. */
export interface RemoteDatabase extends DatabaseCommon {
  readonly dialect: "postgres"
  /**
   * Calls `told` soon after each commit of `write`, of whichever process, for as long as the scope lives. A hint and no
   * more: it may come late, once for several, or not at all while the server cannot be reached.
   */
  readonly onCommit: (told: () => void) => Effect.Effect<void, never, Scope.Scope>
  readonly embedded?: undefined
}

/** The interface behind {@link Database}. */
export type DatabaseService = EmbeddedDatabase | RemoteDatabase

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
 *   return yield* database.read((conn) => conn.prepare("SELECT count(*) AS n FROM nodes").get())
 * })
 * ```
 */
export class Database extends Context.Service<Database, DatabaseService>()("@portico/gate/database/Database") {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "SqliteModule of @portico/gate-adapters/sqlite"
}
