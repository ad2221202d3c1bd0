import { compileDomain, defineSchema, edgeClass, fn, KernelSchema, nodeClass } from "@portico/schema"
import * as Schema from "effect/Schema"

export const Contact = nodeClass({
  implements: [KernelSchema.interfaces.Container, KernelSchema.interfaces.Named],
  props: { email: Schema.String, since: Schema.optional(Schema.DateFromString) },
  methods: {
    make: fn({ static: true, params: { email: Schema.String }, returns: Schema.String }),
    age: fn({ params: { at: Schema.DateFromString }, returns: Schema.NumberFromString }),
    follow: fn({ static: true, returns: Schema.String, output: "stream" })
  }
})
export const Project = nodeClass({ props: { title: Schema.String } })
export const works_on = edgeClass(
  { as: "contact", types: [Contact] },
  { as: "project", types: [Project] },
  { props: { role: Schema.String } }
)
export const schema = defineSchema("crm.example.dev", {
  classes: { Contact, Project, works_on },
  functions: { seed: fn({ returns: Schema.Int }) },
  imports: [KernelSchema]
})
export const D = compileDomain(schema)

export const ada = {
  id: "0198b0a0-0000-7000-8000-000000000001",
  path: "/contacts/ada",
  slug: "ada",
  class: D.Contact.ref,
  props: {
    [D.Contact.email.key]: "ada@example.dev",
    [D.Contact.since.key]: "1970-01-01T00:00:01.000Z",
    [D.Contact.name.key]: "Ada"
  },
  rev: 3,
  createdAt: 1,
  updatedAt: 2
}
