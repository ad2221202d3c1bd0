import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect } from "effect"
import { child, linesUntilKilled } from "./fixtures/child.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

describe("a process that is killed while it writes", () => {
  it.live(
    "loses nothing that it had acknowledged, and starts again",
    () =>
      Effect.gen(function* () {
        const filename = join(yield* temporaryFolder, "test.db")
        const acknowledged = new Set<number>()
        for (let round = 0; round < 5; round++) {
          const first = round * 1_000_000
          const writer = yield* child("writer.ts", filename, String(first))
          const lines = yield* linesUntilKilled(writer, (so) => so.length > 100 + 150 * round)
          expect(lines.length).toBeGreaterThan(100)
          for (const line of lines) acknowledged.add(Number(line))
          const found = yield* Effect.scoped(
            Effect.map(SqliteDatabase.make({ filename }), ({ embedded }) => ({
              check: embedded.read.prepare("PRAGMA integrity_check").all(),
              rows: embedded.read.prepare("SELECT n, twin FROM mark").all()
            }))
          )
          expect(found.check).toEqual([{ integrity_check: "ok" }])
          expect(found.rows.every((row) => row.n === row.twin)).toBe(true)
          const stored = new Set(found.rows.map((row) => Number(row.n)))
          expect([...acknowledged].filter((n) => !stored.has(n))).toEqual([])
        }
      }),
    60_000
  )
})
