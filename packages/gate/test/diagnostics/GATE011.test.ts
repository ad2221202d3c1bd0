import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { Gateway } from "../../src/index.ts"
import { messages, module, route } from "../support/planning.ts"

describe("GATE011 id", () => {
  it.each(["", "Crm", "crm_x", "-crm", "crm--x", "1crm", "a".repeat(41)])("%j is no module id", (id) => {
    expect(messages([module(id)])).toEqual([`GATE011 the id ${JSON.stringify(id)} of a module is malformed`])
  })

  it.each(["crm", "domain-host", "s3", "a".repeat(40)])("%s is a module id", (id) => {
    expect(messages([module(id)])).toEqual([])
  })

  it("ids of products, extension points and routes are checked as well", () => {
    const refused = Gateway.plan(Gateway.make({ identity: { id: "My Product", name: "x" }, modules: [] }))
    expect(Result.isFailure(refused) && refused.failure.diagnostics[0]?.message).toBe(
      'the id "My Product" of the product is malformed'
    )
    const owns = [Gateway.extensionPoint("mcp tools")]
    expect(messages([module("mcp", { owns, routes: [route("/x", { id: "no spaces" })] })])).toEqual([
      'GATE011 the id "mcp tools" of an extension point is malformed',
      'GATE011 the id "no spaces" of a route of module "mcp" is malformed'
    ])
  })
})

describe("GATE011 name", () => {
  it.each(["", " CRM", "CRM\n", "a\u001b[31m", "a\u009b31m", "gnp.\u202exe", "a\u2028b", "a".repeat(81)])(
    "%j is no name",
    (displayName) => {
      const crm = Gateway.module.define({ id: "crm", displayName })
      expect(messages([crm])).toEqual([`GATE011 the name ${JSON.stringify(displayName)} of module "crm" is malformed`])
    }
  )
})

describe("names of the world", () => {
  it.each(["顧客", "Ünïcödé", "CRM 👩‍👩‍👧", "ניהול לקוחות"])("%s is a name", (displayName) => {
    expect(messages([Gateway.module.define({ id: "crm", displayName })])).toEqual([])
  })
})

describe("GATE011 reservedId", () => {
  it("the framework's own id is taken", () => {
    expect(messages([module("gate")])).toEqual(['GATE011 the module id "gate" is reserved for the framework'])
  })
})

describe("GATE011 routeTwice", () => {
  it("route ids are unique within a module", () => {
    const routes = [route("/x", { id: "r" }), route("/y", { id: "r" })]
    expect(messages([module("crm", { routes })])).toEqual(['GATE011 two routes of module "crm" have the id "r"'])
  })
})
