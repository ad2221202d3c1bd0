import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { fakeInstance, type Seen } from "./support/fakeInstance.ts"
import { runCli, temporaryFolder } from "./support/runCli.ts"

const counts = { created: 0, updated: 0, skipped: 0 }
const imported = {
  dryRun: false,
  rows: 2,
  nodes: { ...counts, created: 2 },
  edges: counts,
  failed: 0,
  errors: [],
  transactions: 1
}

const callOf = ({ path }: Seen) => {
  const { searchParams } = new URL(path, "http://x")
  return [searchParams.get("path"), JSON.parse(searchParams.get("params") ?? "null")]
}

const paramsOf = ([one]: ReadonlyArray<Seen>): unknown => (one?.body as { params?: unknown } | undefined)?.params

describe("portico export", () => {
  const file = '{"export":{"v":1,"under":"/c","seq":1}}\n{"end":{"nodes":0,"edges":0}}\n'

  it("prints the file as it comes", async (test) => {
    const { seen, url } = await fakeInstance(test, () => ({ text: file, type: "application/x-ndjson" }))
    const { err, exit, out } = await runCli(["export", "/c", "--class", "x:class.Y", "--where", "a=1", "-i", url])
    assert.deepStrictEqual([exit, out, err], [0, file, ""])
    assert.deepStrictEqual(seen[0]?.body, {
      path: "/:kernel.portico.dev:interface.Node:export",
      params: { class: "x:class.Y", where: { and: [{ a: { eq: "1" } }] }, under: "/c" }
    })
  })

  it("asks for CSV, and says why it is refused", async (test) => {
    const { seen, url } = await fakeInstance(test, () => ({
      status: 404,
      json: { error: { code: "CLASS_NOT_FOUND", message: "there is no class x:class.Y that you may use" } }
    }))
    const words = ["--format", "csv", "--class", "x:class.Y", "--delimiter", "semicolon", "--escape-formulas"]
    const { err, exit, out } = await runCli(["export", ...words, "-i", url])
    assert.deepStrictEqual([exit, out], [5, ""])
    assert.match(err, /CLASS_NOT_FOUND/)
    assert.deepStrictEqual(paramsOf(seen), {
      class: "x:class.Y",
      format: "csv",
      delimiter: ";",
      escapeFormulas: true
    })
  })
})

describe("portico import", () => {
  it("sends the file, and says what became of it", async (test) => {
    const { seen, url } = await fakeInstance(test, () => ({ json: { result: imported, seq: 3 } }))
    const file = join(temporaryFolder(test), "people.CSV")
    writeFileSync(file, "slug,email\na,b\n")
    const flags = ["--under", "/c", "--class", "x:class.Y", "--on-conflict", "skip", "--by", "path", "--dry-run"]
    const { err, exit, out } = await runCli(["import", file, ...flags, "-i", url])
    assert.deepStrictEqual([exit, err], [0, ""])
    assert.strictEqual(
      out,
      "rows\t2\nnodes\t2 created, 0 updated, 0 skipped\nedges\t0 created, 0 updated, 0 skipped\nrefused\t0\n"
    )
    const [one] = seen
    assert.isDefined(one)
    assert.strictEqual(one.body, "slug,email\na,b\n")
    assert.deepStrictEqual(callOf(one), [
      "/:kernel.portico.dev:interface.Node:import",
      { format: "csv", under: "/c", class: "x:class.Y", by: "path", onConflict: "skip", dryRun: true }
    ])
  })

  it("reads stdin, and ends with 1 where rows were refused, which it names", async (test) => {
    const errors = [{ line: 2, column: "emial", code: "INVALID_PARAMS", message: "did you mean email?" }]
    const refused = { ...imported, failed: 2, errors }
    const { seen, url } = await fakeInstance(test, () => ({ json: { result: refused, seq: 3 } }))
    const { err, exit, out } = await runCli(["import", "-", "--on-error", "skip", "--json", "-i", url], {
      stdin: "{}\n"
    })
    assert.strictEqual(exit, 1)
    assert.deepStrictEqual(JSON.parse(out), refused)
    assert.strictEqual(err, "2\temial\tINVALID_PARAMS\tdid you mean email?\n… and 1 more\n")
    assert.deepStrictEqual(
      [seen[0]?.body, seen[0] && callOf(seen[0])[1]],
      ["{}\n", { format: "jsonl", onError: "skip" }]
    )
  })

  it("tells at which line it stopped", async (test) => {
    const message = "line 7: /c/a exists (lines up to 5 are imported)"
    const { url } = await fakeInstance(test, () => ({
      status: 409,
      json: { error: { code: "PATH_CONFLICT", message } }
    }))
    const { err, exit } = await runCli(["import", "-", "-i", url], { stdin: "{}\n" })
    assert.strictEqual(exit, 6)
    assert.include(err, message)
    const missing = await runCli(["import", "/nonexistent/file", "-i", url])
    assert.deepStrictEqual([missing.exit, /no file/.test(missing.err)], [2, true])
  })
})

describe("portico watch", () => {
  const change = (seq: number) => ({
    seq,
    part: 0,
    op: "create",
    at: 0,
    actor: "id",
    rev: seq,
    node: { id: "n", path: "/c/a", class: "x" }
  })
  const lines = `\n${[1, 2].map((seq) => JSON.stringify({ item: change(seq) })).join("\n")}\n`

  it("prints changes as they come, until it has so many", async (test) => {
    const { seen, url } = await fakeInstance(test, () => ({ text: lines, type: "application/x-ndjson" }))
    const { exit, out } = await runCli(["watch", "/c", "--since", "0", "--limit", "2", "-i", url])
    assert.deepStrictEqual(
      [exit, out],
      [0, "1\t1970-01-01T00:00:00.000Z\tcreate\t/c/a\t@id\n2\t1970-01-01T00:00:00.000Z\tcreate\t/c/a\t@id\n"]
    )
    assert.strictEqual(seen[0]?.path, "/api/changes?since=0&under=%2Fc")
    const json = await runCli(["watch", "--since", "0", "--limit", "1", "--json", "-i", url])
    assert.deepStrictEqual(JSON.parse(json.out), change(1))
  })
})

describe("portico history", () => {
  it("prints who did what, page by page", async (test) => {
    const entry = (seq: number) => ({
      seq,
      at: 0,
      op: "update",
      actor: "id",
      actorPath: "/identities/ada",
      via: "fn",
      allowedBy: "caller",
      path: "/c",
      changed: { "x:class.Y.property.email": { before: "a", after: "b" } }
    })
    const cursorOf = (one: Seen) => (one.body as { params: { cursor?: string } }).params.cursor
    const { seen, url } = await fakeInstance(test, (one) => ({
      json: {
        result: cursorOf(one) === undefined ? { changes: [entry(2)], next: "n" } : { changes: [entry(1)] },
        seq: 2
      }
    }))
    const { exit, out } = await runCli(["history", "/c", "-i", url])
    assert.deepStrictEqual(
      [exit, out.split("\n")[0]],
      [0, "2\t1970-01-01T00:00:00.000Z\tupdate\temail\t/identities/ada\t@fn"]
    )
    assert.strictEqual(seen.length, 2)
    const json = await runCli(["history", "/c", "--limit", "1", "--json", "-i", url])
    assert.deepStrictEqual(JSON.parse(json.out), [entry(2)])
  })
})
