import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { Database, Migration } from "@portico/gate/database"
import { GatewayTest } from "@portico/gate/testing"
import { SqliteModule } from "@portico/gate-adapters/sqlite"
import { Effect } from "effect"
import { temporaryFolder } from "./temporaryFolder.ts"

const notes = Gateway.module.define({
  id: "notes",
  displayName: "Notes",
  contributes: [
    Migration.of({ id: "0001_notes", after: ["colours"], up: "CREATE TABLE note (colour INTEGER REFERENCES colour)" })
  ]
})
const colours = Gateway.module.define({
  id: "colours",
  displayName: "Colours",
  contributes: [Migration.of({ id: "0001_colours", up: "CREATE TABLE colour (id INTEGER PRIMARY KEY)" })]
})
const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [notes, colours, SqliteModule] })

const started = (config: Readonly<Record<string, unknown>>) => GatewayTest.make(product, { config })

describe("the database module", () => {
  it.effect("keeps one file in the data folder, with the tables that modules contribute", () =>
    Effect.gen(function* () {
      const folder = join(yield* temporaryFolder, "data")
      const gateway = yield* started({ "gate.dataDir": folder })
      const { location, read } = yield* gateway.get(Database)
      expect(location).toBe(join(folder, "portico.db"))
      expect(readdirSync(folder)).toContain("portico.db")
      expect(yield* read((conn) => conn.prepare("SELECT module, id FROM portico_migrations").all())).toEqual([
        { module: "colours", id: "0001_colours" },
        { module: "notes", id: "0001_notes" }
      ])
    })
  )

  it.effect("takes its file and its trade-offs from settings", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const gateway = yield* started({
        "gate.dataDir": folder,
        "database.file": "other.db",
        "database.synchronous": "NORMAL"
      })
      const { sql } = yield* gateway.get(Database)
      expect(existsSync(join(folder, "other.db"))).toBe(true)
      expect(yield* sql`PRAGMA synchronous`).toEqual([{ synchronous: 1 }])
    })
  )

  it.effect("in memory leaves the data folder alone", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* started({ "gate.dataDir": folder, "database.file": ":memory:" })
      expect(readdirSync(folder)).toEqual([])
    })
  )

  it.effect("says on /readyz that the file can be read", () =>
    Effect.gen(function* () {
      const gateway = yield* started({ "gate.dataDir": yield* temporaryFolder })
      const answer = yield* gateway.request("/readyz")
      expect(answer.status).toBe(200)
      expect(answer.text).toContain("sqlite")
    })
  )

  it.effect("stops the start of a second product on the same folder, and names the process that has it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* started({ "gate.dataDir": folder })
      const error = yield* Effect.flip(Effect.scoped(started({ "gate.dataDir": folder })))
      expect(String(error)).toContain(`process ${process.pid}`)
      expect(String(error)).toContain(join(folder, "portico.db"))
    })
  )
})
