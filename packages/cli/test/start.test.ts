import { existsSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { runCli } from "./support/runCli.ts"
import { startCommand } from "./support/startCommand.ts"

describe("portico start", () => {
  it("runs the distro, which the other commands then reach, and ends with 0 on SIGTERM", async (test) => {
    const { child, cwd, ended, ready } = startCommand(test, ["--port", "0", "--data", "data", "--", "--no-access-log"])
    const url = await ready
    const data = join(cwd, "data")
    assert.isTrue(existsSync(join(data, "operator.token")))
    const as = ["-i", url, "--data", data]

    // It answers before all that it was asked to install has run.
    while ((await runCli(["status", "-i", url, "-q"])).exit === 7) assert.isNull(child.exitCode)
    assert.strictEqual((await runCli(["status", "-i", url])).exit, 0)

    const created = await runCli(
      ["call", "/:crm.example.dev:interface.ContactOps:createContact", "email=ada@example.dev", "name=Ada", ...as],
      {}
    )
    assert.deepStrictEqual(created, { exit: 0, out: '"/contacts/ada~40example.dev"\n', err: "" })

    const listed = await runCli(["ls", "/contacts", ...as])
    assert.include(listed.out.split("\n"), "ada~40example.dev")
    const project = ["class=crm.example.dev:class.Project", "path=/projects/zeus", "props.title=Zeus"]
    const made = await runCli(["call", "/:kernel.portico.dev:interface.Node:createNode", ...project, ...as])
    assert.strictEqual(JSON.parse(made.out).path, "/projects/zeus")
    assert.include((await runCli(["ls", "-R", "/", ...as])).out, "/projects/zeus\n")
    assert.include((await runCli(["get", "/contacts/ada~40example.dev", ...as])).out, "\tada@example.dev\n")
    assert.include((await runCli(["domain", "list", ...as])).out, "crm.example.dev\t")

    const described = await runCli(["describe", "/contacts/ada~40example.dev::assign", ...as])
    assert.match(described.out, /^role\tstring\trequired/m)
    const assigned = ["call", "/contacts/ada~40example.dev::assign", "project=/projects/zeus", "role=lead", ...as]
    assert.strictEqual((await runCli(assigned)).exit, 0)

    const restarted = await runCli(["restart", "domains", "--yes", "-q", ...as])
    assert.strictEqual(restarted.exit, 0)
    assert.match(restarted.out, /^domains\tready\t/)
    assert.include((await runCli(["config", "show", ...as])).out, "gate.port\t0\t--port\tgate\n")

    const nobody = await runCli(["ls", "/contacts", "-i", url])
    assert.strictEqual(nobody.exit, 5)
    const again = await runCli([
      "call",
      "/:crm.example.dev:interface.ContactOps:createContact",
      "email=ada@example.dev",
      ...as
    ])
    assert.strictEqual(again.exit, 6)

    child.kill("SIGTERM")
    assert.strictEqual(await ended, 0)
  })

  it("takes a database's URL, and no password in it", async (test) => {
    const { ended, stderr } = startCommand(test, ["--port", "0", "--database-url", "mysql://localhost/portico"])
    assert.strictEqual(await ended, 1)
    assert.match(stderr(), /GATE007.*PORTICO_DATABASE_URL/s)
    const secret = startCommand(test, ["--database-url", "postgres://me:hunter2@localhost/portico"])
    assert.strictEqual(await secret.ended, 2)
    assert.include(secret.stderr(), "PORTICO_DATABASE_URL")
    assert.notInclude(secret.stderr(), "hunter2")
  })

  it("tells what is wrong with the settings and ends with 1", async (test) => {
    const { ended, stderr } = startCommand(test, ["--port", "0", "--", "--log-level=loud"])
    assert.strictEqual(await ended, 1)
    assert.include(stderr(), "GATE007")
  })

  it("needs the settings file that was named", async (test) => {
    const { ended, stderr } = startCommand(test, ["--config", "other.toml"])
    assert.strictEqual(await ended, 1)
    assert.include(stderr(), "other.toml")
  })

  it("reads portico.toml", async (test) => {
    const { ended, stderr } = startCommand(test, ["--port", "0"], "[gate]\nlogLevel = 3\n")
    assert.strictEqual(await ended, 1)
    assert.include(stderr(), "portico.toml:2")
  })
})
