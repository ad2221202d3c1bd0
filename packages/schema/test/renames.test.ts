import { describe, expect, it } from "@effect/vitest"
import {
  contractId,
  type DomainContract,
  defineSchema,
  edgeClass,
  fn,
  nodeClass,
  nodeInterface,
  parseContract
} from "@portico/schema"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const Contact = nodeClass({
  renamedFrom: ["Person", "Human"],
  props: { email: Schema.String, note: Schema.optionalKey(Schema.String) },
  renamedProps: { email: "mail" },
  methods: { greet: fn({ renamedFrom: "hello" }) }
})
const knows = edgeClass(
  { as: "one", types: [Contact] },
  { as: "other", types: [Contact] },
  { renamedFrom: "met", props: { since: Schema.String }, renamedProps: { since: "from" } }
)
const Priced = nodeInterface({
  renamedFrom: "Costly",
  props: { price: Schema.Finite },
  renamedProps: { price: ["cost"] }
})
const schema = defineSchema("crm.example.dev", {
  interfaces: { Priced },
  classes: { Contact, knows },
  functions: { seed: fn({ renamedFrom: "fill" }) },
  views: { card: { renamedFrom: "face" } }
})

/** The contract with one part replaced by any nonsense. */
const changed = (change: (contract: DomainContract) => object): unknown => ({
  ...schema.contract,
  ...change(schema.contract)
})

const problemOf = (contract: unknown): string | undefined => {
  const read = parseContract(contract)
  return Result.isFailure(read) ? read.failure.message : undefined
}

describe("former names", () => {
  it("are part of the contract of what has them, and survive being sent", () => {
    const { classes, edges, functions, interfaces, views } = schema.contract
    expect(classes.Contact).toMatchObject({
      renamedFrom: ["Person", "Human"],
      props: { email: { renamedFrom: ["mail"] } },
      methods: { greet: { renamedFrom: ["hello"] } }
    })
    expect(classes.Contact?.props.note).not.toHaveProperty("renamedFrom")
    expect(edges.knows).toMatchObject({ renamedFrom: ["met"], props: { since: { renamedFrom: ["from"] } } })
    expect(interfaces.Priced).toMatchObject({ renamedFrom: ["Costly"], props: { price: { renamedFrom: ["cost"] } } })
    expect(functions.seed?.renamedFrom).toEqual(["fill"])
    expect(views.card?.renamedFrom).toEqual(["face"])
    const read = parseContract(JSON.parse(JSON.stringify(schema.contract)))
    expect(Result.getOrThrow(read)).toEqual(schema.contract)
  })

  it("change the contract's id, whatever their order", () => {
    const named = (renamedFrom?: ReadonlyArray<string>) =>
      defineSchema("crm.example.dev", {
        classes: { Contact: nodeClass(renamedFrom === undefined ? {} : { renamedFrom }) }
      })
    expect(named(["Person"]).contractId).not.toBe(named().contractId)
    expect(named(["Person", "Human"]).contractId).toBe(named(["Human", "Person"]).contractId)
    expect(contractId(schema.contract)).toBe(schema.contractId)
  })

  it.each([
    [
      "a name that is still declared",
      { renamedProps: { email: "note" } },
      'Contact.email renamedFrom: "note" is still'
    ],
    ["its own name", { renamedProps: { email: "email" } }, 'Contact.email renamedFrom: "email" is still declared'],
    ["a name twice", { renamedProps: { email: ["a", "a"] } }, '"a" is already what "email" was called'],
    ["one name for two", { renamedProps: { email: "a", note: "a" } }, '"a" is already what "email" was called'],
    ["no name at all", { renamedProps: { email: "a b" } }, "letters, digits"],
    [
      "a name of another kind",
      { renamedFrom: "was_edge" },
      "Contact renamedFrom: the name of a node class is PascalCase"
    ]
  ])("refuse %s", (_, options, message) => {
    const make = () =>
      defineSchema("crm.example.dev", {
        classes: { Contact: nodeClass({ props: { email: Schema.String, note: Schema.String }, ...options }) }
      })
    expect(make).toThrow(message)
  })

  it("refuse properties that are declared elsewhere or nowhere", () => {
    // Boundary: what a program without types may write.
    const options = { renamedProps: { phone: "tel" } } as object
    expect(() => defineSchema("crm.example.dev", { classes: { Contact: nodeClass(options) } })).toThrow(
      'Contact renamedProps: it declares no property "phone"'
    )
  })

  it("are checked in contracts of others, too", () => {
    const having = (renamedFrom: unknown) =>
      changed(({ classes }) => ({ classes: { Contact: { ...classes.Contact, renamedFrom } } }))
    expect(problemOf(having(["Contact"]))).toContain('classes.Contact.renamedFrom: "Contact" is still declared')
    expect(problemOf(having(["../x"]))).toContain("PascalCase")
    expect(problemOf(having([]))).toContain("classes.Contact.renamedFrom")
    expect(problemOf(having("Person"))).toContain("classes.Contact.renamedFrom")
    expect(problemOf(having(Array.from({ length: 101 }, (_, index) => `P${index}`)))).toContain("renamedFrom")
    expect(
      problemOf(changed(({ functions }) => ({ functions: { ...functions, other: { ...functions.seed } } })))
    ).toContain('"fill" is already what "seed" was called')
  })
})
