import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Gateway, type Module, type SettingsSources } from "../../src/index.ts"
import { anyLayer, module, planned, product, route, tag } from "../support/planning.ts"

const config = Schema.Struct({ size: Schema.Int })
const crm = () => module("crm", { config, routes: [route("/crm")] })
const hash = (modules: ReadonlyArray<Module.Any>, settings: SettingsSources = { flags: { "crm.size": 1 } }): string =>
  planned(Gateway.plan(product(...modules), { settings })).hash

describe("a plan's hash", () => {
  it("is the same for the same product, wherever its code lies and whatever its settings are set to", () => {
    expect(hash([crm()])).toMatch(/^[0-9a-f]{64}$/)
    expect(hash([crm()])).toBe(hash([crm()]))
    expect(hash([crm()], { env: { PORTICO_CRM_SIZE: "2" } })).toBe(hash([crm()]))
  })

  it("changes with what the product is", () => {
    const before = hash([crm()])
    expect(hash([crm(), module("mail")])).not.toBe(before)
    expect(hash([module("crm", { config, routes: [route("/crm2")] })])).not.toBe(before)
    expect(
      hash([module("crm", { config, routes: [route("/crm")], provides: [tag("app/Crm")], layer: anyLayer })])
    ).not.toBe(before)
  })
})
