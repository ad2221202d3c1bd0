import { assert, describe, it } from "vitest"
import { fakeInstance, result, routes } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const ada = {
  id: "0198aaaa-0000-7000-8000-000000000001",
  path: "/contacts/ada",
  slug: "ada",
  class: "crm.example.dev:class.Contact",
  props: {
    "crm.example.dev:class.Contact.property.email": "ada@example.dev",
    "crm.example.dev:class.Contact.property.tags": ["a", "b"],
    "kernel.portico.dev:interface.Named.property.name": "Ada\tL\u001b[31m"
  },
  rev: 12,
  createdAt: 0,
  updatedAt: 1_700_000_000_000
}

describe("portico get", () => {
  it("prints one field per line, tab-separated and escaped, when piped", async (test) => {
    const { url } = await fakeInstance(test, routes({ "/contacts/ada::get": result(ada) }))
    const { exit, out, err } = await runCli(["get", "/contacts/ada", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(err, "")
    assert.deepStrictEqual(out.split("\n"), [
      "path\t/contacts/ada",
      `id\t${ada.id}`,
      "rev\t12",
      "class\tcrm.example.dev:class.Contact",
      "created\t1970-01-01T00:00:00.000Z",
      "updated\t2023-11-14T22:13:20.000Z",
      "crm.example.dev:class.Contact.property.email\tada@example.dev",
      'crm.example.dev:class.Contact.property.tags\t["a","b"]',
      "kernel.portico.dev:interface.Named.property.name\tAda\\tL\\x1b[31m",
      ""
    ])
  })

  it("aligns the fields on a terminal", async (test) => {
    const { url } = await fakeInstance(test, routes({ "/contacts/ada::get": result(ada) }))
    const { out } = await runCli(["get", "/contacts/ada", "-i", url], { terminal: true, env: { NO_COLOR: "1" } })
    const columns = out
      .trimEnd()
      .split("\n")
      .map((line) => line.search(/(?<= {2})\S/))
    assert.lengthOf([...new Set(columns)], 1)
  })

  it("prints the node as JSON with --json", async (test) => {
    const { url } = await fakeInstance(test, routes({ "/contacts/ada::get": result(ada) }))
    const { out } = await runCli(["get", "/contacts/ada", "-i", url, "--json"], { terminal: true })
    assert.deepStrictEqual(JSON.parse(out), ada)
    assert.notInclude(out, "\u001b")
  })

  it("shows what is left of a node that may not be read", async (test) => {
    const hidden = { id: ada.id, path: ada.path, rev: 12 }
    const { url } = await fakeInstance(test, routes({ "/contacts/ada::get": result(hidden) }))
    const { exit, out } = await runCli(["get", "/contacts/ada", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(out, `path\t/contacts/ada\nid\t${ada.id}\nrev\t12\n`)
  })
})
