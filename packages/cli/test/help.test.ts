import { assert, describe, it } from "vitest"
import { runCli } from "./support/runCli.ts"

const commands = [
  [],
  ["start"],
  ["plan"],
  ["generate"],
  ["config"],
  ["config", "show"],
  ["config", "check"],
  ["config", "docs"],
  ["status"],
  ["restart"],
  ["call"],
  ["get"],
  ["ls"],
  ["query"],
  ["describe"],
  ["domain"],
  ["domain", "list"],
  ["domain", "install"],
  ["domain", "uninstall"],
  ["admin"],
  ["admin", "create"],
  ["admin", "reset"],
  ["auth"],
  ["auth", "login"],
  ["auth", "logout"],
  ["auth", "whoami"],
  ["auth", "status"],
  ["auth", "token"],
  ["access"],
  ["access", "grant"],
  ["access", "revoke"],
  ["access", "list"],
  ["trust"],
  ["trust", "keygen"],
  ["trust", "keygen", "root"],
  ["trust", "keygen", "pubkey"],
  ["trust", "keygen", "node"],
  ["trust", "sign"],
  ["trust", "sign", "consumer"],
  ["trust", "sign", "producer"],
  ["trust", "inspect"],
  ["enroll"],
  ["enroll", "node"]
]

describe("--help", () => {
  for (const command of commands) {
    it(`of "${["portico", ...command].join(" ")}" fits 80 columns, has examples and goes to stdout`, async () => {
      const { exit, out, err } = await runCli([...command, "--help"], { columns: 200 })
      assert.strictEqual(exit, 0)
      assert.strictEqual(err, "")
      assert.include(out, "\nUsage\n")
      assert.include(out, "\nExamples\n")
      const wide = out.split("\n").filter((line) => line.length > 80)
      assert.deepStrictEqual(wide, [])
      assert.match(out, /[^\n]\n$/)
    })
  }

  it("is also what `help COMMAND` and the bare command print", async () => {
    assert.strictEqual((await runCli(["help", "ls"])).out, (await runCli(["ls", "--help"])).out)
    const bare = await runCli([])
    assert.strictEqual(bare.exit, 0)
    assert.strictEqual(bare.out, (await runCli(["--help"])).out)
  })

  it("is narrower on a narrow terminal", async () => {
    const { out } = await runCli(["call", "--help"], { columns: 60 })
    const prose = out.split("\nExamples\n")[0] ?? ""
    assert.isAtMost(Math.max(...prose.split("\n").map((line) => line.length)), 60)
  })

  it("has colours on a terminal only, and none with NO_COLOR or a dumb terminal", async () => {
    const esc = "\u001b["
    assert.include((await runCli(["--help"], { terminal: true })).out, esc)
    assert.notInclude((await runCli(["--help"])).out, esc)
    assert.notInclude((await runCli(["--help"], { terminal: true, env: { NO_COLOR: "1" } })).out, esc)
    assert.notInclude((await runCli(["--help"], { terminal: true, env: { TERM: "dumb" } })).out, esc)
  })
})

describe("--version and --completions", () => {
  it("print to stdout", async () => {
    const version = await runCli(["--version"])
    assert.strictEqual(version.exit, 0)
    assert.match(version.out, /^portico \d+\.\d+\.\d+\n$/)
    const completions = await runCli(["--completions", "bash"])
    assert.strictEqual(completions.exit, 0)
    assert.include(completions.out, "describe")
  })
})
