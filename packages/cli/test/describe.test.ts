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

  it("shows what a callable reads, and what it streams", async (test) => {
    const streams = {
      ...assign,
      input: "stream",
      takes: { type: "string" },
      output: "stream",
      result: { type: "boolean" }
    }
    const bytes = { ...assign, input: "binary", output: "binary" }
    const { url } = await fakeInstance(
      test,
      routes({
        "/api/describe?path=%2Fa%3A%3Astreams": { json: { kind: "callable", callable: streams } },
        "/api/describe?path=%2Fa%3A%3Abytes": { json: { kind: "callable", callable: bytes } }
      })
    )
    const { out } = await runCli(["describe", "/a::streams", "-i", url])
    assert.include(out, "reads\ta stream of string\ngives\ta stream of boolean")
    assert.include(out, " --input FILE\n")
    assert.include((await runCli(["describe", "/a::bytes", "-i", url])).out, "reads\tbytes\ngives\tbytes\n")
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

  it("shows a class with its props and methods, and an edge class with its ends", async (test) => {
    const ofKernel = (kind: string, contract: unknown) => ({
      json: {
        kind: "node",
        perms: ["READ"],
        callables: [],
        node: {
          id: "1",
          path: "/crm.example.dev/x",
          rev: 1,
          class: `kernel.portico.dev:class.${kind}`,
          props: { [`kernel.portico.dev:class.${kind}.property.contract`]: contract }
        }
      }
    })
    const contact = {
      ref: "crm.example.dev:class.Contact",
      description: "A person.",
      extends: [],
      implements: ["kernel.portico.dev:interface.Named"],
      props: {
        email: { key: "k", schema: { type: "string" }, required: true },
        company: { key: "k", schema: { type: "string" }, required: false }
      },
      methods: {
        assign: { static: false, params: assign.params },
        import: { static: true, params: { type: "object", properties: {} } }
      }
    }
    const works_on = {
      ref: "crm.example.dev:class.works_on",
      props: {},
      ends: [
        { as: "contact", types: ["crm.example.dev:class.Contact"], cardinality: "0..1" },
        { as: "project", types: ["crm.example.dev:class.Project"] }
      ]
    }
    const { url } = await fakeInstance(
      test,
      routes({
        "/api/describe?path=%2F%3Ao%3Aclass.Contact": ofKernel("Class", contact),
        "/api/describe?path=%2F%3Ao%3Aclass.works_on": ofKernel("EdgeClass", works_on)
      })
    )
    assert.deepStrictEqual((await runCli(["describe", "/:o:class.Contact", "-i", url])).out.split("\n"), [
      "ref\tcrm.example.dev:class.Contact",
      "about\tA person.",
      "implements\tkernel.portico.dev:interface.Named",
      "email\tstring\trequired\t",
      "company\tstring\toptional\t",
      "/:crm.example.dev:class.Contact:assign\ton a node: PATH::assign\tproject role",
      "/:crm.example.dev:class.Contact:import\tas it stands\t",
      ""
    ])
    const shown = await runCli(["describe", "/:o:class.Contact", "-i", url], { terminal: true, env: { NO_COLOR: "1" } })
    assert.include(shown.out, "\nPROP     TYPE\n")
    assert.include(shown.out, "portico describe /:crm.example.dev:class.Contact:assign\n")
    assert.deepStrictEqual((await runCli(["describe", "/:o:class.works_on", "-i", url])).out.split("\n"), [
      "ref\tcrm.example.dev:class.works_on",
      "from\tcontact: crm.example.dev:class.Contact, each has 0..1",
      "to\tproject: crm.example.dev:class.Project",
      ""
    ])
  })

  it("prints the description as JSON with --json", async (test) => {
    const { url } = await fakeInstance(test, instance)
    const { out } = await runCli(["describe", "/contacts/ada", "--json", "-i", url])
    assert.deepStrictEqual(JSON.parse(out), description)
  })
})
