import { assert, describe, it } from "vitest"
import { fakeInstance, refusal, result, routes, type Seen } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const createNode = "/:kernel.portico.dev:interface.Node:createNode"
const folder = "/identities/roles/crm.example.dev"

const calls = (seen: ReadonlyArray<Seen>) =>
  // Boundary: the body of every call.
  seen.map(({ body }) => body as { readonly path: string; readonly params: Readonly<Record<string, unknown>> })

const made = (created: boolean) => result({ id: "1", path: "/x", rev: 1, created })

const answers = (created: boolean) => ({
  "/:crm.example.dev::get": result({ id: "1", path: "/crm.example.dev", rev: 1 }),
  [createNode]: made(created),
  [`${folder}/user::grantPerm`]: result({ mask: 5 }),
  [`${folder}/user::addMember`]: result({ added: true }),
  [`${folder}/support::addMember`]: result({ added: true }),
  [`${folder}/user::removeMember`]: result({ removed: true })
})

const grant = ["access", "grant", "@ada", "--service", "crm.example.dev", "--role"]

describe("portico access grant", () => {
  it("makes the role with its bits on the service, once, and then the member", async (test) => {
    const { seen, url } = await fakeInstance(test, routes(answers(true)))
    const { err, exit } = await runCli([...grant, "user", "-i", url])
    assert.deepStrictEqual([exit, err], [0, "@ada is user of crm.example.dev\n"])
    assert.deepStrictEqual(calls(seen).slice(-2), [
      { path: `${folder}/user::grantPerm`, params: { node: "/:crm.example.dev", perms: ["READ", "USE"] } },
      { path: `${folder}/user::addMember`, params: { member: "/identities/ada" } }
    ])
  })

  it("leaves the bits of a role alone that was there", async (test) => {
    const { seen, url } = await fakeInstance(test, routes(answers(false)))
    assert.strictEqual((await runCli([...grant, "user", "-i", url])).exit, 0)
    assert.notInclude(
      calls(seen).map(({ path }) => path),
      `${folder}/user::grantPerm`
    )
  })

  it("makes no role that only an operator can give a meaning, and nothing for a service that is not there", async (test) => {
    const { seen, url } = await fakeInstance(test, (one) =>
      routes({ ...answers(true), "/:crm.example.dev::get": refusal(404, "NOT_FOUND", "no such domain") })(one)
    )
    assert.strictEqual((await runCli([...grant, "support", "-i", url])).exit, 0)
    assert.deepStrictEqual(
      calls(seen).map(({ path }) => path),
      [`${folder}/support::addMember`]
    )
    assert.strictEqual((await runCli([...grant, "user", "-i", url])).exit, 5)
    assert.lengthOf(seen, 2)
    assert.strictEqual((await runCli([...grant, "../operators", "-i", url])).exit, 2)
    assert.lengthOf(seen, 2)
  })
})

describe("portico access revoke", () => {
  it("takes the member out, by handle, path or id", async (test) => {
    const { seen, url } = await fakeInstance(test, routes(answers(true)))
    const id = "@0198c0de-0000-7000-8000-000000000001"
    for (const who of ["@ada", "/identities/consumers/laptop", id]) {
      const command = ["access", "revoke", who, "--service", "crm.example.dev", "--role", "user", "-i", url]
      assert.strictEqual((await runCli(command)).exit, 0)
    }
    assert.deepStrictEqual(
      calls(seen).map(({ params }) => params.member),
      ["/identities/ada", "/identities/consumers/laptop", id]
    )
  })
})

describe("portico access list", () => {
  it("prints a row per member of each role, over all pages", async (test) => {
    const node = (path: string, kind: string) => ({ id: path, path, rev: 1, class: `kernel.portico.dev:class.${kind}` })
    const { url } = await fakeInstance(
      test,
      routes({
        "/identities/roles::listChildren": result({
          nodes: [node(folder, "Folder"), node("/identities/roles/consumers", "Role")]
        }),
        [`${folder}::listChildren`]: result({ nodes: [node(`${folder}/user`, "Role")] }),
        [`${folder}/user::listMembers`]: ({ body }) => {
          const { params } = body as { readonly params: { readonly cursor?: string } }
          return params.cursor === undefined
            ? result({ members: [{ path: "/identities/ada" }], next: "more" })
            : result({ members: [{ path: "/identities/bob" }] })
        }
      })
    )
    const { out } = await runCli(["access", "list", "-i", url])
    assert.strictEqual(out, "/identities/ada\tcrm.example.dev\tuser\n/identities/bob\tcrm.example.dev\tuser\n")
    const json = JSON.parse((await runCli(["access", "list", "--service", "crm.example.dev", "--json", "-i", url])).out)
    assert.deepStrictEqual(json[0], { identity: "/identities/ada", service: "crm.example.dev", role: "user" })
  })
})
