import { assert, describe, it } from "vitest"
import { root } from "../src/internal/commands/root.ts"
import { runCli } from "./support/runCli.ts"

/** Every command, by its words behind `portico`. */
const pathsOf = (command: Pick<typeof root, "subcommands">): ReadonlyArray<ReadonlyArray<string>> => [
  [],
  ...command.subcommands.flatMap(({ commands }) =>
    commands.flatMap((each) => pathsOf(each).map((words) => [each.name, ...words]))
  )
]
const commands = pathsOf(root)

const flags = ["-i", "http://x", "--json", "--token-file", "f", "--data", "d", "--no-input", "-q", "--debug"]

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

  it("of every command comes whatever shared flags stand before its name and behind it", async () => {
    for (const command of commands) {
      const plain = await runCli([...command, "--help"])
      for (const words of [
        [...flags, ...command, "--help"],
        [...command, ...flags, "--help"],
        [...flags, "--help", ...command],
        ["--help", ...command, ...flags]
      ]) {
        assert.deepStrictEqual(await runCli(words), plain, words.join(" "))
      }
    }
  })

  it("is what a group gives without its command, whatever flags of its commands it has", async () => {
    for (const group of [[], ["auth"], ["trust", "sign"]]) {
      assert.deepStrictEqual(await runCli(["-i", "http://x", "--json", ...group]), await runCli(group))
    }
    const unknown = await runCli(["auth", "--colour"])
    assert.deepStrictEqual([unknown.exit, unknown.out], [2, ""])
    assert.include(unknown.err, "Unrecognized flag: --colour")
  })

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

describe("a shared flag", () => {
  it("stands before the name of a command that has it or behind it", async () => {
    for (const command of commands) {
      const { out } = await runCli([...command, "--help"])
      if (!out.includes("--instance URL") || out.includes("\nCommands\n")) continue
      for (const words of [
        ["-i", "nowhere", ...command],
        [...command, "-i", "nowhere"]
      ]) {
        const { err, exit } = await runCli(words)
        assert.strictEqual(exit, 2, words.join(" "))
        assert.notInclude(err, "Unrecognized flag", words.join(" "))
      }
    }
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
