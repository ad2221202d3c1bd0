import { describe, expect, it } from "@effect/vitest"
import { findings, messages, module } from "../support/planning.ts"

const kernel = (version?: string) => module("kernel", { version })
const crm = (range: string) => module("crm", { versions: { kernel: range } })

describe("GATE010 outside", () => {
  it("a version outside the range that another module states is refused", () => {
    expect(messages([kernel("1.4.0"), crm("^2.0.0")])).toEqual([
      'GATE010 module "crm" needs kernel ^2.0.0, but this product has 1.4.0'
    ])
  })

  it("a version inside it, and a module that is not part of the product, are no matter", () => {
    expect(messages([kernel("2.4.0"), crm("^2.0.0")])).toEqual([])
    expect(messages([crm("^2.0.0")])).toEqual([])
  })
})

describe("GATE010 unknownModule", () => {
  it("a range for a module whose id looks mistyped is a warning, with the one that was meant", () => {
    const crm = module("crm", { versions: { kernal: "^2.0.0" } })
    const [finding] = findings([kernel("1.0.0"), crm])
    expect(finding).toMatchObject({
      severity: "warning",
      message: 'module "crm" states a range for "kernal", which is no module of this product',
      candidates: ['did you mean "kernel"?']
    })
    expect(messages([module("mail"), crm])).toEqual([])
  })
})

describe("GATE010 noVersion", () => {
  it("a module that states no version meets no range", () => {
    expect(messages([kernel(), crm("^2.0.0")])).toEqual([
      'GATE010 module "crm" needs kernel ^2.0.0, but "kernel" states no version'
    ])
  })
})

describe("GATE010 malformedVersion", () => {
  it("a version must be a semantic one", () => {
    expect(messages([kernel("v2")])).toEqual(['GATE010 the version "v2" of module "kernel" is not a semantic version'])
  })
})

describe("GATE010 malformedRange", () => {
  it("a range must be readable, whether or not there is such a module", () => {
    expect(messages([crm("about two")])).toHaveLength(1)
    expect(messages([kernel("2.0.0"), crm("about two")])).toEqual([
      'GATE010 module "crm" needs kernel in a range that cannot be read: "about two"'
    ])
  })
})
