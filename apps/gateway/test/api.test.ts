import { rmSync } from "node:fs"
import { Validator } from "@seriousme/openapi-schema-validator"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

let gateway: Gateway

beforeAll(async () => {
  gateway = await spawnGateway(temporaryFolder(), { PORTICO_ACCESS_LOG: "false" }).ready
})

afterAll(async () => {
  gateway.signal("SIGTERM")
  await gateway.ended
  rmSync(gateway.data, { recursive: true, force: true })
})

/** The result of a call that must succeed. */
const result = async (path: string, params?: unknown, token?: string | null) => {
  const answer = await gateway.call(path, params, token)
  const body = await answer.json()
  expect(body, path).toHaveProperty("result")
  return body.result
}

const errorOf = async (answer: Response) => {
  const body = await answer.json()
  expect(Object.keys(body)).toEqual(["error"])
  expect(body.error.requestId).toBe(answer.headers.get("x-request-id"))
  return { status: answer.status, code: body.error.code, message: body.error.message, details: body.error.details }
}

const whoami = "/:kernel.portico.dev:interface.Identity:whoami"
const createNode = "/:kernel.portico.dev:interface.Node:createNode"

describe("the distro over HTTP", () => {
  it("has every module ready", async () => {
    const body = await (await fetch(`${gateway.url}/readyz`)).json()
    expect(body).toMatchObject({ status: "ready" })
    const modules: ReadonlyArray<{ readonly id: string; readonly status: string }> = body.modules
    expect(modules.map(({ id }) => id)).toEqual(expect.arrayContaining(["database", "kernel", "auth", "domains"]))
    expect(new Set(modules.map(({ status }) => status))).toEqual(new Set(["ready"]))
  })

  it("describes its public routes as valid OpenAPI 3.1", async () => {
    const document = await (await fetch(`${gateway.url}/openapi.json`)).json()
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/api/call", "/healthz", "/readyz", "/meta"]))
    expect(Object.keys(document.paths).filter((path) => path.includes("/internal/"))).toEqual([])
    expect(await new Validator().validate(document)).toMatchObject({ valid: true })
  })

  it("knows the operator by the token of the data folder", async () => {
    expect(JSON.stringify(await result(whoami))).toContain("/identities/operator")
  })

  it("runs the example domain: a contact is made, found, put on a project, and listed there with its role", async () => {
    const path = await result("/:crm.example.dev:interface.ContactOps:createContact", { email: "grace@example.dev" })
    expect(path).toBe("/contacts/grace~40example.dev")
    const node = await result(`${path}::get`)
    expect(node.props["crm.example.dev:class.Contact.property.email"]).toBe("grace@example.dev")
    const { nodes } = await result("/projects::listChildren")
    await result(`${path}::assign`, { project: nodes[0].path, role: "lead" })
    const { edges } = await result(`${path}::getLinks`, {
      edgeClass: "/:crm.example.dev:class.works_on",
      direction: "out"
    })
    expect(edges).toHaveLength(1)
    expect(edges[0].props["crm.example.dev:class.works_on.property.role"]).toBe("lead")
  })

  it("answers what is hidden like what is missing, and is exact to who may see the place", async () => {
    const user = await result(createNode, {
      class: "/:kernel.portico.dev:class.User",
      path: "/identities/nobody",
      props: { name: "Nobody" }
    })
    expect(user.created).toBe(true)
    const hidden = await errorOf(await gateway.call("/contacts::get", undefined, null))
    const missing = await errorOf(await gateway.call("/nothing-here::get", undefined, null))
    expect(hidden.status).toBe(404)
    expect(hidden.code).toBe("NOT_FOUND")
    expect(JSON.stringify(hidden).replaceAll("/contacts", "/nothing-here")).toBe(JSON.stringify(missing))
    const exact = await errorOf(await gateway.call("/contacts/nobody-we-know::get"))
    expect(exact).toMatchObject({ status: 404, code: "NOT_FOUND" })
    const folder = { class: "/:kernel.portico.dev:class.Folder", path: "/x" }
    const anonymous = await errorOf(await gateway.call(createNode, folder, null))
    expect(anonymous).toMatchObject({ status: 401, code: "UNAUTHENTICATED" })
  })

  it("gives a user what was granted, and says what is missing where she may see the node", async () => {
    const path = "/identities/lin"
    await result(createNode, { class: "/:kernel.portico.dev:class.User", path })
    const made = await fetch(`${gateway.url}/auth/keys`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.operatorToken}` },
      body: JSON.stringify({ name: "laptop", identity: path })
    })
    const { key } = await made.json()
    expect(await errorOf(await gateway.call("/projects::get", undefined, key))).toMatchObject({ code: "NOT_FOUND" })
    await result(`${path}::grantPerm`, { node: "/projects", perms: ["READ"] })
    expect(await result("/projects::get", undefined, key)).toMatchObject({ path: "/projects" })
    const update = await gateway.call("/projects::delete", { recursive: true }, key)
    expect(await errorOf(update)).toMatchObject({
      status: 403,
      code: "PERMISSION_DENIED",
      details: { needs: ["EDIT"], on: "/projects", phase: "resource" }
    })
    await result(`${path}::revokePerm`, { node: "/projects", perms: ["READ"] })
    expect(await errorOf(await gateway.call("/projects::get", undefined, key))).toMatchObject({ code: "NOT_FOUND" })
  })

  it.each([
    ["a body that is not JSON", { method: "POST", body: "{", type: "application/json" }, 400, "INVALID_BODY"],
    ["a body of another type", { method: "POST", body: "a=1", type: "text/plain" }, 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["a wrong method", { method: "DELETE", body: undefined, type: undefined }, 405, "METHOD_NOT_ALLOWED"],
    [
      "a body over the limit",
      { method: "POST", body: `"${"x".repeat(5_000_000)}"`, type: "application/json" },
      413,
      "PAYLOAD_TOO_LARGE"
    ]
  ])("gives %s the one error shape", async (_, request, status, code) => {
    const answer = await fetch(`${gateway.url}/api/call`, {
      method: request.method,
      headers: {
        authorization: `Bearer ${gateway.operatorToken}`,
        ...(request.type === undefined ? {} : { "content-type": request.type })
      },
      ...(request.body === undefined ? {} : { body: request.body })
    })
    expect(await errorOf(answer)).toMatchObject({ status, code })
  })

  it("gives an unknown path the one error shape", async () => {
    expect(await errorOf(await fetch(`${gateway.url}/no/such/route`))).toMatchObject({ status: 404, code: "NOT_FOUND" })
  })

  it("keeps internal routes for operators, however the path is spelled", async () => {
    const answer = await fetch(`${gateway.url}/gateway/v1/internal/modules`)
    expect(answer.status).toBe(401)
    const asOperator = await fetch(`${gateway.url}/gateway/v1/internal/modules`, {
      headers: { authorization: `Bearer ${gateway.operatorToken}` }
    })
    expect(asOperator.status).toBe(200)
    for (const spelled of [
      "/Gateway/v1/internal/modules",
      "//gateway/v1/internal/modules",
      "/gateway/v1%2finternal/modules"
    ]) {
      expect((await fetch(`${gateway.url}${spelled}`)).status, spelled).not.toBe(200)
    }
  })
})
