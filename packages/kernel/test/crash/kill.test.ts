import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import type { SyncConnection } from "@portico/gate/database"
import { SqliteFile } from "@portico/gate-adapters/sqlite"
import * as Effect from "effect/Effect"
import { rolldown } from "rolldown"
import { checkIntegrity } from "../../src/index.ts"
import { migrations } from "../support/kernel.ts"

/** Stores, and how often a process that writes to each is killed. */
const [stores, rounds, atOnce] = [20, 10, 2]

/** Lines of a process until it is killed, which is as soon as it has printed so many. */
const linesUntilKilled = (program: string, args: ReadonlyArray<string>, count: number, cache: string) =>
  Effect.callback<ReadonlyArray<string>>((resume) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, NODE_COMPILE_CACHE: cache },
      stdio: ["ignore", "pipe", "inherit"]
    })
    let text = ""
    let seen = 0
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk
      seen += chunk.filter((byte) => byte === 10).length
      if (seen >= count) child.kill("SIGKILL")
    })
    child.once("close", () => resume(Effect.succeed(text.split("\n").slice(0, -1))))
  })

/** One process from sources takes a second to start, and two hundred do; a bundle takes a tenth of that. */
const bundle = (folder: string) =>
  Effect.promise(async () => {
    const file = join(folder, "writer.mjs")
    const input = fileURLToPath(new URL("fixtures/writer.ts", import.meta.url))
    const built = await rolldown({
      input,
      platform: "node",
      external: [/^node:/, /^@napi-rs/, /^pg/],
      logLevel: "silent"
    })
    await built.write({ file, format: "esm", codeSplitting: false })
    await built.close()
    return file
  })

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "kernel-kill-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** What must be in the store after some lines were printed. */
class Log {
  readonly created = new Set<string>()
  readonly mutated = new Set<string>()
  readonly moved = new Set<string>()

  take(line: string): void {
    const [what, name = ""] = line.split(" ")
    if (what === "create") this.created.add(name)
    if (what === "mutate") this.mutated.add(name)
    if (what === "move") this.moved.add(name)
  }
}

const slugsIn = (conn: SyncConnection, folder: string): ReadonlyArray<string> =>
  conn
    .prepare("SELECT slug FROM nodes WHERE parent = (SELECT key FROM nodes WHERE slug = ? AND parent = 1)")
    .all(folder)
    .map((row) => String(row.slug))

const look = (file: string, log: Log) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { behind, conn } = yield* SqliteFile.open(file, migrations)
      expect(yield* SqliteFile.damage(conn)).toEqual([])
      // Killed before its tables were made.
      if (behind.length > 0 || conn.prepare("SELECT 1 AS one FROM nodes LIMIT 1").get() === undefined) {
        expect(log.created.size + log.mutated.size + log.moved.size).toBe(0)
        return
      }
      expect((yield* checkIntegrity(conn)).violations).toEqual([])
      const [made, sets, moved] = ["made", "sets", "moved"].map((name) => new Set(slugsIn(conn, name)))
      const lost = (wanted: Set<string>, there: Set<string> | undefined) =>
        [...wanted].filter((name) => !there?.has(name))
      expect(lost(log.created, made)).toEqual([])
      expect(lost(log.moved, moved)).toEqual([])
      const parts = (name: string) => ["a", "b", "c"].map((part) => `${name}-${part}`)
      expect(lost(new Set([...log.mutated].flatMap(parts)), sets)).toEqual([])
      // Of a batch that nobody was told of there is all or nothing.
      const names = new Set([...(sets ?? [])].map((slug) => slug.slice(0, -2)))
      expect(sets?.size ?? 0).toBe(names.size * 3)
      const links = conn
        .prepare("SELECT count(*) AS n FROM edges WHERE class = (SELECT key FROM nodes WHERE slug = 'class.near')")
        .get()
      expect(Number(links?.n ?? 0)).toBe(names.size)
      expect([...(moved ?? [])].filter((name) => made?.has(name))).toEqual([])
    })
  )

/** A small generator of numbers, so that every run kills at the same counts (Numerical Recipes, LCG). */
const numbers = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe("a process that is killed two hundred times", () => {
  it.live(
    "while it creates, moves, deletes, restores, makes batches and installs, loses and halves nothing",
    () =>
      Effect.gen(function* () {
        const place = yield* folder
        const program = yield* bundle(place)
        let kills = 0
        let acknowledged = 0
        const store = Effect.fnUntraced(function* (index: number) {
          const random = numbers(index + 1)
          const file = join(place, `store-${index}.db`)
          const log = new Log()
          for (let round = 0; round < rounds; round++) {
            // One in five dies while it starts or installs, the others after up to forty changes.
            const count = random(5) === 0 ? 1 + random(3) : 3 + random(40)
            const lines = yield* linesUntilKilled(program, [file, `r${round}`], count, join(place, "cache"))
            kills++
            acknowledged += lines.length
            for (const line of lines) log.take(line)
            if (lines.length > 1 || round > 0) yield* look(file, log)
          }
        })
        yield* Effect.forEach(
          Array.from({ length: stores }, (_, index) => index),
          store,
          {
            concurrency: atOnce,
            discard: true
          }
        )
        expect(kills).toBe(200)
        expect(acknowledged).toBeGreaterThan(3_000)
      }),
    240_000
  )
})
