import { describe, expect, it } from "@effect/vitest"
import { Database } from "../../src/database.ts"
import { Authenticator, Gateway } from "../../src/index.ts"
import { anyLayer, findings, messages, module, ok, route, tag } from "../support/planning.ts"

const Db = tag("app/Db")
const auth = module("auth", { requires: [Db] })

describe("GATE002 service", () => {
  it("a service that no module provides is named together with the module that needs it", () => {
    expect(messages([auth])).toEqual(['GATE002 module "auth" needs app/Db, which no module of this product provides'])
  })

  it("a known module that would provide it is suggested", () => {
    const db = module("db", { provides: [Db], layer: anyLayer })
    const [finding] = findings([auth], { catalogue: [db] })
    expect(finding?.candidates).toEqual(['did you forget to add module "db" (Some module)? It provides it'])
  })

  it("a service whose class says who provides it leads to that module", () => {
    const [finding] = findings([module("crm", { requires: [Database] })])
    expect(finding?.candidates).toEqual([
      "did you forget to add SqliteModule of @portico/gate-adapters/sqlite? It provides it"
    ])
  })

  it("a module that is switched off is named", () => {
    const db = Gateway.when(false, module("db", { provides: [Db], layer: anyLayer }))
    const [finding] = findings([auth, db])
    expect(finding?.candidates).toEqual(['module "db" provides it, but Gateway.when switched it off'])
  })

  it("a service with nearly the same key is suggested", () => {
    const db = module("db", { provides: [tag("app/DB")], layer: anyLayer })
    const [finding] = findings([auth, db])
    expect(finding?.candidates).toEqual(['did you mean app/DB, which module "db" provides?'])
  })

  it("an optional requirement may stay unmet", () => {
    expect(messages([module("crm", { requires: [Gateway.optional(Db)] })])).toEqual([])
  })

  it("what the framework gives to every module needs no provider", () => {
    expect(messages([module("crm", { requires: [Gateway.FrameworkSettings] })])).toEqual([])
  })

  it("every module that misses something is told at once", () => {
    const crm = module("crm", { requires: [Db, tag("app/Mailer")] })
    expect(messages([auth, crm])).toHaveLength(3)
  })
})

describe("GATE002 authenticator", () => {
  const guarded = module("crm", {
    routes: [
      { id: "a", scope: "public", mountPath: "/crm", handle: ok },
      { id: "b", scope: "public", auth: "optional", mountPath: "/crm/b", handle: ok }
    ]
  })

  it("routes that must know their caller need an authenticator", () => {
    expect(messages([guarded])).toEqual([
      `GATE002 module "crm" needs ${Authenticator.key}, which no module of this product provides: GET /crm has auth "required" (and 1 more)`
    ])
  })

  it("an internal route needs one even if it says that it is public", () => {
    const internal = module("crm", { routes: [route("/gateway/v1/internal/crm", { scope: "internal" })] })
    expect(messages([internal])[0]).toContain("GET /gateway/v1/internal/crm is internal")
  })

  it("a provider satisfies them, and so does opening the route", () => {
    const provider = module("auth", { provides: [Authenticator], layer: anyLayer })
    expect(messages([guarded, provider])).toEqual([])
    expect(messages([module("crm", { routes: [route("/crm")] })])).toEqual([])
  })

  it("a route without a handler needs none, since it answers 501 to everybody", () => {
    expect(messages([module("crm", { routes: [{ id: "a", scope: "public", mountPath: "/crm" }] })])).toEqual([
      expect.stringContaining("GATE013")
    ])
  })
})
