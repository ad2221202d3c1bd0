import { assert, describe, it } from "vitest"
import { runCli } from "./support/runCli.ts"

const wrong: ReadonlyArray<readonly [what: string, argv: ReadonlyArray<string>, says: RegExp]> = [
  ["an unknown command", ["lss"], /Unknown subcommand "lss" for "portico"; did you mean ls\?\nSee: portico --help/],
  ["an unknown flag", ["ls", "--colour"], /Unrecognized flag: --colour in command portico ls\nSee: portico ls --help/],
  ["a flag of another command", ["plan", "--instance", "http://x"], /Unrecognized flag: --instance/],
  ["a missing argument", ["get"], /Missing required argument: PATH\nSee: portico get --help/],
  ["an argument too many", ["get", "/a", "/b"], /Unexpected positional argument: "\/b"/],
  ["a port that is none", ["start", "--port", "99999"], /99999 is not a port: 0 to 65535/],
  ["a port that is not a number", ["start", "--port", "http"], /Invalid value for flag --port/],
  ["an unknown command in a group", ["domain", "lost"], /Unknown subcommand "lost" for "portico domain"; did you mean/],
  ["an instance that is not a URL", ["ls", "-i", "localhost"], /--instance is not a URL: "localhost"/],
  ["an instance over another protocol", ["ls", "-i", "ftp://x"], /--instance is not a URL/],
  ["a password in the URL", ["ls", "-i", "http://me:secret@x"], /may not hold a name or password/],
  ["a token file that is not there", ["ls", "--token-file", "/nonexistent/t"], /cannot read the token file/]
]

describe("a usage error", () => {
  for (const [what, argv, says] of wrong) {
    it(`(${what}) is told on stderr and exits with 2`, async () => {
      const { exit, out, err } = await runCli(argv)
      assert.strictEqual(exit, 2)
      assert.strictEqual(out, "")
      assert.match(err, says)
      assert.match(err, /^portico: USAGE: /)
      assert.notInclude(err, "secret")
    })
  }

  it("(a group without its command) shows the group's help on stderr and exits with 2", async () => {
    const { exit, out, err } = await runCli(["domain"])
    assert.strictEqual(exit, 2)
    assert.strictEqual(out, "")
    assert.include(err, "portico domain <subcommand>")
  })

  it("is told without what a terminal would act on", async () => {
    const { err } = await runCli(["\u001b[31mred\u001b[0m"])
    assert.notInclude(err, "\u001b")
    assert.include(err, "\\x1b[31mred")
  })
})
