import { Database, type DatabaseError, type EmbeddedDatabase } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { inTransaction } from "../internal/inTransaction.ts"
import { pendingSteps } from "../internal/migrationPlan.ts"
import type { ModuleStep } from "../Migrations.ts"
import { makeBatchWriter } from "./internal/batchWriter.ts"
import { logPages, makeCheckpointer } from "./internal/checkpointer.ts"
import { makeSyncConnection } from "./internal/connection.ts"
import { createFile, openReader, openWriter, type Tuning } from "./internal/connections.ts"
import { copyTo } from "./internal/copy.ts"
import { asCommitted, makeDurableLog, syncLog } from "./internal/durableLog.ts"
import { isStoreRefusal, toDatabaseError } from "./internal/errors.ts"
import { lockFile } from "./internal/fileLock.ts"
import { locate, memory } from "./internal/location.ts"
import { backUp, migrate } from "./internal/migrate.ts"
import { preflight } from "./internal/preflight.ts"
import { makeReadView } from "./internal/readView.ts"
import { openSnapshot } from "./internal/snapshot.ts"
import { makeSqlClient } from "./internal/sqlClient.ts"
import { makeWalWatch } from "./internal/walWatch.ts"
import { makeWriteGroup } from "./internal/writeGroup.ts"

/** How to open a database. */
export interface SqliteOptions {
  /** A file path, whose folder is made (mode 0700) where it is missing, or `:memory:` for one that ends with its scope. */
  readonly filename: string
  /**
   * `FULL` (the default): what was acknowledged survives a power cut. `NORMAL`: about ten times as many single
   * commits a second, but a power cut or a crash of the operating system may lose the last of them; the file stays
   * whole, and a crash of the process alone loses nothing. `:memory:` never syncs.
   */
  readonly synchronous?: "FULL" | "NORMAL" | undefined
  /** How long a write waits for a lock of another process before it fails with `Locked`, in ms. Default 5,000. */
  readonly busyTimeout?: number | undefined
  /** Page cache of each of the three connections, in MiB. Default 32. */
  readonly cacheMiB?: number | undefined
  /** The write-ahead log beyond which writes are refused with `Full`, in MiB. Default 1,024. */
  readonly maxLogMiB?: number | undefined
  /** Steps of modules' tables: run before the database is given to anybody. */
  readonly migrations?: ReadonlyArray<ModuleStep> | undefined
}

/**
 * Opens a database for as long as the scope lives, as its only writer, and brings its tables up to date.
 *
 * Fails with `Locked` (another process has it; the message names that process), `Newer`, `Corrupt` or `Other` (not our
 * file) without having written to it, `ReadOnly` or `Full`.
 */
export const make = (options: SqliteOptions): Effect.Effect<EmbeddedDatabase, DatabaseError, Scope.Scope> =>
  Effect.gen(function* () {
    const file = yield* locate(options.filename)
    yield* lockFile(file)
    const found = yield* Effect.try({ try: () => preflight(file), catch: (cause) => toDatabaseError(cause, "opening") })
    const pending = yield* pendingSteps(options.migrations ?? [], found.applied, file)
    yield* Effect.try({ try: () => createFile(file), catch: (cause) => toDatabaseError(cause, `making ${file}`) })
    const database = yield* connect(file, options)
    const next = pending[0]
    if (next === undefined) return database
    if (!found.empty) yield* backUp(file, next)
    yield* migrate(database, pending)
    return database
  })

const connect = (file: string, options: SqliteOptions) =>
  Effect.gen(function* () {
    const isMemory = options.filename === memory
    const tuning: Tuning = {
      synchronous: isMemory ? "OFF" : (options.synchronous ?? "FULL"),
      cacheMiB: options.cacheMiB ?? 32,
      checkpointAt: isMemory ? logPages.enough : 0
    }
    const isFull = tuning.synchronous === "FULL"
    const busyTimeout = options.busyTimeout ?? 5_000
    const gate = yield* Semaphore.make(1)
    // What FULL adds to the writer's commits, the log does.
    const db = yield* openWriter(file, isFull ? { ...tuning, synchronous: "NORMAL" } : tuning)
    const reader = yield* openReader(file, tuning)
    const view = yield* makeReadView(reader)
    const log = isFull ? makeDurableLog(view, yield* syncLog(file)) : asCommitted(view)
    const copyBack = isMemory ? Effect.void : yield* makeCheckpointer(file, db)
    const clock = yield* Clock.Clock
    const now = () => Number(clock.currentTimeNanosUnsafe()) / 1e6
    const writer = makeBatchWriter(db, now, log.committing)
    const sql = yield* makeSqlClient({ file, tuning, gate, busyTimeout, insideWrite: writer.active, view })
    const context = yield* Effect.context<never>()
    const warn = (mebibytes: number) =>
      Effect.runForkWith(context)(
        Effect.logWarning(`The write-ahead log of ${file} has grown to ${mebibytes} MiB: a program keeps reading it.`)
      )
    const write = yield* makeWriteGroup({
      writer,
      log,
      gate,
      now,
      busyTimeout,
      before: copyBack,
      admit: makeWalWatch(db, file, view, { maxMiB: options.maxLogMiB ?? 1_024, warn }),
      holdsGate: (asking) => inTransaction(sql, asking)
    })
    const read = makeSyncConnection(reader, view.use)
    const database: EmbeddedDatabase = {
      dialect: "sqlite",
      location: options.filename === memory ? memory : file,
      sql,
      read: (work) => reading(() => work(read)),
      snapshot: Effect.map(openSnapshot(file), (conn) => ({ read: (work) => reading(() => work(conn)) })),
      write,
      tryLock: makeLocks(),
      embedded: {
        read,
        snapshot: openSnapshot(file),
        backUp: (target, verify) => copyTo(file, target, verify)
      }
    }
    return database
  })

/** One process has the file, so names are its own. */
const makeLocks = (): EmbeddedDatabase["tryLock"] => {
  const held = new Set<string>()
  return (name) =>
    Effect.acquireRelease(
      Effect.sync(() => !held.has(name) && held.add(name).has(name)),
      (isOurs) => Effect.sync(() => isOurs && held.delete(name))
    )
}

/** A read runs in one turn of the event loop, and so sees one commit: nothing in this process can make another meanwhile. */
const reading = <A>(work: () => A): Effect.Effect<A, DatabaseError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(work())
    } catch (cause) {
      return isStoreRefusal(cause) ? Effect.fail(toDatabaseError(cause, "reading")) : Effect.die(cause)
    }
  })

/**
 * {@link make} as a layer.
 *
 * @example
 * ```ts
 * import { Database } from "@portico/gate/database"
 * import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
 * import * as Effect from "effect/Effect"
 *
 * const program = Effect.gen(function* () {
 *   const { read, write } = yield* Database
 *   yield* write((tx) => Effect.sync(() => tx.exec("CREATE TABLE note (text TEXT) STRICT")))
 *   yield* write((tx) => Effect.sync(() => tx.prepare("INSERT INTO note VALUES (?)").run("hello")))
 *   return yield* read((conn) => conn.prepare("SELECT text FROM note").all())
 * }).pipe(Effect.provide(SqliteDatabase.layer({ filename: ":memory:" })))
 *
 * console.log(await Effect.runPromise(program)) // [{ text: "hello" }]
 * ```
 */
export const layer = (options: SqliteOptions): Layer.Layer<Database, DatabaseError> =>
  Layer.effect(Database, make(options))
