import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Gateway, type Module, Plan, type SettingsSources } from "../../src/index.ts"
import { module, planned, product, route } from "../support/planning.ts"

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
})
