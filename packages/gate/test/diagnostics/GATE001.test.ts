import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "../../src/index.ts"
import { findings, messages, module } from "../support/planning.ts"

describe("GATE001 twoModules", () => {
  it("two modules with one id are refused, and both places are shown", () => {
    const first = Gateway.module.define({ id: "crm", displayName: "CRM" })
    const second = Gateway.module.define({ id: "crm", displayName: "Other CRM" })
    const [finding] = findings([first, second])
    expect(finding).toMatchObject({ code: "GATE001", severity: "error", message: 'two modules have the id "crm"' })
    const [one, two] = finding?.places.map(({ place }) => place) ?? []
    expect(one?.file).toMatch(/GATE001\.test\.ts$/)
    expect(two?.file).toBe(one?.file)
    expect(two?.line).toBe((one?.line ?? 0) + 1)
  })

  it("each of three modules with one id is told apart from the first", () => {
    expect(messages([module("crm"), module("crm"), module("crm")])).toHaveLength(2)
  })
})

describe("GATE001 listedTwice", () => {
  it("a module listed twice is one finding, not one for each of its parts", () => {
    const crm = module("crm", { routes: [{ id: "r", scope: "public", auth: "public", mountPath: "/crm" }] })
    expect(messages([crm, crm]).filter((message) => !message.startsWith("GATE013"))).toEqual([
      'GATE001 module "crm" is listed twice'
    ])
  })

  it("a module that is listed once more under a flag that is off is listed once", () => {
    const crm = module("crm")
    expect(messages([crm, Gateway.when(false, crm)])).toEqual([])
    expect(messages([crm, Gateway.when(true, crm)])).toEqual(['GATE001 module "crm" is listed twice'])
  })
})
