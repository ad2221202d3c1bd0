import { describe, expect, it } from "@effect/vitest"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Schema from "effect/Schema"
import { findings, messages, module, route } from "../support/planning.ts"

const one = (id: string, ...routes: ReadonlyArray<ReturnType<typeof route>>) => module(id, { routes })

describe("GATE005 same", () => {
  it("the same method and path in two modules is refused, and both places are shown", () => {
    const [finding] = findings([one("a", route("/x")), one("b", route("/x"))])
    expect(finding).toMatchObject({
      code: "GATE005",
      severity: "error",
      message: 'GET /x and GET /x of modules "a" and "b" match the same requests',
      modules: ["a", "b"]
    })
    expect(finding?.places.map(({ what }) => what)).toEqual([
      'route "route:-x" of module "a"',
      'route "route:-x" of module "b"'
    ])
  })

  it("other parameter names make no difference", () => {
    expect(messages([one("a", route("/x/:id")), one("b", route("/x/:name"))])).toEqual([
      'GATE005 GET /x/:id and GET /x/:name of modules "a" and "b" match the same requests'
    ])
  })

  it("equal prefixes collide", () => {
    expect(messages([one("a", route("/x/*")), one("b", route("/x/*"))])).toHaveLength(1)
  })

  it("every method collides with each one", () => {
    expect(messages([one("a", route("/x", { method: "*" })), one("b", route("/x", { method: "POST" }))])).toHaveLength(
      1
    )
  })

  it("other methods do not collide", () => {
    expect(messages([one("a", route("/x")), one("b", route("/x", { method: "POST" }))])).toEqual([])
  })

  it("one module cannot have the same path twice either", () => {
    expect(messages([one("a", route("/x", { id: "r1" }), route("/x", { id: "r2" }))])).toEqual([
      'GATE005 GET /x and GET /x of module "a" match the same requests'
    ])
  })

  it("the endpoints of an api collide one by one", () => {
    const api = HttpApi.make("crm").add(
      HttpApiGroup.make("contacts").add(
        HttpApiEndpoint.get("list", "/contacts", { success: Schema.String }),
        HttpApiEndpoint.get("one", "/contacts/:id", { params: { id: Schema.String }, success: Schema.String })
      )
    )
    const crm = module("crm", { routes: [{ id: "api", scope: "public", mountPath: "/crm", api }] })
    expect(
      messages([crm, one("b", route("/crm/contacts/:name"))]).filter((text) => text.startsWith("GATE005"))
    ).toEqual([
      'GATE005 GET /crm/contacts/:id and GET /crm/contacts/:name of modules "crm" and "b" match the same requests'
    ])
  })
})

describe("GATE005 constraints", () => {
  it("two constraints in one place are refused, within a module too, since the router holds only one", () => {
    expect(messages([one("a", route("/x/:id(\\d+)"), route("/x/:slug([a-z]+)"))])).toEqual([
      'GATE005 GET /x/:id(\\d+) and GET /x/:slug([a-z]+) of module "a" differ only in the constraint of a parameter'
    ])
    expect(messages([one("a", route("/x/:id(\\d+)/y")), one("b", route("/x/:n(\\w+)/y"))])).toHaveLength(1)
  })

  it("a constraint beside a parameter without one is no clash", () => {
    expect(messages([one("a", route("/x/:id(\\d+)"), route("/x/:slug"))])).toEqual([])
  })
})

describe("GATE005 unordered", () => {
  it("two modules' routes that may match one request, and of which neither goes first, are a warning", () => {
    const [finding] = findings([one("a", route("/x/:from-:to")), one("b", route("/x/:id(.+)"))])
    expect(finding).toMatchObject({
      severity: "warning",
      message:
        'GET /x/:from-:to of module "a" and GET /x/:id(.+) of module "b" may match one request, and neither goes first'
    })
  })
})

describe("GATE005 shadow", () => {
  it("a static path over another module's parameter is a warning", () => {
    const [finding] = findings([one("a", route("/x/:id")), one("b", route("/x/export"))])
    expect(finding).toMatchObject({
      severity: "warning",
      message: 'GET /x/export of module "b" takes requests that GET /x/:id of module "a" matches as well'
    })
  })

  it("within a module the more specific one wins without a word", () => {
    expect(messages([one("a", route("/x"), route("/x/:id"), route("/x/export"), route("/x/*"))])).toEqual([])
  })

  it("the rest at the root is for what nobody else answers, so it warns of nothing", () => {
    expect(messages([one("site", route("/*")), one("b", route("/x"))])).toEqual([])
  })

  it("a parameter that cannot be what the other asks for is no matter", () => {
    for (const [first, second] of [
      ["/x/:id(\\d+)", "/x/export"],
      ["/x/:file.json", "/x/:file.xml"],
      ["/x/v:version", "/x/w:width"]
    ] as const) {
      expect(messages([one("a", route(first)), one("b", route(second))]), first).toEqual([])
    }
  })

  it("paths that only begin alike are no matter", () => {
    expect(messages([one("a", route("/x/:id/a")), one("b", route("/x/export"))])).toEqual([])
  })
})
