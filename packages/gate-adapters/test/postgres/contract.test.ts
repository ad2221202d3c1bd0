import { it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { databaseContract } from "@portico/gate/testing"
import { PostgresDatabase } from "@portico/gate-adapters/postgres"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** An empty database of its own for each check. */
const layer = Layer.effect(
  Database,
  Effect.gen(function* () {
    const { url } = yield* Effect.acquireRelease(
      Effect.promise(() => freshDatabase()),
      ({ drop }) => Effect.promise(drop)
    )
    return yield* PostgresDatabase.make({ url })
  })
)

describeWithPostgres("a database on a server", () => {
  for (const { check, name } of databaseContract(layer, "postgres")) it.effect(name, () => check)
})
