import { defineSchema, edgeClass, fn, KernelSchema, nodeClass, nodeInterface } from "@portico/schema"
import * as Schema from "effect/Schema"

const origin = "people.example.dev"
const imports = [KernelSchema]

const Costly = nodeInterface({ props: { cost: Schema.Int } })
const Person = nodeClass({
  implements: [Costly, KernelSchema.interfaces.Container],
  props: { mail: Schema.String },
  unique: [["mail"]],
  indexes: [["cost"]],
  methods: { hello: fn({}) }
})
const met = edgeClass(
  { as: "one", types: [Person] },
  { as: "other", types: [Person] },
  { props: { at: Schema.String } }
)

/** A domain, and a version of it that calls everything otherwise. */
export const first = defineSchema(origin, {
  interfaces: { Costly },
  classes: { Person, met },
  functions: { fill: fn({}) },
  views: { face: { viewFor: [Person] } },
  imports
})

const Priced = nodeInterface({ renamedFrom: "Costly", props: { price: Schema.Int }, renamedProps: { price: "cost" } })
const Contact = nodeClass({
  renamedFrom: "Person",
  implements: [Priced, KernelSchema.interfaces.Container],
  // A word that is found as what a node is called.
  props: { name: Schema.String },
  renamedProps: { name: "mail" },
  unique: [["name"]],
  indexes: [["price"]],
  methods: { greet: fn({ renamedFrom: "hello" }) }
})
const knows = edgeClass(
  { as: "one", types: [Contact] },
  { as: "other", types: [Contact] },
  { renamedFrom: "met", props: { since: Schema.String }, renamedProps: { since: "at" } }
)

export const second = defineSchema(origin, {
  interfaces: { Priced },
  classes: { Contact, knows },
  functions: { seed: fn({ renamedFrom: "fill" }) },
  views: { card: { renamedFrom: "face", viewFor: [Contact] } },
  imports
})

/** References and keys of the one, and of the other. */
export const ofFirst = {
  Person: `${origin}:class.Person`,
  met: `${origin}:class.met`,
  mail: `${origin}:class.Person.property.mail`,
  cost: `${origin}:interface.Costly.property.cost`,
  at: `${origin}:class.met.property.at`
}
export const ofSecond = {
  Contact: `${origin}:class.Contact`,
  knows: `${origin}:class.knows`,
  name: `${origin}:class.Contact.property.name`,
  price: `${origin}:interface.Priced.property.price`,
  since: `${origin}:class.knows.property.since`
}
