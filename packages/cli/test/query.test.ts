import { assert, describe, it } from "vitest"
import { fakeInstance, result, routes, type Seen } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const path = "/:kernel.portico.dev:interface.Node:query"
const node = (name: string) => ({
  id: name,
  path: `/${name}`,
  slug: name,
  class: "x",
  props: {},
  rev: 1,
  createdAt: 0,
  updatedAt: 0
})
const paramsOf = (seen: Seen | undefined): object =>
  (seen?.body as { readonly params: object } | undefined)?.params ?? {}
const startOf = (seen: Seen | undefined): object => (paramsOf(seen) as { readonly start: object }).start
const cursorOf = (seen: Seen) => (startOf(seen) as { readonly page: { readonly cursor?: string } }).page.cursor

const instance = routes({
  [path]: (seen) =>
    cursorOf(seen) === undefined
      ? result({ nodes: { a: node("a"), b: node("b") }, start: { nodes: ["b", "a"], next: "2" }, steps: [] })
      : result({ nodes: { c: node("c") }, start: { nodes: ["c"] }, steps: [] }),
  "/contacts::listChildren": result({ nodes: [node("a")] })
})

describe("portico query", () => {
  it("prints the paths of every page, in the order of the instance", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    const { exit, out } = await runCli(["query", "ada", "love", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(out, "/b\n/a\n/c\n")
    assert.deepStrictEqual(seen.map(startOf), [
      { search: "ada love", page: { limit: 1000 } },
      { search: "ada love", page: { limit: 1000, cursor: "2" } }
    ])
  })

  it("stops at its limit", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    const { out } = await runCli(["query", "--under", "/", "--limit", "2", "-i", url])
    assert.strictEqual(out, "/b\n/a\n")
    assert.deepStrictEqual(seen.map(startOf), [{ under: "/", page: { limit: 2 } }])
  })

  it("says conditions in words or as JSON, and orders", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    const where = ["--where", "company=ACME", "--where", "age.gte:=18", "--where", '{"or":[{"slug":{"eq":"a"}}]}']
    const order = ["--order", "name:desc", "--order", "a.example:class.X.property.y"]
    const { exit } = await runCli(["query", "--class", "x:class.Y", ...where, ...order, "--limit", "1", "-i", url])
    assert.strictEqual(exit, 0)
    assert.deepStrictEqual(startOf(seen[0]), {
      class: "x:class.Y",
      where: { and: [{ company: { eq: "ACME" } }, { age: { gte: 18 } }, { or: [{ slug: { eq: "a" } }] }] },
      order: [
        ["name", "desc"],
        ["a.example:class.X.property.y", "asc"]
      ],
      page: { limit: 1 }
    })
    const listed = await runCli(["ls", "/contacts", "--where", "email.startsWith=ada", "--order", "email", "-i", url])
    assert.strictEqual(listed.out, "a\n")
    assert.deepStrictEqual(paramsOf(seen.at(-1)), {
      where: { and: [{ email: { startsWith: "ada" } }] },
      order: [["email", "asc"]],
      limit: 1000
    })
  })

  it("is wrong usage where nothing is asked, where a condition cannot be read, and with ls -R", async (test) => {
    const { url, seen } = await fakeInstance(test, instance)
    for (const words of [
      ["query"],
      ["query", "a", "--where", "{"],
      ["query", "a", "--where", "company"],
      ["ls", "-R", "--where", "a=1"]
    ]) {
      const { exit } = await runCli([...words, "-i", url])
      assert.strictEqual(exit, 2, words.join(" "))
    }
    assert.deepStrictEqual(seen, [])
  })
})
