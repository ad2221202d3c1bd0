import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { contractId, type DomainContract, KernelSchema, parseContract } from "../src/index.ts"
import { schema as crm } from "./fixtures/crm.ts"

/** A contract as it comes out of an install bundle, with something changed. */
const changed = (change: (contract: Loose) => void): unknown => {
  const copy: Loose = JSON.parse(JSON.stringify(crm.contract))
  change(copy)
  return copy
}
// Tests write nonsense into contracts on purpose, which the types forbid.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Loose = any

const refusal = (input: unknown): string => {
  const result = parseContract(input)
  if (Result.isSuccess(result)) throw new Error("it was taken")
  expect(result.failure.status).toBe(400)
  return JSON.stringify(result.failure.details)
}

describe("parseContract", () => {
  it.each<[string, DomainContract]>([
    ["crm", crm.contract],
    ["the kernel", KernelSchema.contract]
  ])("reads back the contract of %s, and its id", (_what, contract) => {
    const read = Result.getOrThrow(parseContract(JSON.parse(JSON.stringify(contract))))
    expect(read).toEqual(contract)
    expect(contractId(read)).toBe(contractId(contract))
  })

  it.each([
    ["nothing", undefined, "a contract is JSON"],
    ["null", null, "Expected"],
    ["a list", [], "Expected"],
    ["another version", changed((c) => (c.v = 2)), '"v"'],
    ["an unknown key", changed((c) => (c.extra = 1)), '"extra"'],
    ["an unknown key in a method", changed((c) => (c.classes.Contact.methods.assign.sudo = true)), '"sudo"'],
    ["a missing part", changed((c) => delete c.edges), '"edges"'],
    ["an origin that is none", changed((c) => (c.origin = "CRM")), "an origin is a domain name"],
    ["an import that is none", changed((c) => c.imports.push("../x")), "is no origin"],
    ["a class in lower case", changed((c) => (c.classes.lower = c.classes.Project)), "PascalCase"],
    [
      "a class under another's reference",
      changed((c) => (c.classes.Other = c.classes.Project)),
      "this is crm.example.dev:class.Other"
    ],
    [
      "a property under another's key",
      changed((c) => (c.classes.Contact.props.email.key = "kernel.portico.dev:interface.Named.property.name")),
      "this is crm.example.dev:class.Contact.property.email"
    ],
    [
      "a method of the kernel",
      changed((c) => (c.classes.Contact.methods.grantPerm = c.classes.Contact.methods.assign)),
      "the kernel's own"
    ],
    [
      "items of what is no stream",
      changed((c) => (c.classes.Contact.methods.assign.takes = {})),
      "only a stream of input has items"
    ],
    [
      "items that are no JSON Schema",
      changed((c) => Object.assign(c.classes.Contact.methods.assign, { input: "stream", takes: { type: "date" } })),
      '"takes"'
    ],
    [
      "a property called __proto__",
      changed((c) => (c.classes.Project.props = JSON.parse('{"__proto__":{}}'))),
      "Missing key"
    ],
    [
      "a property called constructor",
      changed((c) => (c.classes.Project.props.constructor = c.classes.Project.props.title)),
      "is reserved"
    ],
    [
      "a class that implements a class",
      changed((c) => c.classes.Project.implements.push("crm.example.dev:class.Contact")),
      "is no reference to an interface"
    ],
    [
      "a reference to nothing",
      changed((c) => c.classes.Project.implements.push("crm.example.dev:interface.Nothing")),
      "there is no crm.example.dev:interface.Nothing"
    ],
    [
      "a reference to what is not imported",
      changed((c) => c.edges.works_on.ends[0].types.push("evil.example:class.X")),
      "evil.example is not imported"
    ],
    ["a mask of 31", changed((c) => (c.classes.Contact.methods.assign.needs = 31)), '"needs"'],
    ["a mask in words", changed((c) => (c.classes.Contact.methods.assign.refs[0].needs = "3")), '"needs"'],
    [
      "a reference to no param",
      changed((c) => (c.classes.Contact.methods.assign.refs[0].param = "nobody")),
      "there is no param nobody"
    ],
    [
      "open params",
      changed((c) => delete c.classes.Contact.methods.assign.params.additionalProperties),
      "params are a closed object"
    ],
    [
      "params that are a list",
      changed((c) => (c.classes.Contact.methods.assign.params = { type: "array" })),
      "params are a closed object"
    ],
    ["a function with a self", changed((c) => (c.functions.seed.static = false)), "a function has no self"],
    ["a cardinality of nothing", changed((c) => (c.edges.works_on.ends[0].cardinality = "5..2")), "is no cardinality"],
    [
      "a catastrophic pattern",
      changed((c) => (c.classes.Contact.props.email.schema = { type: "string", pattern: "^(a+)+$" })),
      "more than linear time"
    ],
    [
      "a catastrophic pattern in a result",
      changed((c) => (c.functions.seed.result = { items: { pattern: "(x+x+)+y" } })),
      "more than linear time"
    ],
    [
      "a reference to another document",
      changed((c) => (c.functions.seed.result = { $ref: "https://evil.example/x" })),
      "refers to nothing here"
    ],
    ["a schema that is text", changed((c) => (c.functions.seed.result = "x")), "a schema is an object"]
  ])("refuses %s", (_what, input, why) => {
    expect(refusal(input)).toContain(why)
  })

  it("says where each fault is", () => {
    const result = parseContract(
      changed((c) => (c.classes.Contact.props.email.schema = { type: "string", pattern: "(" }))
    )
    if (Result.isSuccess(result)) throw new Error("it was taken")
    expect(result.failure.details?.issues).toMatchObject([{ path: ["classes", "Contact", "props", "email", "schema"] }])
  })

  it("refuses nesting of 100,000 without a crash", () => {
    let deep: unknown = {}
    for (let i = 0; i < 100_000; i++) deep = { not: deep }
    expect(refusal(changed((c) => (c.functions.seed.result = deep)))).toContain("nested at most 64 deep")
  })

  it("takes 2,000 classes in reasonable time", () => {
    const many = changed((c) => {
      for (let i = 0; i < 2_000; i++) {
        const ref = `crm.example.dev:class.C${i}`
        const title = { key: `${ref}.property.title`, schema: { type: "string" }, required: true }
        c.classes[`C${i}`] = { ...c.classes.Project, ref, props: { title } }
      }
    })
    const begin = performance.now()
    const read = Result.getOrThrow(parseContract(many))
    expect(contractId(read)).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(performance.now() - begin).toBeLessThan(3_000)
  })
})
