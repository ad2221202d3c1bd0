import { assert, describe, it } from "vitest"
import { fakeInstance, result, routes, type Seen } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const node = (path: string) => ({
  id: `id-of-${path}`,
  path,
  slug: path.slice(path.lastIndexOf("/") + 1),
  class: "kernel.portico.dev:class.Folder",
  props: {},
  rev: 3,
  createdAt: 0,
  updatedAt: 0
})

const cursorOf = (seen: Seen): unknown => (seen.body as { readonly params: { readonly cursor?: string } }).params.cursor

const tree = routes({
  "/::listChildren": (seen) =>
    cursorOf(seen) === undefined
      ? result({ nodes: [node("/b"), node("/a")], next: "page-2" })
      : result({ nodes: [node("/c")] }),
  "@id-of-/b::listChildren": result({ nodes: [node("/b/x")] }),
  "@id-of-/b/x::listChildren": result({ nodes: [] }),
  "@id-of-/a::listChildren": result({ nodes: [] }),
  "@id-of-/c::listChildren": result({ nodes: [node("/c/é 世")] }),
  "@id-of-/c/é 世::listChildren": result({ nodes: [] })
})

describe("portico ls", () => {
  it("lists every page of children by slug, of the root unless told, in the order of the instance", async (test) => {
    const { url, seen } = await fakeInstance(test, tree)
    const { exit, out, err } = await runCli(["ls", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(err, "")
    assert.strictEqual(out, "b\na\nc\n")
    assert.deepStrictEqual(seen.map(cursorOf), [undefined, "page-2"])
  })

  it("lists what is below with -R, each node before its children", async (test) => {
    const { url } = await fakeInstance(test, tree)
    const { out } = await runCli(["ls", "-R", "/", "-i", url])
    assert.strictEqual(out, "/b\n/b/x\n/a\n/c\n/c/é 世\n")
  })

  it("does not stumble over a node that is deleted while it lists", async (test) => {
    const { url } = await fakeInstance(
      test,
      routes({
        "/::listChildren": result({ nodes: [node("/a"), node("/gone")] }),
        "@id-of-/a::listChildren": result({ nodes: [] })
      })
    )
    const { exit, out } = await runCli(["ls", "-R", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(out, "/a\n/gone\n")
  })

  it("says more with -l: tab-separated when piped, aligned with a heading on a terminal", async (test) => {
    const { url } = await fakeInstance(test, tree)
    const piped = await runCli(["ls", "-l", "/", "-i", url])
    assert.strictEqual(
      piped.out.split("\n")[0],
      "b\tkernel.portico.dev:class.Folder\t3\t1970-01-01T00:00:00.000Z\tid-of-/b"
    )
    const shown = await runCli(["ls", "-lR", "/", "-i", url], { terminal: true, env: { NO_COLOR: "1" } })
    const lines = shown.out.trimEnd().split("\n")
    assert.match(lines[0] ?? "", /^NAME +CLASS +REV +UPDATED +ID$/)
    // A wide character takes two cells, so its row has one character less before the next column.
    assert.strictEqual(
      lines.find((line) => line.startsWith("/c/"))?.indexOf("kernel"),
      (lines[0] ?? "").indexOf("CLASS") - 1
    )
  })

  it("prints an array of nodes with --json", async (test) => {
    const { url } = await fakeInstance(test, tree)
    const { out } = await runCli(["ls", "--json", "-i", url])
    assert.deepStrictEqual(JSON.parse(out), [node("/b"), node("/a"), node("/c")])
  })

  it("prints nothing for a node without children, and an empty array with --json", async (test) => {
    const { url } = await fakeInstance(test, routes({ "/x::listChildren": result({ nodes: [] }) }))
    assert.strictEqual((await runCli(["ls", "/x", "-i", url])).out, "")
    assert.strictEqual((await runCli(["ls", "/x", "-i", url], { terminal: true })).out, "")
    assert.strictEqual((await runCli(["ls", "/x", "--json", "-i", url])).out, "[]\n")
  })

  it("exits with 5 for a node that is not there", async (test) => {
    const { url } = await fakeInstance(test, routes({}))
    const { exit, err } = await runCli(["ls", "/x", "-i", url])
    assert.strictEqual(exit, 5)
    assert.include(err, "portico: NOT_FOUND: /x::listChildren does not exist")
  })
})
