import { spawnSync } from "node:child_process"
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { childEnvironment } from "@portico/test-support/processes"
import { assert, describe, it } from "vitest"
import { runCli, temporaryFolder } from "./support/runCli.ts"

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))

const names = ["client.ts", "openapi.internal.json", "openapi.json", "sdk.json"]

describe("portico generate", () => {
  it("writes the files of the distro, and says which; the second time there is nothing to write", async (test) => {
    const out = join(temporaryFolder(test), "src", "portico")
    const first = await runCli(["generate", "--out", out])
    assert.deepStrictEqual(first, { exit: 0, out: names.map((name) => `${join(out, name)}\n`).join(""), err: "" })
    assert.deepStrictEqual(readdirSync(out).sort(), names)
    assert.include(readFileSync(join(out, "client.ts"), "utf8"), "POST /api/call")
    assert.strictEqual(JSON.parse(readFileSync(join(out, "sdk.json"), "utf8")).product.id, "portico")

    const again = await runCli(["generate", "--out", out])
    assert.deepStrictEqual(again, { exit: 0, out: "", err: `the files in ${out} were as they should be\n` })
    assert.deepStrictEqual(JSON.parse((await runCli(["generate", "--out", out, "--json"])).out), [])
  })

  it("refuses stale files with --check, names them, and leaves them as they are", async (test) => {
    const out = temporaryFolder(test)
    await runCli(["generate", "--out", out])
    const good = await runCli(["generate", "--out", out, "--check"], { env: { PORTICO_PORT: "4010" } })
    assert.deepStrictEqual(good, { exit: 0, out: "", err: `the files in ${out} are as they should be\n` })

    appendFileSync(join(out, "client.ts"), "// mine\n")
    rmSync(join(out, "sdk.json"))
    const { exit, out: told, err } = await runCli(["generate", "--out", out, "--check"])
    assert.strictEqual(exit, 1)
    assert.strictEqual(told, `${join(out, "client.ts")}\tdifferent\n${join(out, "sdk.json")}\tmissing\n`)
    assert.match(err, /^portico: GENERATED_STALE: 2 files in /)
    assert.match(readFileSync(join(out, "client.ts"), "utf8"), /\/\/ mine\n$/)
    assert.deepStrictEqual(JSON.parse((await runCli(["generate", "--out", out, "--check", "--json"])).out), [
      { path: "client.ts", problem: "different" },
      { path: "sdk.json", problem: "missing" }
    ])
  })

  it("writes the same bytes in another place, time zone and language", (test) => {
    const written = (env: Readonly<Record<string, string>>): ReadonlyArray<string> => {
      const folder = temporaryFolder(test)
      const { status, stderr } = spawnSync(process.execPath, [main, "generate", "--out", "out"], {
        cwd: folder,
        encoding: "utf8",
        env: childEnvironment({ HOME: folder, ...env })
      })
      assert.strictEqual(status, 0, stderr)
      return names.map((name) => readFileSync(join(folder, "out", name), "utf8"))
    }
    const english = written({ TZ: "UTC", LC_ALL: "C", USER: "root" })
    // In Turkish `I` is no capital `i`; in Swedish `ä` sorts after `z`.
    assert.deepStrictEqual(written({ TZ: "Pacific/Kiritimati", LC_ALL: "tr_TR.UTF-8", LANG: "sv_SE.UTF-8" }), english)
  }, 60_000)

  it("says so when it cannot write there", async (test) => {
    const file = join(temporaryFolder(test), "file")
    writeFileSync(file, "")
    const { exit, out, err } = await runCli(["generate", "--out", file])
    assert.strictEqual(exit, 1)
    assert.strictEqual(out, "")
    assert.match(err, /^portico: FILE_SYSTEM: cannot write to [^\n]*\n$/)
  })

  it("tells wrong settings as `plan` does", async () => {
    const { exit, err } = await runCli(["generate", "--check"], { env: { PORTICO_PORT: "http" } })
    assert.strictEqual(exit, 1)
    assert.include(err, "GATE007")
  })
})
