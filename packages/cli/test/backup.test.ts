import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it } from "vitest"
import { fakeInstance, refusal, routes } from "./support/fakeInstance.ts"
import { runCli, temporaryFolder } from "./support/runCli.ts"
import { startCommand } from "./support/startCommand.ts"

const create = "/:kernel.portico.dev:interface.Node:createNode"
const folder = (path: string) => [create, "class=kernel.portico.dev:class.Folder", `path=${path}`]

const report = { seq: 7, nodes: 1, edges: 2, changes: 3, violations: [], more: false }
const found = { check: "tree.cycle", subject: "@x", message: "it leads back to itself", remedy: "Restore a backup." }
const prefix = "/gateway/v1/internal/kernel"

describe("portico kernel check, backup and restore", () => {
  it("work on the data folder of an instance that runs, and restore waits until it has ended", async (test) => {
    const { child, cwd, ended, ready } = startCommand(test, ["--port", "0", "--data", "data", "--", "--no-access-log"])
    const url = await ready
    const data = join(cwd, "data")
    const as = ["-i", url, "--data", data]
    while ((await runCli(["status", "-i", url, "-q"])).exit === 7) assert.isNull(child.exitCode)
    await runCli(["call", ...folder("/kept"), ...as])

    const checked = await runCli(["kernel", "check", "--data", data, "--json"])
    assert.strictEqual(checked.exit, 0, checked.out)
    assert.deepStrictEqual(JSON.parse(checked.out).violations, [])
    const asked = await runCli(["kernel", "check", "--json", ...as])
    assert.deepInclude(JSON.parse(asked.out), { violations: [], more: false })

    const file = join(cwd, "kept.db")
    const made = await runCli(["backup", file, "--data", data, "--json"])
    assert.strictEqual(made.exit, 0, made.err)
    assert.deepInclude(JSON.parse(made.out), { file })
    const again = await runCli(["backup", file, "--data", data])
    assert.strictEqual(again.exit, 1)
    assert.include(again.err, "it is not overwritten")
    const inFolder = JSON.parse((await runCli(["backup", "--json", ...as])).out)
    assert.strictEqual(inFolder.file.startsWith(join(data, "backups", "portico-")), true)
    assert.deepStrictEqual(inFolder.check.violations, [])

    await runCli(["call", ...folder("/lost"), ...as])
    const refused = await runCli(["restore", file, "--data", data, "--yes"])
    assert.strictEqual(refused.exit, 7)
    assert.include(refused.err, `process ${child.pid}`)
    child.kill("SIGTERM")
    assert.strictEqual(await ended, 0)

    const restored = await runCli(["restore", file, "--data", data, "--yes", "--json"])
    assert.strictEqual(restored.exit, 0, restored.err)
    const { before } = JSON.parse(restored.out)
    const slugs = (name: string) => {
      const db = new DatabaseSync(name, { readOnly: true })
      const rows = db.prepare("SELECT slug FROM nodes WHERE slug IN ('kept', 'lost') ORDER BY slug").all()
      db.close()
      return rows.map(({ slug }) => slug)
    }
    assert.deepStrictEqual(slugs(join(data, "portico.db")), ["kept"])
    assert.deepStrictEqual(slugs(before), ["kept", "lost"])
    assert.strictEqual((await runCli(["kernel", "check", "--rebuild", "--data", data, "-q"])).exit, 0)
  }, 60_000)

  it("name what is not there, and refuse what is no database", async (test) => {
    const data = temporaryFolder(test)
    const nothing = await runCli(["kernel", "check", "--data", data])
    assert.strictEqual(nothing.exit, 5)
    assert.include(nothing.err, join(data, "portico.db"))
    assert.strictEqual((await runCli(["backup", "--data", data])).exit, 5)
    assert.strictEqual((await runCli(["restore", join(data, "gone.db"), "--data", data, "-y"])).exit, 5)
    const text = join(data, "text.db")
    writeFileSync(text, "garbage ".repeat(1_000))
    const { err, exit } = await runCli(["restore", text, "--data", data, "-y"])
    assert.strictEqual(exit, 1)
    assert.include(err, "CORRUPT")
    assert.isFalse(existsSync(join(data, "portico.db")))
    assert.deepStrictEqual(
      readdirSync(data).filter((name) => name.startsWith(".")),
      []
    )
  })

  it("ask on a terminal before they restore", async (test) => {
    const data = temporaryFolder(test)
    writeFileSync(join(data, "b.db"), "x")
    const { err, exit } = await runCli(["restore", join(data, "b.db"), "--data", data], { stdin: "" })
    assert.strictEqual(exit, 2)
    assert.include(err, "--yes")
  })
})

describe("portico kernel check of a running instance", () => {
  it("prints a row for each violation with what to do, and exits with 1", async (test) => {
    const { url, seen } = await fakeInstance(
      test,
      routes({ [`${prefix}/check`]: { json: { ...report, violations: [found, found] } } })
    )
    const { err, exit, out } = await runCli(["kernel", "check", "-i", url])
    assert.strictEqual(exit, 1)
    assert.strictEqual(out, `${Object.values(found).join("\t")}\n`.repeat(2))
    assert.include(err, "2 things do not hold")
    assert.strictEqual(seen[0]?.path, `${prefix}/check`)
  })

  it("says that everything holds, and says what an instance on PostgreSQL says of backups", async (test) => {
    const { url } = await fakeInstance(
      test,
      routes({
        [`${prefix}/check`]: { json: report },
        [`${prefix}/backup`]: refusal(501, "NOT_IMPLEMENTED", "this instance has no file to copy: use pg_dump")
      })
    )
    const { err, exit, out } = await runCli(["kernel", "check", "-i", url])
    assert.deepStrictEqual([exit, err], [0, "everything holds\n"])
    assert.strictEqual(out, "commit\t7\nnodes\t1\nedges\t2\nchanges\t3\n")
    const backup = await runCli(["backup", "-i", url])
    assert.strictEqual(backup.exit, 1)
    assert.include(backup.err, "pg_dump")
    assert.strictEqual((await runCli(["backup", "x.db", "-i", url])).exit, 2)
    assert.strictEqual((await runCli(["kernel", "check", "--rebuild", "-i", url])).exit, 2)
  })
})
