import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { type Kernel, kernelLayer } from "../../src/index.ts"
import { faultyKernel, noFault, readOnly } from "../support/faulty.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, extensions, get, migrations } from "../support/kernel.ts"

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "kernel-disk-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const storeAt = (filename: string, options: { readonly maxLogMiB?: number } = {}) =>
  kernelLayer().pipe(
    Layer.provideMerge(SqliteDatabase.layer({ filename, migrations, busyTimeout: 5_000, ...options })),
    Layer.provide(extensions())
  )

const onFile = <A, E>(
  test: (filename: string) => Effect.Effect<A, E, Kernel | Database | Scope.Scope>,
  options: { readonly maxLogMiB?: number } = {}
) =>
  Effect.flatMap(temporary, (folder) => {
    const filename = join(folder, "test.db")
    return Effect.provide(test(filename), storeAt(filename, options), { local: true })
  })

/** Sets something on the connection that writes. */
const onWriter = (sql: string) =>
  Effect.flatMap(Database, ({ write }) => write((tx) => Effect.sync(() => void tx.prepare(sql).get())))

const text = "x".repeat(20_000)
const makeMany = (from: number) =>
  Effect.gen(function* () {
    for (let i = from; ; i++) yield* create(`/full/${i}`, { props: { description: text } })
  }) as Effect.Effect<never, PorticoError, Kernel>

/** Fills the store until it refuses; then looks that reads go on and nothing is half there. */
const fillUp = (code: string) =>
  Effect.gen(function* () {
    yield* create("/full")
    const error = yield* Effect.flip(makeMany(0))
    expect(error.code).toBe(code)
    const before = yield* digest
    const { nodes } = yield* call("/full::listChildren", { limit: 1_000 })
    expect(nodes.length).toBeGreaterThan(0)
    for (let i = 0; i < 5; i++) {
      const again = yield* Effect.flip(create(`/full/again-${i}`, { props: { description: text } }))
      expect((again as PorticoError).code).toBe(code)
    }
    expect(yield* digest).toBe(before)
    expect((yield* get("/full")).path).toBe("/full")
    return nodes.length as number
  })

const goesOn = Effect.gen(function* () {
  yield* create("/after", { props: { description: text } })
  expect((yield* get("/after")).path).toBe("/after")
  expect(yield* violations).toEqual([])
})

/** A file system of so many MiB. */
const tinyDisk = (mebibytes: number) =>
  Effect.flatMap(temporary, (folder) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const place = join(folder, "disk")
        mkdirSync(place)
        execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", place], { stdio: "pipe" })
        return place
      }),
      (place) => Effect.sync(() => execFileSync("umount", ["-l", place]))
    )
  )

/** Whether this process may mount file systems. */
const mayMount = ((): boolean => {
  if (process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), "kernel-mount-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "pipe" })
    execFileSync("umount", [folder])
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})()

describe("a store whose disk", () => {
  it.effect("is full refuses writes with STORAGE_FULL, reads on, and goes on once there is room (abuse 49)", () =>
    onFile(() =>
      Effect.gen(function* () {
        yield* create("/before")
        yield* onWriter("PRAGMA max_page_count = 700")
        yield* fillUp("STORAGE_FULL")
        yield* onWriter("PRAGMA max_page_count = 100000")
        yield* goesOn
      })
    )
  )

  it.effect.skipIf(!mayMount)("is a small one that fills up does the same (abuse 49) (needs root)", () =>
    Effect.gen(function* () {
      const disk = yield* tinyDisk(8)
      const ballast = join(disk, "ballast")
      execFileSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=1M", "count=3"], { stdio: "pipe" })
      const test = Effect.gen(function* () {
        yield* fillUp("STORAGE_FULL")
        rmSync(ballast)
        yield* goesOn
      })
      yield* Effect.provide(test, storeAt(join(disk, "test.db")), { local: true })
      // And after all of that it starts again.
      yield* Effect.provide(get("/after"), storeAt(join(disk, "test.db")), { local: true })
    })
  )

  it.effect.skipIf(!mayMount)("is full at a checkpoint keeps what was acknowledged (abuse 49) (needs root)", () =>
    Effect.gen(function* () {
      const disk = yield* tinyDisk(8)
      const ballast = join(disk, "ballast")
      const store = storeAt(join(disk, "test.db"))
      const paths = Array.from({ length: 40 }, (_, i) => `/kept-${i}`)
      const readAll = Effect.forEach(paths, (path) => get(path))
      const test = Effect.gen(function* () {
        for (const path of paths) yield* create(path, { props: { description: text } })
        // All that is left, so that nothing of the log fits into the file when it is closed.
        execFileSync("sh", ["-c", `dd if=/dev/zero of=${ballast} bs=4k 2>/dev/null || true`])
        yield* readAll
        expect(((yield* Effect.flip(makeMany(0))) as PorticoError).code).toBe("NOT_FOUND")
        const { code } = (yield* Effect.flip(create("/more", { props: { description: text } }))) as PorticoError
        expect(code).toBe("STORAGE_FULL")
      })
      yield* Effect.provide(test, store, { local: true })
      rmSync(ballast)
      yield* Effect.provide(Effect.andThen(readAll, goesOn), store, { local: true })
    })
  )

  it.effect.skipIf(!mayMount)("is full refuses to start with nothing half made (abuse 49) (needs root)", () =>
    Effect.gen(function* () {
      const disk = yield* tinyDisk(1)
      const ballast = join(disk, "ballast")
      execFileSync("dd", ["if=/dev/zero", `of=${ballast}`, "bs=1k", "count=900"], { stdio: "pipe" })
      const start = Effect.provide(get("/"), storeAt(join(disk, "test.db")), { local: true })
      expect(yield* Effect.flip(start)).toMatchObject({ _tag: "DatabaseError", reason: "Full" })
      rmSync(ballast)
      execFileSync("mount", ["-o", "remount,size=16m", disk], { stdio: "pipe" })
      expect((yield* start).path).toBe("/")
    })
  )

  it.effect("turns read-only refuses writes with UNAVAILABLE, reads on, and goes on once it is not (abuse 49)", () => {
    const fault = { ...noFault(), thrown: readOnly }
    return Effect.gen(function* () {
      yield* create("/before")
      const before = yield* digest
      for (let i = 0; i < 3; i++) {
        Object.assign(fault, { at: i, seen: 0 })
        const error = yield* Effect.flip(create("/nothing"))
        expect(error).toMatchObject({ code: "UNAVAILABLE", details: { reason: "ReadOnly" } })
        expect((yield* get("/before")).path).toBe("/before")
        expect(yield* digest).toBe(before)
      }
      fault.at = Number.POSITIVE_INFINITY
      yield* goesOn
    }).pipe(Effect.provide(faultyKernel(fault), { local: true }))
  })

  it.effect.skipIf(!mayMount)("is read-only refuses to start, and starts once it is not (abuse 49) (needs root)", () =>
    Effect.gen(function* () {
      const disk = yield* tinyDisk(16)
      const start = Effect.provide(create("/a", { onConflict: "skip" }), storeAt(join(disk, "test.db")), {
        local: true
      })
      yield* start
      execFileSync("mount", ["-o", "remount,ro", disk], { stdio: "pipe" })
      expect(yield* Effect.flip(start)).toMatchObject({ _tag: "DatabaseError", reason: "ReadOnly" })
      execFileSync("mount", ["-o", "remount,rw", disk], { stdio: "pipe" })
      expect(yield* start).toMatchObject({ created: false })
    })
  )
})

describe("a store that another program has locked", () => {
  const locked = (filename: string) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const db = new DatabaseSync(filename)
        db.exec("BEGIN IMMEDIATE")
        return db
      }),
      (db) => Effect.sync(() => db.close())
    )
  const turns = Effect.forEach(Array.from({ length: 20 }), () => Effect.yieldNow, { discard: true })

  it.effect("for a second lets writes wait and goes on (abuse 50)", () =>
    onFile((filename) =>
      Effect.gen(function* () {
        yield* create("/before")
        const other = yield* locked(filename)
        const writing = yield* Effect.forkChild(create("/waiting"))
        yield* turns
        yield* TestClock.adjust("1 second")
        expect((yield* get("/before")).path).toBe("/before")
        other.exec("ROLLBACK")
        yield* TestClock.adjust("20 millis")
        expect(yield* Fiber.join(writing)).toMatchObject({ path: "/waiting", created: true })
        yield* goesOn
      })
    )
  )

  it.effect("for a minute refuses writes with an error that says to try again, and reads on (abuse 50)", () =>
    onFile((filename) =>
      Effect.gen(function* () {
        yield* create("/before")
        const other = yield* locked(filename)
        const writing = yield* Effect.forkChild(Effect.flip(create("/refused")))
        yield* turns
        yield* TestClock.adjust("60 seconds")
        expect(yield* Fiber.join(writing)).toMatchObject({
          code: "UNAVAILABLE",
          status: 503,
          details: { reason: "Locked" }
        })
        expect((yield* get("/before")).path).toBe("/before")
        other.exec("ROLLBACK")
        expect(yield* Effect.flip(get("/refused"))).toMatchObject({ code: "NOT_FOUND" })
        yield* goesOn
      })
    )
  )
})

describe("a store that another program keeps reading", () => {
  it.effect("bounds its log: writes are refused with STORAGE_FULL until that ends, and reads go on (abuse 51)", () =>
    onFile(
      (filename) =>
        Effect.gen(function* () {
          yield* create("/before")
          const other = new DatabaseSync(filename, { readOnly: true })
          other.exec("BEGIN")
          other.prepare("SELECT count(*) FROM nodes").get()
          yield* fillUp("STORAGE_FULL")
          other.exec("COMMIT")
          other.close()
          yield* goesOn
        }),
      { maxLogMiB: 1 }
    )
  )
})
