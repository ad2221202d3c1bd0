import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { HealthCheck } from "../../src/HealthCheck.ts"
import { Gateway } from "../../src/index.ts"
import { findings, messages, module } from "../support/planning.ts"

const Tool = Schema.Struct({ name: Schema.String })
const tools = Gateway.extensionPoint<typeof Tool.Type>("mcp.tools", { schema: Tool, identityOf: ({ name }) => name })
const mcp = module("mcp", { owns: [tools] })
const crm = module("crm", { contributes: [tools.of({ name: "find" })] })

describe("GATE008 noOwner", () => {
  it("a contribution that no module reads is refused, with its place and the point's", () => {
    const [finding] = findings([crm])
    expect(finding?.message).toBe('module "crm" contributes to mcp.tools, which no module of this product owns')
    expect(finding?.places.map(({ what }) => what)).toEqual([
      'contribution of module "crm"',
      'extension point "mcp.tools"'
    ])
    expect(messages([crm, mcp])).toEqual([])
  })

  it("the module that would own it is suggested, also if it is switched off", () => {
    expect(findings([crm], { catalogue: [mcp] })[0]?.candidates).toEqual([
      'did you forget to add module "mcp" (Some module)? It owns it'
    ])
    expect(findings([crm, Gateway.when(false, mcp)])[0]?.candidates).toEqual([
      'module "mcp" owns it, but Gateway.when switched it off'
    ])
  })

  it("the framework's points need no owner", () => {
    expect(messages([module("crm", { contributes: [HealthCheck.of({ name: "disk", check: Effect.void })] })])).toEqual(
      []
    )
  })
})

describe("GATE008 twoOwners", () => {
  it("a point has one owner", () => {
    expect(messages([mcp, module("other", { owns: [tools] })])).toEqual([
      'GATE008 module "mcp" and module "other" both own mcp.tools'
    ])
  })

  it("the framework's points have one already", () => {
    expect(messages([module("crm", { owns: [HealthCheck] })])).toEqual([
      'GATE008 the framework and module "crm" both own gate.health-checks'
    ])
  })
})

describe("GATE008 otherPoint", () => {
  it("another point of the same id is not the owner's", () => {
    const copy = Gateway.extensionPoint<typeof Tool.Type>("mcp.tools")
    expect(messages([mcp, module("crm", { contributes: [copy.of({ name: "find" })] })])).toEqual([
      'GATE008 module "crm" contributes to another extension point that is also called mcp.tools'
    ])
  })
})

describe("GATE008 wrongShape", () => {
  it("a value that does not fit the point's schema is refused before anything starts", () => {
    // A caller without types, for example plain JavaScript.
    const wrong = JSON.parse('{ "name": 3 }')
    expect(messages([mcp, module("crm", { contributes: [tools.of(wrong)] })])).toEqual([
      'GATE008 a contribution of module "crm" to mcp.tools has the wrong shape: Expected string at ["name"]'
    ])
  })
})
