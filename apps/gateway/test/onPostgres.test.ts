import { describeWithPostgres, type FreshDatabase, freshDatabase } from "@portico/test-support/postgres"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

describeWithPostgres("two instances on one PostgreSQL database", () => {
  let database: FreshDatabase
  let one: Gateway
  let two: Gateway
  const start = (): Promise<Gateway> => spawnGateway(temporaryFolder(), { PORTICO_DATABASE_URL: database.url }).ready
  const ok = async (response: Response): Promise<Record<string, unknown>> => {
    const body = await response.json()
    expect(response.status, JSON.stringify(body)).toBe(200)
    return body.result
  }

  beforeAll(async () => {
    database = await freshDatabase()
    one = await start()
    two = await start()
  }, 60_000)

  afterAll(async () => {
    for (const gateway of [one, two]) gateway?.signal("SIGTERM")
    for (const gateway of [one, two]) await gateway?.ended
    await database.drop()
  }, 60_000)

  it("see at once what the other did", async () => {
    const create = "/:crm.example.dev:interface.ContactOps:createContact"
    expect(await ok(await one.call(create, { email: "ada@example.dev" }))).toBe("/contacts/ada~40example.dev")
    const [at, then] = [await two.call("/contacts/ada~40example.dev::get"), await two.call("/contacts::countChildren")]
    expect(await ok(at)).toMatchObject({ slug: "ada~40example.dev" })
    await ok(then)
    await ok(await two.call("/contacts/ada~40example.dev::delete"))
    expect((await one.call("/contacts/ada~40example.dev::get")).status).toBe(404)
  })

  it("take each other's operator token, also after the other started", async () => {
    await ok(await one.call("/contacts::get", undefined, two.operatorToken))
    await ok(await two.call("/contacts::get", undefined, one.operatorToken))
  })

  it("hold a revoke that the other acknowledged, from the next call on", async () => {
    const create = "/:kernel.portico.dev:interface.Node:createNode"
    await ok(await one.call(create, { class: "/:kernel.portico.dev:class.User", path: "/identities/lin" }))
    const made = await fetch(`${one.url}/auth/keys`, {
      method: "POST",
      headers: { authorization: `Bearer ${one.operatorToken}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "laptop", identity: "/identities/lin" })
    })
    const { key } = await made.json()
    const asLin = () => two.call("/contacts::get", undefined, key)
    for (let round = 0; round < 20; round++) {
      await ok(await one.call("/identities/lin::grantPerm", { node: "/contacts", perms: ["READ"] }))
      await ok(await asLin())
      await ok(await one.call("/identities/lin::revokePerm", { node: "/contacts", perms: ["READ"] }))
      expect((await asLin()).status).toBe(404)
    }
  })
})
