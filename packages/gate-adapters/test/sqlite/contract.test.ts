import { join } from "node:path"
import { describe } from "@effect/vitest"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect, Layer } from "effect"
import { databaseContract } from "./databaseContract.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const inFile = (synchronous: "FULL" | "NORMAL") =>
  Layer.unwrap(
    Effect.map(temporaryFolder, (folder) => SqliteDatabase.layer({ filename: join(folder, "test.db"), synchronous }))
  )

describe("a database in memory", () => databaseContract(SqliteDatabase.layer({ filename: ":memory:" })))
describe("a database in a file", () => databaseContract(inFile("FULL")))
describe("a database in a file, synchronous NORMAL", () => databaseContract(inFile("NORMAL")))
