import { assert, describe, it } from "vitest"
import { assign, createContact } from "./support/callables.ts"
import { fakeInstance, routes } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const ada = { kind: "node", node: { id: "1", path: "/contacts/ada", class: "crm.example.dev:class.Contact", rev: 1 } }
const description = { ...ada, perms: ["READ", "EDIT"], callables: [assign, createContact] }

const instance = routes({
  "/api/describe?path=%2Fcontacts%2Fada%3A%3Aassign": { json: { kind: "callable", callable: assign } },
  [`/api/describe?path=${encodeURIComponent(createContact.path)}`]: {
    json: { kind: "callable", callable: createContact }
  },
  "/api/describe?path=%2Fcontacts%2Fada": { json: description }
})

describe("portico describe", () => {
  it("shows what a method takes, needs and gives, and how to call it", async (test) => {
    const { url } = await fakeInstance(test, instance)
    const { exit, out } = await runCli(["describe", "/contacts/ada::assign", "-i", url])
    assert.strictEqual(exit, 0)
    assert.deepStrictEqual(out.split("\n"), [
      "callable\t/contacts/ada::assign",
      "deprecated\tyes",
      "called\ton a node",
      "needs\tUSE on it, READ, EDIT on the node",
      "auth\trequired",
      "usable\tno: you lack USE",
      "gives\tnull",
      "example\tportico call /contacts/ada::assign project=/projects/apollo role=lead",
      "project\tstring\trequired\tpath of a crm.example.dev:class.Project, you need EDIT there",
      "role\tstring\trequired\t",
      ""
    ])
  })

  it("shows types as TypeScript would, and quotes the example for a shell", async (test) => {
    const { url } = await fakeInstance(test, instance)
    const { out } = await runCli(["describe", createContact.path, "-i", url])
    assert.include(out, `kind\t"person" | "company"\toptional`)
    assert.include(out, "tags\tstring[]\toptional")
    assert.include(out, "address\t{ city: string }\toptional")
    assert.include(out, `portico call ${createContact.path} 'email=it'\\''s' address.city=Bern\n`)
  })

  it("shows a node with what one may do and call there", async (test) => {
    const { url } = await fakeInstance(test, instance)
    const { out } = await runCli(["describe", "/contacts/ada", "-i", url])
    assert.deepStrictEqual(out.split("\n"), [
      "path\t/contacts/ada",
      "id\t1",
      "class\tcrm.example.dev:class.Contact",
      "you may\tREAD, EDIT",
      "/contacts/ada::assign\tproject role\tyou lack USE",
      `${createContact.path}\temail [age] [vip] [tags] [kind] [address]\t`,
      ""
    ])
    const shown = await runCli(["describe", "/contacts/ada", "-i", url], { terminal: true, env: { NO_COLOR: "1" } })
    assert.include(shown.out, "More on one of them: portico describe /contacts/ada::assign")
  })

  it("prints the description as JSON with --json", async (test) => {
    const { url } = await fakeInstance(test, instance)
    const { out } = await runCli(["describe", "/contacts/ada", "--json", "-i", url])
    assert.deepStrictEqual(JSON.parse(out), description)
  })
})
