import { basename, dirname, join } from "node:path"
import { Database, DatabaseError, type DatabaseService, type SyncConnection } from "@portico/gate/database"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { statementsOf } from "../../internal/statementsOf.ts"
import type { ModuleStep } from "../../Migrations.ts"
import { copyTo } from "./copy.ts"
import { toDatabaseError } from "./errors.ts"
import { migrationsTable } from "./migrationsTable.ts"

/** A step that is statements. */
interface Statements {
  readonly step: ModuleStep
  readonly up: ReadonlyArray<string>
}

/**
 * Runs steps one after the other, each whole or not at all, together with its record. Those that are statements share a
 * transaction as far as they follow each other, since most of what a short one costs is its commit.
 */
export const migrate = Effect.fnUntraced(function* (
  database: DatabaseService,
  steps: ReadonlyArray<ModuleStep>
): Effect.fn.Return<void, DatabaseError> {
  let statements: Array<Statements> = []
  const runStatements = Effect.suspend(() => {
    const all = statements
    statements = []
    return runAll(database, all)
  })
  for (const step of steps) {
    const up = statementsOf(step.step, "sqlite")
    if (!Effect.isEffect(up)) statements.push({ step, up })
    else yield* Effect.andThen(runStatements, runEffect(database, step, up))
  }
  yield* runStatements
})

/** Runs steps in one transaction, up to the first that fails: what stands before it stays. */
const runAll = Effect.fnUntraced(function* (database: DatabaseService, steps: ReadonlyArray<Statements>) {
  const now = yield* Clock.currentTimeMillis
  const failure = yield* Effect.catchCause(
    database.write((tx) =>
      Effect.sync(() => {
        tx.exec(migrationsTable.create)
        for (const { step, up } of steps) {
          const failure = runStep(tx, step, up, now)
          if (failure !== undefined) return failure
        }
        return undefined
      })
    ),
    failedWith("Migrations were rolled back")
  )
  if (failure !== undefined) return yield* failure
})

/** Runs a step in a savepoint of its own. Answers what is wrong with it, if it was rolled back. */
const runStep = (
  tx: SyncConnection,
  step: ModuleStep,
  up: ReadonlyArray<string>,
  now: number
): DatabaseError | undefined => {
  tx.exec("SAVEPOINT migration")
  try {
    for (const sql of up) tx.exec(sql)
    tx.prepare(migrationsTable.insert).run(step.module, step.step.id, now)
    tx.exec("RELEASE migration")
    return undefined
  } catch (cause) {
    const error = failed(rolledBack(step), cause)
    try {
      tx.exec("ROLLBACK TO migration")
      tx.exec("RELEASE migration")
    } catch {
      // A full disk, for one, takes back the whole transaction and leaves no savepoint.
      throw error
    }
    return error
  }
}

const runEffect = Effect.fnUntraced(function* (
  database: DatabaseService,
  step: ModuleStep,
  up: Effect.Effect<void, unknown, Database>
) {
  const { sql } = database
  const now = yield* Clock.currentTimeMillis
  const recorded = Effect.andThen(
    Effect.provideService(up, Database, database),
    sql.unsafe(migrationsTable.insert, [step.module, step.step.id, now])
  )
  yield* Effect.catchCause(sql.withTransaction(recorded), failedWith(rolledBack(step)))
})

const rolledBack = ({ module, step }: ModuleStep): string => `Migration ${module}/${step.id} was rolled back`

const failedWith =
  (what: string) =>
  (cause: Cause.Cause<unknown>): Effect.Effect<never, DatabaseError> =>
    Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.fail(failed(what, Cause.squash(cause)))

const failed = (what: string, cause: unknown): DatabaseError => {
  const { reason, message } = toDatabaseError(cause, what)
  return new DatabaseError({ reason, message, cause })
}

/**
 * Copies the database to `backups/` beside it, before `next` changes it. The copy is a database like any other: stop the
 * product and put it in the place of the original to go back.
 */
export const backUp = (file: string, next: ModuleStep): Effect.Effect<string, DatabaseError> =>
  Effect.gen(function* () {
    const now = new Date(yield* Clock.currentTimeMillis).toISOString().replaceAll(/[:.]/g, "-")
    const folder = join(dirname(file), "backups")
    const target = join(folder, `${basename(file, ".db")}-${now}-before-${next.module}-${next.step.id}.db`)
    yield* copyTo(file, target, () => Effect.void)
    yield* Effect.logInfo(`Copied ${file} to ${target} before changing its tables.`)
    return target
  })
