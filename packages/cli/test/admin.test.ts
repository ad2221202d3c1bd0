import { join } from "node:path"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import { assert, describe, it } from "vitest"
import { fakeInstance, refusal, routes } from "./support/fakeInstance.ts"
import { runCli, temporaryFolder } from "./support/runCli.ts"
import { startCommand } from "./support/startCommand.ts"

const password = "violet otter runs"
const piped = { stdin: `${password}\nnot this line` }
const route = "/gateway/v1/internal/auth/administrators"

const signIn = async (url: string, identity: string, password: string): Promise<number> => {
  const answer = await fetch(`${url}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ identity, password })
  })
  return answer.status
}

describe("portico admin", () => {
  it("makes administrators in a folder before its first start, and through the instance that has it open", async (test) => {
    const data = join(temporaryFolder(test), "data")
    const made = await runCli(["admin", "create", "--password-stdin", "--data", data, "--json"], piped)
    assert.strictEqual(made.exit, 0, made.err)
    assert.deepInclude(JSON.parse(made.out), { path: "/identities/admin" })

    const { child, ready, output } = startCommand(test, ["--port", "0", "--data", data, "--", "--no-access-log"])
    const url = await ready
    assert.strictEqual(await signIn(url, "admin", password), 200)
    assert.notInclude(output(), "/auth/setup#")
    const as = ["--password-stdin", "-i", url, "--data", data]
    const ada = await runCli(["admin", "create", "ada", ...as], piped)
    assert.strictEqual(ada.exit, 0, ada.err)
    assert.strictEqual(await signIn(url, "ada", password), 200)
    // What has the folder open is found by itself where it is the instance of the environment.
    const env = { PORTICO_URL: url }
    const reset = await runCli(["admin", "reset", "ada", "--password-stdin", "--data", data], {
      stdin: "another otter walks",
      env
    })
    assert.strictEqual(reset.exit, 0, reset.err)
    assert.strictEqual(await signIn(url, "ada", password), 401)
    assert.strictEqual(await signIn(url, "ada", "another otter walks"), 200)
    const elsewhere = await fakeInstance(test, () => refusal(401, "UNAUTHENTICATED", "no"))
    const locked = await runCli(
      ["admin", "reset", "ada", "--password-stdin", "--data", data, "-i", elsewhere.url],
      piped
    )
    assert.strictEqual(locked.exit, 3)
    const blocked = await runCli(["admin", "create", "eve", "--password-stdin", "--data", data], piped)
    assert.strictEqual(blocked.exit, 7)
    assert.include(blocked.err, `process ${child.pid}`)
    assert.include(blocked.err, "--instance URL")
  }, 60_000)

  it("asks twice on a terminal, and shows nothing of what is typed", async (test) => {
    const { seen, url } = await fakeInstance(
      test,
      routes({ [route]: { status: 201, json: { identity: { id: "n1", path: "/identities/admin" } } } })
    )
    const asked = { terminal: true, secrets: [password, password] }
    const made = await runCli(["admin", "create", "-i", url], asked)
    assert.strictEqual(made.exit, 0, made.err)
    assert.deepStrictEqual(seen[0]?.body, { name: "admin", password })
    assert.match(made.err, /^Password: \nThe same password again: \n/)
    assert.notInclude(made.err + made.out, password)
    const differ = await runCli(["admin", "create", "-i", url], { terminal: true, secrets: [password, "x"] })
    assert.strictEqual(differ.exit, 2)
    assert.include(differ.err, "the two passwords differ")
  })

  it("has no default password: without one, and with a weak one, nobody is made", async (test) => {
    const data = join(temporaryFolder(test), "data")
    const create = ["admin", "create", "--data", data]
    const nobody = await runCli(create)
    assert.strictEqual(nobody.exit, 2)
    assert.include(nobody.err, "--password-stdin")
    assert.strictEqual((await runCli([...create, "--no-input"], { terminal: true })).exit, 2)
    assert.strictEqual((await runCli([...create, "--password-stdin"], { stdin: "\n" })).exit, 2)
    for (const weak of ["short", "password1234", "administrator!"]) {
      const { err, exit } = await runCli([...create, "--password-stdin"], { stdin: weak })
      assert.strictEqual(exit, 1, err)
      assert.match(err, /^portico: INVALID_PARAMS: (This|A) password/)
      assert.notInclude(err, weak)
    }
    assert.strictEqual((await runCli([...create, "--password-stdin"], piped)).exit, 0)
  }, 60_000)
})

describeWithPostgres("portico admin on PostgreSQL", () => {
  it("makes an administrator, whether or not instances run on the database", async (test) => {
    const database = await freshDatabase()
    test.onTestFinished(database.drop)
    const env = { PORTICO_DATABASE_URL: database.url }
    const data = temporaryFolder(test)
    const create = (name: string) =>
      runCli(["admin", "create", name, "--password-stdin", "--data", data], { ...piped, env })
    const made = await create("admin")
    assert.strictEqual(made.exit, 0, made.err)
    const again = await create("admin")
    assert.strictEqual(again.exit, 6)
    assert.include(again.err, "portico admin reset admin")
    assert.strictEqual((await create("ada")).exit, 0)
  }, 60_000)
})
