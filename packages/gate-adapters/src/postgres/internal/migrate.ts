import { Database, DatabaseError, type DatabaseService } from "@portico/gate/database"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type AppliedStep, pendingSteps } from "../../internal/migrationPlan.ts"
import { statementsOf } from "../../internal/statementsOf.ts"
import type { ModuleStep } from "../../Migrations.ts"
import { backUp } from "./backUp.ts"
import { writeLock } from "./batch.ts"
import { toPostgres } from "./ddl.ts"
import { toDatabaseError } from "./errors.ts"
import type { Session } from "./session.ts"

/** Held while tables are changed, beside the write lock: of processes that start at once, one does it. */
const migrationLock = `${writeLock.slice(0, -1)}8`

const createTable = `CREATE TABLE IF NOT EXISTS portico_migrations (
  module TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  applied_at BIGINT NOT NULL,
  PRIMARY KEY (module, id)
)`

const insert = "INSERT INTO portico_migrations (module, id, applied_at) VALUES (?, ?, ?)"

const applied = async (session: Session): Promise<ReadonlyArray<AppliedStep>> => {
  const { rows: found } = await session.query("SELECT to_regclass('portico_migrations') IS NOT NULL AS found")
  if (found[0]?.found !== 1) return []
  const { rows } = await session.query("SELECT module, id FROM portico_migrations ORDER BY module, id")
  return rows.map((row) => ({ module: String(row.module), id: String(row.id) }))
}

/**
 * Brings the tables up to date, each step in a transaction of its own together with its record. Before tables that are
 * there are changed, they are copied to a schema of their own, of which the last `keepBackups` are kept; 0 makes none.
 * Refuses, having written nothing, what a later version has changed.
 */
export const migrate = (
  database: DatabaseService,
  session: Session,
  steps: ReadonlyArray<ModuleStep>,
  keepBackups: number
): Effect.Effect<void, DatabaseError> => {
  const tried = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: (cause) => toDatabaseError(cause, "changing tables") })
  const work = Effect.gen(function* () {
    const before = yield* tried(() => applied(session))
    const pending = yield* pendingSteps(steps, before, database.location)
    if (pending.length === 0) return
    // Tables are their module's own, so the first ones of a module change no others.
    const change = pending.find(({ module }) => before.some((step) => step.module === module))
    if (change !== undefined && keepBackups > 0) yield* copyBefore(session, change, keepBackups)
    yield* tried(() => session.query(createTable))
    for (const step of pending) yield* runStep(database, session, step)
  })
  const lock = tried(() => session.query(`SELECT pg_advisory_lock(${migrationLock})`))
  const unlock = Effect.promise(() => session.query(`SELECT pg_advisory_unlock(${migrationLock})`).catch(() => {}))
  return Effect.acquireUseRelease(
    lock,
    () => work,
    () => unlock
  )
}

const copyBefore = (session: Session, { module, step }: ModuleStep, keep: number): Effect.Effect<void, DatabaseError> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const backup = yield* Effect.tryPromise({
      try: () => backUp(session, now, `before ${module}/${step.id}`, keep),
      catch: (cause) => {
        const { message, reason } = toDatabaseError(cause, "copying tables before they are changed")
        const how = "Let its user create schemas, or set database.keepBackups to 0 once you have a dump of your own."
        return new DatabaseError({ reason, message: `${message} Nothing was changed. ${how}`, cause })
      }
    })
    yield* Effect.logInfo(`Copied all tables to the schema ${backup} before changing them.`)
  })

const runStep = (
  database: DatabaseService,
  session: Session,
  { module, step }: ModuleStep
): Effect.Effect<void, DatabaseError> =>
  Effect.gen(function* () {
    const record = [module, step.id, yield* Clock.currentTimeMillis] as const
    const up = statementsOf(step, "postgres")
    if (!Effect.isEffect(up)) return yield* Effect.tryPromise(() => runStatements(session, up, record))
    const { sql } = database
    return yield* sql.withTransaction(
      Effect.andThen(
        Effect.provideService(up, Database, database),
        sql`INSERT INTO portico_migrations (module, id, applied_at) VALUES (${record[0]}, ${record[1]}, ${record[2]})`
      )
    )
  }).pipe(
    Effect.asVoid,
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.fail(failed(`Migration ${module}/${step.id} was rolled back`, Cause.squash(cause)))
    )
  )

const runStatements = async (
  session: Session,
  up: ReadonlyArray<string>,
  record: readonly [module: string, id: string, at: number]
): Promise<void> => {
  await session.query("BEGIN")
  try {
    for (const sql of up) await session.query(toPostgres(sql))
    await session.query(insert, record)
    await session.query("COMMIT")
  } catch (cause) {
    await session.query("ROLLBACK").catch(() => {})
    throw cause
  }
}

const failed = (what: string, cause: unknown): DatabaseError => {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
  const { reason, message } = toDatabaseError(inner, what)
  return new DatabaseError({ reason, message, cause: inner })
}
