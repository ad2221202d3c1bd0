import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readFlags, readSettingsFile } from "../../src/node.ts"
import { product } from "../support/planning.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "portico-settings-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

describe("readSettingsFile", () => {
  it.effect("reads portico.toml if there is one, with the line of each key", () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      expect(yield* readSettingsFile(cwd, undefined)).toBeUndefined()
      writeFileSync(join(cwd, "portico.toml"), "[gate]\nport = 4321\n")
      expect(yield* readSettingsFile(cwd, undefined)).toEqual({
        path: "portico.toml",
        values: { gate: { port: 4321 } },
        lines: expect.objectContaining({ "gate.port": 2 })
      })
    })
  )

  it.effect("calls a file that is named as it was written, and fails if it is not there or no TOML", () =>
    Effect.gen(function* () {
      const cwd = yield* folder
      const elsewhere = join(yield* folder, "other.toml")
      const missing = yield* Effect.flip(readSettingsFile(cwd, elsewhere))
      expect(missing).toMatchObject({ _tag: "SettingsFileError", message: `There is no file ${elsewhere}.` })
      writeFileSync(elsewhere, "")
      expect(yield* readSettingsFile(cwd, elsewhere)).toMatchObject({ path: elsewhere })
      writeFileSync(elsewhere, "[gate\n")
      const broken = yield* Effect.flip(readSettingsFile(cwd, elsewhere))
      expect(broken.message).toContain(`${elsewhere} is not valid TOML`)
      expect(broken.line).toBe(1)
    })
  )
})

describe("readFlags", () => {
  it("gives the settings that the flags set, by key", () => {
    expect(readFlags(product(), ["--port=4010", "--no-access-log"])).toEqual(
      Result.succeed({ "gate.port": "4010", "gate.accessLog": "false" })
    )
  })

  it.each([
    ["--prot=1", "There is no flag --prot. Did you mean --port?"],
    ["--help", "--help is no setting."],
    ["--config=x", "--config is no setting."],
    ["stop", 'There is no command "stop".']
  ])("refuses %s in one sentence", (flag, sentence) => {
    expect(readFlags(product(), [flag])).toEqual(Result.fail(sentence))
  })
})
