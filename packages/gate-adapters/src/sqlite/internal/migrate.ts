import { basename, dirname, join } from "node:path"
import { Database, DatabaseError, type DatabaseService } from "@portico/gate/database"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { statementsOf } from "../../internal/statementsOf.ts"
import type { ModuleStep } from "../../Migrations.ts"
import { copyTo } from "./copy.ts"
import { toDatabaseError } from "./errors.ts"
import { migrationsTable } from "./migrationsTable.ts"

/** Runs steps one after the other, each in a transaction of its own together with its record. */
export const migrate = (
  database: DatabaseService,
  steps: ReadonlyArray<ModuleStep>
): Effect.Effect<void, DatabaseError> =>
  Effect.andThen(
    database.write((tx) => Effect.sync(() => tx.exec(migrationsTable.create))),
    Effect.forEach(steps, (step) => runStep(database, step), { discard: true })
  )

const runStep = (database: DatabaseService, { module, step }: ModuleStep): Effect.Effect<void, DatabaseError> =>
  Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const up = statementsOf(step, "sqlite")
    if (!Effect.isEffect(up)) {
      return yield* database.write((tx) =>
        Effect.sync(() => {
          for (const sql of up) tx.exec(sql)
          tx.prepare(migrationsTable.insert).run(module, step.id, now)
        })
      )
    }
    const { sql } = database
    return yield* sql.withTransaction(
      Effect.andThen(
        Effect.provideService(up, Database, database),
        sql.unsafe(migrationsTable.insert, [module, step.id, now])
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
