import { symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { Effect, Exit, Scope } from "effect"
import { child, firstLine, kill } from "./fixtures/child.ts"
import { temporaryFolder } from "./temporaryFolder.ts"

const refusal = (filename: string) => Effect.flip(SqliteDatabase.make({ filename }))

describe("one writer per file (abuse 53)", () => {
  it.live("a second process is refused and told which process has the file", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      const holder = yield* child("holder.ts", filename)
      expect(yield* firstLine(holder)).toBe("ready")
      const error = yield* refusal(filename)
      expect(error).toMatchObject({ reason: "Locked", status: 503 })
      expect(error.message).toContain(`process ${holder.pid}`)
      expect(error.message).toContain(filename)
    })
  )

  it.live("a process that was killed leaves nothing behind that stops the next one", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      for (let round = 0; round < 3; round++) {
        const holder = yield* child("holder.ts", filename)
        expect(yield* firstLine(holder)).toBe("ready")
        yield* kill(holder)
      }
      yield* SqliteDatabase.make({ filename })
    })
  )

  it.live("the refusal names the holder also to another process", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      yield* SqliteDatabase.make({ filename })
      const line = yield* firstLine(yield* child("holder.ts", filename))
      expect(line).toMatch(/^Locked: /)
      expect(line).toContain(`process ${process.pid}`)
    })
  )

  it.effect("two databases of one process on one file are refused as well, under whatever name", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const filename = join(folder, "test.db")
      yield* SqliteDatabase.make({ filename })
      symlinkSync(filename, join(folder, "other.db"))
      symlinkSync(folder, join(folder, "link"))
      for (const name of [filename, join(folder, "other.db"), join(folder, "link", "test.db")]) {
        expect((yield* refusal(name)).reason).toBe("Locked")
      }
    })
  )

  it.effect("a refused attempt does not loosen the lock", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      yield* SqliteDatabase.make({ filename })
      yield* refusal(filename)
      const line = yield* firstLine(yield* child("holder.ts", filename))
      expect(line).toMatch(/^Locked: /)
    })
  )

  it.effect("the file is free again when the scope ends", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      const scope = yield* Scope.make()
      yield* Scope.provide(SqliteDatabase.make({ filename }), scope)
      yield* Scope.close(scope, Exit.void)
      yield* SqliteDatabase.make({ filename })
    })
  )

  it.effect("a damaged lock file is named", () =>
    Effect.gen(function* () {
      const filename = join(yield* temporaryFolder, "test.db")
      writeFileSync(`${filename}.lock`, "not a database, and long enough to be told from one".repeat(20))
      expect((yield* refusal(filename)).message).toContain(`${filename}.lock is damaged`)
    })
  )
})
