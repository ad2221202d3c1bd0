import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { startChild, urlOf } from "./childProcess.ts"

const folderWith = (toml: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(join(tmpdir(), "gate-"))
      writeFileSync(join(folder, "portico.toml"), toml)
      return folder
    }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

const get = (url: string) =>
  Effect.promise(() =>
    fetch(url).then(
      (response) => response.status,
      () => "cut off"
    )
  )

describe("a product's process", () => {
  it.live("says on standard output that it is ready, and keeps notices out of the log", () =>
    Effect.gen(function* () {
      const child = yield* startChild([])
      const out = yield* child.says("is ready at")
      expect(out).toMatch(/^Slow 1\.0\.0 is ready at http:\/\/localhost:\d+ \(\d+ ms\)\n {2}modules: slow\n/)
      expect(out).toContain("s3cr3t")
      yield* child.kill("SIGTERM")
      expect(yield* child.exit).toBe(0)
      expect(child.err()).toContain('"released"')
      expect(child.err()).not.toContain("s3cr3t")
    })
  )

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it.live(
      `drains on ${signal}: a request that runs is answered, then the module is released, then it exits with 0`,
      () =>
        Effect.gen(function* () {
          const child = yield* startChild([])
          const url = urlOf(yield* child.says("is ready at"))
          const request = yield* Effect.forkChild(get(`${url}/slow`))
          yield* child.says("working")
          yield* child.kill(signal)
          expect(yield* Fiber.join(request)).toBe(200)
          expect(yield* child.exit).toBe(0)
          expect(child.err().match(/"released"/g)).toHaveLength(1)
        })
    )
  }

  it.live("cuts off what does not end in time and still exits with 0", () =>
    Effect.gen(function* () {
      const child = yield* startChild(["--drain-deadline", "200"])
      const url = urlOf(yield* child.says("is ready at"))
      const request = yield* Effect.forkChild(get(`${url}/never`))
      yield* child.says("working")
      yield* child.kill("SIGTERM")
      yield* Fiber.join(request)
      expect(yield* child.exit).toBe(0)
      expect(child.err()).toContain("1 requests did not end within 200 ms")
      expect(child.err()).toContain('"released"')
    })
  )

  it.live("leaves a module behind that does not let go", () =>
    Effect.gen(function* () {
      const child = yield* startChild(["--slow-hangs", "yes", "--module-stop-deadline", "200"])
      yield* child.says("is ready at")
      yield* child.kill("SIGTERM")
      expect(yield* child.exit).toBe(0)
      expect(child.err()).toContain('Module \\"slow\\" did not stop within 200 ms')
    })
  )

  it.live("exits with 1 if the whole stop does not end in time", () =>
    Effect.gen(function* () {
      const child = yield* startChild(["--slow-hangs", "yes", "--stop-deadline", "200"])
      yield* child.says("is ready at")
      yield* child.kill("SIGTERM")
      expect(yield* child.exit).toBe(1)
      expect(child.err()).toContain("Not released: slow")
    })
  )

  it.live("exits at once on a second signal", () =>
    Effect.gen(function* () {
      const child = yield* startChild(["--slow-hangs", "yes"])
      yield* child.says("is ready at")
      yield* child.kill("SIGTERM")
      yield* child.says("another signal ends it at once")
      yield* child.kill("SIGTERM")
      expect(yield* child.exit).toBe(128 + 15)
    })
  )

  it.live("takes signals that come together for one, as those of a process group do", () =>
    Effect.gen(function* () {
      const child = yield* startChild([])
      const url = urlOf(yield* child.says("is ready at"))
      const request = yield* Effect.forkChild(get(`${url}/slow`))
      yield* child.says("working")
      for (const signal of ["SIGTERM", "SIGTERM", "SIGINT"] as const) yield* child.kill(signal)
      expect(yield* Fiber.join(request)).toBe(200)
      expect(yield* child.exit).toBe(0)
      expect(child.err()).toContain('"released"')
    })
  )

  it.live("exits with 1 and one report if it does not start", () =>
    Effect.gen(function* () {
      const child = yield* startChild(["--slow-fails", "no luck today"])
      expect(yield* child.exit).toBe(1)
      expect(child.err()).toContain("Slow did not start.\n  module slow: no luck today\n")
      expect(child.out()).toBe("")
    })
  )

  it.live("exits with 1 and every diagnostic if it cannot be planned", () =>
    Effect.gen(function* () {
      const child = yield* startChild(["--body-limit", "lots"], { PORTICO_HEADERS_TIMEOUT: "soon" })
      expect(yield* child.exit).toBe(1)
      expect(child.err()).toContain("gate.bodyLimit")
      expect(child.err()).toContain("gate.headersTimeout")
    })
  )

  it.live("reads portico.toml, which the environment and flags beat", () =>
    Effect.gen(function* () {
      const cwd = yield* folderWith('[slow]\nfails = "from the file"\n')
      const child = yield* startChild([], {}, cwd)
      expect(yield* child.exit).toBe(1)
      expect(child.err()).toContain("from the file")
      const other = yield* startChild([], { PORTICO_SLOW_FAILS: "from the environment" }, cwd)
      yield* other.exit
      expect(other.err()).toContain("from the environment")
      const third = yield* startChild(["--slow-fails=from a flag"], { PORTICO_SLOW_FAILS: "no" }, cwd)
      yield* third.exit
      expect(third.err()).toContain("from a flag")
    })
  )

  it.live("says what is wrong with the command line and with the file", () =>
    Effect.gen(function* () {
      const mistyped = yield* startChild(["--prot", "1"])
      expect(yield* mistyped.exit).toBe(2)
      expect(mistyped.err()).toContain("There is no flag --prot. Did you mean --port?")
      const missing = yield* startChild(["--config", "nowhere.toml"])
      expect(yield* missing.exit).toBe(1)
      expect(missing.err()).toContain("There is no file nowhere.toml.")
      const broken = yield* startChild([], {}, yield* folderWith("[slow\n"))
      expect(yield* broken.exit).toBe(1)
      expect(broken.err()).toContain("portico.toml is not valid TOML")
    })
  )

  it.live("lists its settings with --help, and prints its version", () =>
    Effect.gen(function* () {
      const help = yield* startChild(["--help"])
      expect(yield* help.exit).toBe(0)
      expect(help.out()).toContain("--body-limit")
      expect(help.out()).toContain("PORTICO_BODY_LIMIT")
      const version = yield* startChild(["--version"])
      expect(yield* version.exit).toBe(0)
      expect(version.out()).toBe("1.0.0\n")
    })
  )
})
