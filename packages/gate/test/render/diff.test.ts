import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Gateway, type Module, Plan, type SettingsSources } from "../../src/index.ts"
import { anyLayer, module, planned, product, route, tag } from "../support/planning.ts"

const plan = (modules: ReadonlyArray<Module.Any>, settings: SettingsSources = {}) =>
  planned(Gateway.plan(product(...modules), { settings }))

const config = Schema.Struct({ size: Schema.Int })
const crm = (version: string, ...paths: ReadonlyArray<`/${string}`>) =>
  module("crm", { version, config, routes: paths.map((path) => route(path)) })
const sizes = (size: number) => ({ flags: { "crm.size": size } })

describe("the difference of two plans", () => {
  it("is empty for the same product", () => {
    expect(Plan.diff(plan([crm("1.0.0")], sizes(1)), plan([crm("1.0.0")], sizes(1)))).toEqual([])
    expect(Plan.diffText([])).toBe("The plans are the same.")
  })

  it("names what came, what went and what is different", () => {
    const before = plan([crm("1.0.0", "/a", "/b"), module("old")], sizes(1))
    const after = plan([crm("1.1.0", "/b", "/c"), module("new")], sizes(2))
    expect(Plan.diffText(Plan.diff(before, after))).toBe(`~ module crm
    version: "1.0.0" -> "1.1.0"
- module old
+ module new
- route GET /a
+ route GET /c
~ setting crm.size
    value: 1 -> 2`)
  })

  it("says what lists gained and lost, and where settings come from, in words", () => {
    const Cache = tag("app/Cache")
    const Mail = tag("app/Mail")
    const cache = module("cache", { provides: [Cache], layer: anyLayer })
    const mail = module("mail", { provides: [Mail], layer: anyLayer })
    const before = plan([cache, mail, module("crm", { config, requires: [Cache] })], sizes(1))
    const after = plan([cache, mail, module("crm", { config, requires: [Gateway.optional(Mail)] })], {
      env: { PORTICO_CRM_SIZE: "1" }
    })
    const text = Plan.diffText(Plan.diff(before, after))
    expect(text).toContain("    requires: - app/Cache from cache, + app/Mail (optional) from mail\n")
    expect(text).toContain("    dependsOn: - cache for app/Cache, + mail for app/Mail (optional)\n")
    expect(text).toContain('    dependents: - "crm"\n')
    expect(text).toContain("~ setting crm.size\n    source: --crm-size -> PORTICO_CRM_SIZE")
    expect(text).not.toContain("{")
  })
})
