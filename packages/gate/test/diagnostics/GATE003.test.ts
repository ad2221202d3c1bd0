import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "../../src/index.ts"
import { anyLayer, findings, messages, module, tag } from "../support/planning.ts"

const A = tag("app/A")
const B = tag("app/B")
const C = tag("app/C")
const layer = anyLayer

describe("GATE003 cycle", () => {
  it("a cycle is printed whole, with the service on each arrow", () => {
    const a = module("a", { provides: [A], requires: [B], layer })
    const b = module("b", { provides: [B], requires: [A], layer })
    const [finding] = findings([a, b])
    expect(finding?.message).toBe("a -> b -> a is a cycle: a -(app/B)-> b -(app/A)-> a")
    expect(finding?.places.map(({ what }) => what)).toEqual(['module "a"', 'module "b"'])
  })

  it("an arrow that only orders says so", () => {
    const a = module("a", { provides: [A], after: ["b"], layer })
    const b = module("b", { requires: [A] })
    expect(messages([a, b])).toEqual(["GATE003 a -> b -> a is a cycle: a -(after)-> b -(app/A)-> a"])
  })

  it("optional requirements close a cycle as well", () => {
    const a = module("a", { provides: [A], requires: [Gateway.optional(B)], layer })
    const b = module("b", { provides: [B], requires: [A], layer })
    expect(messages([a, b])).toHaveLength(1)
  })

  it("a module that needs what it provides is a cycle of one", () => {
    expect(messages([module("a", { provides: [A], requires: [A], layer })])).toEqual([
      "GATE003 a -> a is a cycle: a -(app/A)-> a"
    ])
  })

  it("modules that only wait for a cycle are not on it", () => {
    const a = module("a", { provides: [A], requires: [B], layer })
    const b = module("b", { provides: [B], requires: [A], layer })
    const c = module("c", { provides: [C], requires: [A], layer })
    expect(messages([c, a, b])).toEqual(["GATE003 a -> b -> a is a cycle: a -(app/B)-> b -(app/A)-> a"])
  })
})
