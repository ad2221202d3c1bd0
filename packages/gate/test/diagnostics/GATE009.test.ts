import { describe, expect, it } from "@effect/vitest"
import * as HttpApi from "effect/http-api/HttpApi"
import { messages, module, route } from "../support/planning.ts"

const crm = (path: string) => module("crm", { routes: [route(path as `/${string}`, { id: "r" })] })

describe("GATE009 malformed", () => {
  it.each([
    ["crm", "it must start with `/`"],
    ["/crm/", "it must not end with `/`"],
    ["//crm", "it has an empty segment"],
    ["/crm/../x", "it has a dot segment"],
    ["/crm?x=1", "it has a query or fragment"],
    ["/cr%6D", "it has a percent-encoded character"],
    ["/*/crm", "`*` may only be its last segment"],
    ["/:id/:id", "the parameter :id is in it twice"],
    ["/a b", 'the segment "a b" cannot be read'],
    ["/:", 'the segment ":" cannot be read'],
    ["/:id([)", 'the constraint in ":id([)" is no regular expression'],
    ["/:a:b", 'a parameter in ":a:b" must end with `-`, `.` or `/`'],
    ["/:user@host", 'a parameter in ":user@host" must end with `-`, `.` or `/`']
  ])("%s is refused: %s", (path, problem) => {
    expect(messages([crm(path)])).toEqual([
      `GATE009 route "r" of module "crm" has a malformed path ${JSON.stringify(path)}: ${problem}`
    ])
  })

  it.each([
    "/",
    "/crm",
    "/crm/:id",
    "/crm/:id(\\d+)",
    "/crm/:file.json",
    "/crm/:id(\\d+)@x",
    "/crm/:a-:b",
    "/crm/*",
    "/@x/~y"
  ])("%s is accepted", (path) => {
    expect(messages([crm(path)])).toEqual([])
  })

  it("an api is mounted at a prefix, not at a pattern for the rest", () => {
    const api = HttpApi.make("crm")
    const mounted = module("crm", { routes: [{ id: "api", scope: "public", mountPath: "/crm/*", api }] })
    expect(messages([mounted])[0]).toContain('malformed path "/crm/*": an api brings its own paths')
  })
})

describe("GATE009 reserved", () => {
  it.each([
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/docs/x",
    "/healthz/*",
    "/gateway/v1/socket",
    "/gateway/v2",
    "/HealthZ"
  ])("%s belongs to the framework", (path) => {
    expect(messages([crm(path)])[0]).toMatch(/^GATE009 GET .* of module "crm" is reserved: the framework serves /)
  })

  it("internal paths that the framework serves are reserved as well", () => {
    const internal = module("crm", { routes: [route("/gateway/v1/internal/metrics", { scope: "internal" })] })
    expect(messages([internal]).filter((text) => text.startsWith("GATE009"))).toEqual([
      'GATE009 GET /gateway/v1/internal/metrics of module "crm" is reserved: the framework serves /gateway/v1/internal/metrics'
    ])
  })
})
