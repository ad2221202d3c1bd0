import { join } from "node:path"
import { describe, it } from "@effect/vitest"
import { databaseContract } from "@portico/gate/testing"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect, Layer } from "effect"
import { temporaryFolder } from "./temporaryFolder.ts"

const inFile = (synchronous: "FULL" | "NORMAL") =>
  Layer.unwrap(
    Effect.map(temporaryFolder, (folder) => SqliteDatabase.layer({ filename: join(folder, "test.db"), synchronous }))
  )

const providers = {
  "a database in memory": SqliteDatabase.layer({ filename: ":memory:" }),
  "a database in a file": inFile("FULL"),
  "a database in a file, synchronous NORMAL": inFile("NORMAL")
}

for (const [title, layer] of Object.entries(providers)) {
  describe(title, () => {
    for (const { check, name } of databaseContract(layer)) it.effect(name, () => check)
  })
}
