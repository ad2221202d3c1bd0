import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { runCli, temporaryFolder } from "./support/runCli.ts"

describe("portico plan", () => {
  it("shows modules, routes and settings of the distro, and starts nothing", async () => {
    const { exit, out, err } = await runCli(["plan"])
    assert.strictEqual(err, "")
    assert.strictEqual(exit, 0)
    assert.match(out, /^Portico \(portico /)
    assert.include(out, "/api/call")
    assert.include(out, "kernel")
  })

  it("prints a document with --json and a diagram with --mermaid", async () => {
    const { out } = await runCli(["plan", "--json"])
    const plan = JSON.parse(out)
    assert.strictEqual(plan.product.id, "portico")
    assert.match(plan.hash, /^[0-9a-f]{64}$/)
    assert.match((await runCli(["plan", "--mermaid"])).out, /^(flowchart|graph) /)
  })

  it("says what changed since a saved plan with --diff", async (test) => {
    const file = join(temporaryFolder(test), "plan.json")
    writeFileSync(file, (await runCli(["plan", "--json"])).out)
    const same = await runCli(["plan", "--diff", file])
    assert.deepStrictEqual(same, { exit: 0, out: "", err: "the plans are the same\n" })
    const port = await runCli(["plan", "--diff", file], { env: { PORTICO_PORT: "4010" } })
    assert.strictEqual(port.exit, 0)
    assert.strictEqual(port.out, "~ setting gate.port\n    source: default -> PORTICO_PORT\n    value: 4000 -> 4010\n")
    const json = await runCli(["plan", "--diff", file, "--json"], { env: { PORTICO_PORT: "4010" } })
    assert.strictEqual(JSON.parse(json.out)[0].name, "gate.port")
  })

  it("refuses another plan than the saved one with --check; a setting is no other plan", async (test) => {
    const file = join(temporaryFolder(test), "plan.json")
    writeFileSync(file, (await runCli(["plan", "--json"])).out)
    assert.strictEqual((await runCli(["plan", "--check", file])).exit, 0)
    assert.strictEqual((await runCli(["plan", "--check", file], { env: { PORTICO_PORT: "4010" } })).exit, 0)

    const saved = JSON.parse(readFileSync(file, "utf8"))
    writeFileSync(file, JSON.stringify({ ...saved, hash: "0".repeat(64), modules: saved.modules.slice(1) }))
    const { exit, out, err } = await runCli(["plan", "--check", file], { env: { PORTICO_PORT: "4010" } })
    assert.strictEqual(exit, 1)
    assert.match(out, /^\+ module /m)
    assert.notInclude(out, "gate.port")
    assert.match(err, /^portico: PLAN_CHANGED: the plan is not the one in /)
  })

  it("does not take a saved plan's hash for what it says", async (test) => {
    const file = join(temporaryFolder(test), "plan.json")
    const saved = JSON.parse((await runCli(["plan", "--json"])).out)
    writeFileSync(file, JSON.stringify({ ...saved, modules: saved.modules.slice(1) }))
    const { exit, out } = await runCli(["plan", "--check", file])
    assert.strictEqual(exit, 1)
    assert.match(out, /^\+ module /m)
  })

  it("tells every wrong setting at once on stderr, with exit 1", async () => {
    const wrong = { PORTICO_PORT: "http", PORTICO_LOG_LEVEL: "loud" }
    const { exit, out, err } = await runCli(["plan"], { env: wrong })
    assert.strictEqual(exit, 1)
    assert.strictEqual(out, "")
    assert.include(err, "GATE007")
    assert.include(err, "PORTICO_PORT")
    assert.include(err, "PORTICO_LOG_LEVEL")
  })

  it("reads settings from the file that is named, which must be there and be TOML", async (test) => {
    const file = join(temporaryFolder(test), "settings.toml")
    writeFileSync(file, "[gate]\nport = 4321\n")
    const port = (argv: string): unknown =>
      JSON.parse(argv).settings.find((setting: { readonly key: string }) => setting.key === "gate.port")
    const { out } = await runCli(["plan", "--json", "--config", file])
    assert.deepInclude(port(out), { value: 4321, source: { _tag: "File", path: file, line: 2 } })
    writeFileSync(file, "[gate\n")
    const broken = await runCli(["plan", "--config", file])
    assert.strictEqual(broken.exit, 2)
    assert.match(broken.err, /^portico: USAGE: .* is not valid TOML: [^\n]*\(line 1\)\n$/)
    assert.strictEqual((await runCli(["plan", "--config", "/nonexistent.toml"])).exit, 2)
  })

  it("refuses a file that holds no plan, and two questions at once, with exit 2", async (test) => {
    const file = join(temporaryFolder(test), "plan.json")
    for (const text of ["", "{}", "[]", '{"hash":"x"}']) {
      writeFileSync(file, text)
      const { exit, err } = await runCli(["plan", "--diff", file])
      assert.strictEqual(exit, 2)
      assert.include(err, "does not hold a plan")
    }
    assert.strictEqual((await runCli(["plan", "--check", "/nonexistent/plan.json"])).exit, 2)
    assert.strictEqual((await runCli(["plan", "--check", file, "--mermaid"])).exit, 2)
  })
})
