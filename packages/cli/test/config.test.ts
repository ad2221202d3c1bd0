import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it, type TestContext } from "vitest"
import { fakeInstance, refusal, routes } from "./support/fakeInstance.ts"
import { runCli, temporaryFolder } from "./support/runCli.ts"

const configRoute = "/gateway/v1/internal/config"

const tomlFile = (test: TestContext, text: string): string => {
  const file = join(temporaryFolder(test), "settings.toml")
  writeFileSync(file, text)
  return file
}

describe("portico config show", () => {
  it("prints key, value, source and owner of every setting, as a row each when piped", async (test) => {
    const file = tomlFile(test, '[gate]\nport = 4321\ncorsOrigins = ["https://a.example"]\n[kernel]\ncacheNodes = 7\n')
    const env = { PORTICO_PORT: "4010", PORTICO_LOG_LEVEL: "" }
    const { exit, out, err } = await runCli(["config", "show", "--config", file, "--", "--host=::1"], { env })
    assert.strictEqual(err, "")
    assert.strictEqual(exit, 0)
    const rows = out.trimEnd().split("\n")
    assert.includeMembers(rows, [
      "gate.host\t::1\t--host\tgate",
      "gate.port\t4010\tPORTICO_PORT\tgate",
      "gate.dataDir\t/nonexistent/portico-test\tPORTICO_DATA\tgate",
      "gate.publicUrl\t\tnot set\tgate",
      `gate.corsOrigins\t["https://a.example"]\t${file}:3\tgate`,
      "gate.logLevel\tInfo\tdefault\tgate",
      `kernel.cacheNodes\t7\t${file}:5\tkernel`
    ])
    for (const row of rows) assert.lengthOf(row.split("\t"), 4)
  })

  it("takes --data as start does", async () => {
    const { out } = await runCli(["config", "show", "--data", "./elsewhere"])
    assert.include(out, "gate.dataDir\t./elsewhere\t--data\tgate\n")
  })

  it("is a table of 80 columns on a terminal, however long values and places are", async (test) => {
    const origins = Array.from({ length: 5 }, (_, n) => `"https://site-${n}.example.com"`).join(", ")
    const file = tomlFile(test, `[gate]\ncorsOrigins = [${origins}]\n`)
    const env = { PORTICO_MODULE_STOP_DEADLINE: "7s", PORTICO_DATA: `/${"long/".repeat(30)}`, NO_COLOR: "1" }
    const { out } = await runCli(["config", "show", "--config", file], { terminal: true, env })
    assert.match(out, /^KEY +VALUE +SOURCE +OWNER\n/)
    assert.include(out, "PORTICO_MODULE_STOP_DEADLINE")
    assert.deepStrictEqual(
      out.split("\n").filter((line) => line.length > 80),
      []
    )
  })

  it("prints with --json what the plan says of settings", async () => {
    const { settings } = JSON.parse((await runCli(["plan", "--json"])).out)
    const { out } = await runCli(["config", "show", "--json"])
    assert.deepStrictEqual(JSON.parse(out), settings)
  })

  it("prints all the same when settings are wrong, and exits with 1", async () => {
    const { exit, out, err } = await runCli(["config", "show"], { env: { PORTICO_PORT: "http" } })
    assert.strictEqual(exit, 1)
    assert.include(out, "gate.port\t(not valid)\tPORTICO_PORT\tgate\n")
    assert.match(err, /^portico: INVALID_SETTINGS: 1 thing is wrong .* portico config check\n$/)
  })

  it("refuses a flag that there is not, with the one that was meant", async () => {
    const { exit, out, err } = await runCli(["config", "show", "--", "--prot=1"])
    assert.strictEqual(exit, 2)
    assert.strictEqual(out, "")
    assert.strictEqual(err, "portico: USAGE: There is no flag --prot. Did you mean --port?\n")
  })

  it("says where a flag of start goes when it stands elsewhere", async () => {
    const { exit, err } = await runCli(["config", "show", "--port", "4010"])
    assert.strictEqual(exit, 2)
    assert.include(err, "Flags of portico start go behind --, for example: portico config show -- --port=4010\n")
    assert.strictEqual((await runCli(["config", "show", "--", "--port=4010"])).exit, 0)
  })

  it("asks the instance that -i names, and shows it as the instance says", async (test) => {
    const settings = [
      { key: "mail.password", owner: "mail", source: { _tag: "Env", name: "MAIL_PASSWORD" }, value: "<redacted>" },
      { key: "mail.host", owner: "mail", source: { _tag: "File", path: "portico.toml", line: 3 }, value: "a.example" }
    ]
    const { url, seen } = await fakeInstance(test, routes({ [configRoute]: { json: { settings } } }))
    const { exit, out } = await runCli(["config", "show", "-i", url], { env: { PORTICO_TOKEN: "t" } })
    assert.strictEqual(exit, 0)
    assert.strictEqual(
      out,
      "mail.password\t<redacted>\tMAIL_PASSWORD\tmail\nmail.host\ta.example\tportico.toml:3\tmail\n"
    )
    assert.strictEqual(seen[0]?.authorization, "Bearer t")
    assert.deepStrictEqual(JSON.parse((await runCli(["config", "show", "-i", url, "--json"])).out), settings)
    assert.strictEqual((await runCli(["config", "show", "-i", url, "--", "--port=1"])).exit, 2)
  })

  it("says where to look when the instance does not serve its internal routes there", async (test) => {
    const { url } = await fakeInstance(test, () => refusal(404, "NOT_FOUND", "Nothing is here."))
    const { exit, err } = await runCli(["config", "show", "-i", url])
    assert.strictEqual(exit, 5)
    assert.include(err, "PORTICO_INTERNAL_LISTEN")
  })
})

describe("portico config check", () => {
  it("says that all is fine, and exits with 0", async () => {
    const { exit, out, err } = await runCli(["config", "check"])
    assert.deepStrictEqual({ exit, out }, { exit: 0, out: "" })
    assert.match(err, /^all \d+ settings are fine\n$/)
  })

  it("tells all that is wrong at once, with place and nearest name, and exits with 1", async (test) => {
    const file = tomlFile(test, '[gate]\nprot = 4321\nlogLevel = "loud"\n[kernal]\ncacheNodes = 7\n')
    const argv = ["config", "check", "--config", file]
    const { exit, out, err } = await runCli(argv, { env: { PORTICO_PORT: "http" } })
    assert.strictEqual(exit, 1)
    assert.strictEqual(err, "")
    const rows = out.trimEnd().split("\n")
    assert.lengthOf(rows, 4)
    assert.match(out, /^error\tsetting gate\.port .* from PORTICO_PORT, is not valid/m)
    assert.include(out, `gate.logLevel of the framework, from ${file}:3, is not valid`)
    assert.match(out, /gate\.prot, from .*:2, belongs to nobody\tdid you mean gate\.port\?\t/)
    assert.match(out, /kernal, from .*:4, belongs to nobody\tdid you mean \[kernel\]\?\t/)

    const { out: json } = await runCli([...argv, "--json"])
    assert.deepStrictEqual(
      JSON.parse(json).map(({ code, severity }: { readonly code: string; readonly severity: string }) => [
        code,
        severity
      ]),
      Array.from({ length: 3 }, () => ["GATE007", "error"])
    )
    const shown = await runCli(argv, { terminal: true, env: { NO_COLOR: "1" } })
    assert.include(shown.out, "hint  did you mean gate.port?")
    assert.isAtMost(Math.max(...shown.out.split("\n").map((line) => line.length)), 80 + file.length)
  })

  it("warns of a variable that looks mistyped, which is no failure", async () => {
    const env = { PORTICO_PROT: "1", PORTICO_TOKEN: "t", PORTICO_SOMETHING_OF_MY_OWN: "1" }
    const { exit, out } = await runCli(["config", "check"], { env })
    assert.strictEqual(exit, 0)
    assert.strictEqual(
      out,
      "warning\tNothing reads the environment variable PORTICO_PROT.\tdid you mean PORTICO_PORT?\tCorrect its name, or unset it.\n"
    )
  })

  it("says on which line a file is no TOML, with exit 2", async (test) => {
    const { exit, err } = await runCli(["config", "check", "--config", tomlFile(test, "[gate]\nport =\n")])
    assert.strictEqual(exit, 2)
    assert.match(err, /is not valid TOML: .* \(line 2\)\n$/)
  })
})

describe("portico config docs", () => {
  it("prints the same reference whatever is set", async () => {
    const { exit, out, err } = await runCli(["config", "docs"])
    assert.deepStrictEqual({ exit, err }, { exit: 0, err: "" })
    assert.match(out, /^# Settings of Portico\n/)
    assert.include(out, "| `gate.port` | `PORTICO_PORT` `--port` | `4000` |")
    assert.strictEqual((await runCli(["config", "docs"], { env: { PORTICO_PORT: "1" } })).out, out)
  })

  it("prints it as JSON with --json", async () => {
    const reference = JSON.parse((await runCli(["config", "docs", "--json"])).out)
    assert.deepInclude(
      reference.find((setting: { readonly key: string }) => setting.key === "gate.port"),
      { owner: "gate", env: "PORTICO_PORT", flag: "--port", default: 4000, secret: false }
    )
  })
})
