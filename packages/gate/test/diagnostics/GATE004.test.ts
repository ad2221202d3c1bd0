import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "../../src/index.ts"
import { anyLayer, findings, messages, module, tag } from "../support/planning.ts"

const Db = tag("app/Db")
const provides = [Db]

describe("GATE004 twoProviders", () => {
  it("one service provided twice is refused, and both places are shown", () => {
    const [finding] = findings([module("a", { provides, layer: anyLayer }), module("b", { provides, layer: anyLayer })])
    expect(finding).toMatchObject({ code: "GATE004", message: 'modules "a" and "b" both provide app/Db' })
    expect(finding?.places).toHaveLength(2)
  })

  it("of two that are conditional only those that are on count", () => {
    const a = module("a", { provides, layer: anyLayer })
    const b = module("b", { provides, layer: anyLayer })
    expect(messages([Gateway.when(true, a), Gateway.when(false, b)])).toEqual([])
    expect(messages([Gateway.when(true, a), Gateway.when(true, b)])).toHaveLength(1)
  })
})

describe("GATE004 framework", () => {
  it("a module cannot provide what the framework provides", () => {
    expect(messages([module("a", { provides: [Gateway.FrameworkSettings], layer: anyLayer })])).toEqual([
      'GATE004 module "a" provides @portico/gate/FrameworkSettings, which the framework provides itself'
    ])
  })
})
