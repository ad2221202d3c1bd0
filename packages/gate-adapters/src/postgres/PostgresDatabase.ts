import { Database, DatabaseError, type RemoteDatabase, type SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { inTransaction } from "../internal/inTransaction.ts"
import type { ModuleStep } from "../Migrations.ts"
import { listenToCommits } from "./internal/commits.ts"
import { untilConnected } from "./internal/connecting.ts"
import { reasonOf, toDatabaseError } from "./internal/errors.ts"
import { shownUrl } from "./internal/location.ts"
import { migrate } from "./internal/migrate.ts"
import { makePool, type SessionPool } from "./internal/pool.ts"
import { openSession, type Session } from "./internal/session.ts"
import { heldSnapshot, onSnapshot } from "./internal/snapshot.ts"
import { makeSqlClient } from "./internal/sqlClient.ts"
import { makeWriteGroup } from "./internal/writeGroup.ts"

/** How to open a database. */
export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; also `?sslmode=require` and the like. */
  readonly url: string
  /** Connections for reading, and as many again for `sql`. One more writes, and one listens. Default 5. */
  readonly poolSize?: number | undefined
  /** Longest time a statement may run, in milliseconds. Default 30,000. */
  readonly statementTimeout?: number | undefined
  /** How long a write waits for another process's before it fails with `Locked`, in milliseconds. Default 10,000. */
  readonly lockTimeout?: number | undefined
  /** How long to try to reach the server, before it is `Lost`, in milliseconds. Default 5,000. */
  readonly patience?: number | undefined
  /**
   * How many copies of all tables are kept that were made before a step changed them, each in a schema of its own of this
   * database. Default 0: none is made.
   */
  readonly keepBackups?: number | undefined
  /** Steps of modules' tables: run before the database is given to anybody. */
  readonly migrations?: ReadonlyArray<ModuleStep> | undefined
}

/** The first version that tells what became of a transaction by an id that never comes again. */
const oldestVersion = 13

/**
 * Opens a database on a server for as long as the scope lives, and brings its tables up to date. Any number of
 * processes may have it open.
 *
 * Fails with `Lost` (the server does not answer), `Newer`, or `Other` (no access; a server that is too old; a database
 * whose encoding is not UTF8) without having written to it.
 */
export const make = (options: PostgresOptions): Effect.Effect<RemoteDatabase, DatabaseError, Scope.Scope> =>
  Effect.gen(function* () {
    const { url, lockTimeout = 10_000, patience = 5_000, poolSize = 5, statementTimeout = 30_000 } = options
    let closed = false
    const isClosed = () => closed
    const open = (readOnly: boolean) => () =>
      openSession({ url, statementTimeout, lockTimeout, connectTimeout: patience, readOnly })
    const location = shownUrl(url)

    const first = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => untilConnected(open(false), patience, isClosed),
        catch: (cause) => {
          const { message, reason } = toDatabaseError(cause, "connecting")
          return new DatabaseError({ reason, message: `${location}: ${message}`, cause })
        }
      }),
      (session) => Effect.promise(() => session.close())
    )
    yield* checkServer(first, location)
    const readers = yield* Effect.acquireRelease(
      Effect.sync(() => makePool(() => untilConnected(open(true), patience, isClosed), poolSize)),
      (pool) =>
        Effect.promise(() => {
          closed = true
          return pool.close()
        })
    )
    const sql = yield* makeSqlClient({ url, size: poolSize, statementTimeout, lockTimeout })
    const write = yield* makeWriteGroup({
      open: open(false),
      patience,
      inTransaction: (context) => inTransaction(sql, context)
    })
    const database: RemoteDatabase = {
      dialect: "postgres",
      location,
      sql,
      read: reading(readers, isClosed),
      snapshot: holding(() => untilConnected(open(true), patience, isClosed)),
      write,
      tryLock: locking(() => untilConnected(open(false), patience, isClosed)),
      onCommit: listenToCommits(open(true))
    }
    yield* migrate(database, first, options.migrations ?? [], options.keepBackups ?? 0)
    yield* Effect.promise(() => first.close())
    return database
  })

const checkServer = (session: Session, location: string): Effect.Effect<void, DatabaseError> =>
  Effect.gen(function* () {
    const { rows } = yield* Effect.tryPromise({
      try: () =>
        session.query(
          `SELECT CAST(current_setting('server_version_num') AS INTEGER) / 10000 AS version,
             current_setting('server_encoding') AS encoding`
        ),
      catch: (cause) => toDatabaseError(cause, `asking ${location}`)
    })
    const { encoding, version } = rows[0] ?? {}
    const refuse = (message: string) => Effect.fail(new DatabaseError({ reason: "Other", message }))
    if (Number(version) < oldestVersion) {
      return yield* refuse(`${location} is PostgreSQL ${version}; it has to be ${oldestVersion} or later.`)
    }
    if (encoding !== "UTF8") yield* refuse(`The encoding of ${location} is ${encoding}; it has to be UTF8.`)
  })

/** A lock is a session's: the server lets go of it when the connection is gone. */
const locking =
  (connect: () => Promise<Session>): RemoteDatabase["tryLock"] =>
  (name) => {
    const tried = <A>(run: () => Promise<A>) =>
      Effect.tryPromise({ try: run, catch: (cause) => toDatabaseError(cause, "taking a lock") })
    return Effect.gen(function* () {
      const session = yield* Effect.acquireRelease(tried(connect), (session) => Effect.promise(session.close))
      const { rows } = yield* tried(() => session.query(tryLock, [`portico ${name}`]))
      return rows[0]?.locked === 1
    })
  }

const tryLock = "SELECT pg_try_advisory_lock(hashtextextended(?, 0)) AS locked"

/** Times that a read is begun anew on another connection after it lost its own. */
const readTries = 3

const reading =
  (readers: SessionPool, isClosed: () => boolean) =>
  <A>(work: (conn: SyncConnection) => A): Effect.Effect<A, DatabaseError> => {
    const run = async (): Promise<A> => {
      for (let left = readTries; ; left--) {
        try {
          return await readers.use((session) => onSnapshot(session, work))
        } catch (cause) {
          if (reasonOf(cause) !== "Lost" || left === 1 || isClosed()) throw cause
        }
      }
    }
    return Effect.callback((resume) => {
      run().then(
        (result) => resume(Effect.succeed(result)),
        (cause: unknown) =>
          resume(reasonOf(cause) === "Other" ? Effect.die(cause) : Effect.fail(toDatabaseError(cause, "reading")))
      )
    })
  }

/** A snapshot on a session of its own, so that whoever reads for long takes none from others. */
const holding = (open: () => Promise<Session>): RemoteDatabase["snapshot"] => {
  const told = (cause: unknown) => toDatabaseError(cause, "reading")
  return Effect.map(
    Effect.acquireRelease(Effect.tryPromise({ try: async () => heldSnapshot(await open()), catch: told }), (held) =>
      Effect.promise(() => held.close())
    ),
    (held) => ({
      read: <A>(work: (conn: SyncConnection) => A) =>
        Effect.callback<A, DatabaseError>((resume) => {
          held.read(work).then(
            (result) => resume(Effect.succeed(result)),
            (cause: unknown) => resume(reasonOf(cause) === "Other" ? Effect.die(cause) : Effect.fail(told(cause)))
          )
        })
    })
  )
}

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts no-run
 * import { Database } from "@portico/gate/database"
 * import { PostgresDatabase } from "@portico/gate-adapters/postgres"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const { read } = yield* Database
 *   return yield* read((conn) => conn.prepare("SELECT version() AS version").get())
 * }).pipe(Effect.provide(PostgresDatabase.layer({ url: "postgres://portico@localhost/portico" })))
 *
 * console.log(await Effect.runPromise(program))
 * ```
 */
export const layer = (options: PostgresOptions): Layer.Layer<Database, DatabaseError> =>
  Layer.effect(Database, make(options))
