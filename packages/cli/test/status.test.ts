import { assert, describe, it } from "vitest"
import { type Answer, fakeInstance, routes } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const database = { id: "database", status: "ready", since: 0, reason: null, waitingOn: [] }
const kernel = { id: "kernel", status: "starting", since: 1000, reason: null, waitingOn: ["database"] }
const analytics = { id: "analytics", status: "degraded", since: 0, reason: "no disk", waitingOn: [] }
const disk = { module: "database", name: "disk", ok: false, reason: "98 % full" }
const fine = { module: "database", name: "wal", ok: true }

const readyz = (answer: Answer) => routes({ "/readyz": answer })

describe("portico status", () => {
  it("prints a row per module and exits with 0 when the instance is ready", async (test) => {
    const json = { status: "degraded", modules: [database, analytics], checks: [fine] }
    const { url } = await fakeInstance(test, readyz({ json }))
    const { exit, out, err } = await runCli(["status", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(err, "")
    assert.strictEqual(
      out,
      "database\tready\t1970-01-01T00:00:00.000Z\t\nanalytics\tdegraded\t1970-01-01T00:00:00.000Z\tno disk\n"
    )
    const printed = await runCli(["status", "-i", url, "--json"])
    assert.deepStrictEqual(JSON.parse(printed.out), { ready: true, ...json })
  })

  it("prints why, and exits with 7, when it is not", async (test) => {
    const details = { modules: [database, kernel], checks: [fine, disk] }
    const error = { code: "UNAVAILABLE", message: "Not ready: module kernel is starting.", details, requestId: "r" }
    const { url } = await fakeInstance(test, readyz({ status: 503, json: { error } }))
    const { exit, out, err } = await runCli(["status", "-i", url])
    assert.strictEqual(exit, 7)
    assert.deepStrictEqual(out.split("\n").slice(1), [
      "kernel\tstarting\t1970-01-01T00:00:01.000Z\twaiting for database",
      "database: disk\tfailing\t\t98 % full",
      ""
    ])
    assert.strictEqual(err, "Not ready: module kernel is starting.\n")
    const printed = await runCli(["status", "-i", url, "--json", "--quiet"])
    assert.deepStrictEqual(JSON.parse(printed.out), { ready: false, status: "unready", ...details })
    assert.strictEqual(printed.err, "")
    assert.strictEqual(printed.exit, 7)
  })

  it("tells times as a human would on a terminal, and fits long reasons into it", async (test) => {
    const reason = "the file /var/lib/portico/analytics.db cannot be opened, because another process holds its lock"
    const long = { ...analytics, since: Date.now() - 125_000, reason, waitingOn: ["database"] }
    const { url } = await fakeInstance(test, readyz({ json: { status: "degraded", modules: [long], checks: [] } }))
    const { out } = await runCli(["status", "-i", url], { terminal: true, env: { NO_COLOR: "1" } })
    const lines = out.split("\n")
    assert.match(lines[1] ?? "", /^analytics {2}degraded {2}2 min ago {2}the file/)
    assert.isAtMost(Math.max(...lines.map((line) => line.length)), 80)
    assert.include(out.replaceAll(/\s+/g, " "), `${reason}; waiting for database`)
  })

  it("exits with 7 when a proxy says that nobody is there", async (test) => {
    const { url } = await fakeInstance(test, readyz({ status: 503, json: "<h1>Service Unavailable</h1>" }))
    const { exit, out, err } = await runCli(["status", "-i", url])
    assert.strictEqual(exit, 7)
    assert.strictEqual(out, "")
    assert.match(err, /^portico: UNAVAILABLE: the instance is not there/)
  })
})
