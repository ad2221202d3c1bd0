import {
  compileDomain,
  defineSchema,
  EDIT,
  edgeClass,
  fn,
  KernelSchema,
  nodeClass,
  nodeInterface,
  ref
} from "@portico/schema"
import * as Schema from "effect/Schema"

export const ContactOps = nodeInterface({
  methods: { createContact: fn({ static: true, params: { email: Schema.String }, returns: Schema.String }) }
})
export const Contact = nodeClass({
  implements: [ContactOps, KernelSchema.interfaces.Container, KernelSchema.interfaces.Named],
  props: { email: Schema.String, since: Schema.optional(Schema.DateFromString) },
  methods: {
    assign: fn({ params: { project: ref(() => Project, { needs: EDIT }), role: Schema.String }, returns: Schema.Void }),
    age: fn({ params: { at: Schema.DateFromString }, returns: Schema.NumberFromString })
  }
})
export const Project = nodeClass({ props: { title: Schema.String } })
export const works_on = edgeClass(
  { as: "contact", types: [Contact] },
  { as: "project", types: [Project] },
  { props: { role: Schema.String }, unique: true }
)

export const schema = defineSchema("crm.example.dev", {
  interfaces: { ContactOps },
  classes: { Contact, Project, works_on },
  functions: {
    seed: fn({ returns: Schema.Int }),
    hook: fn({ auth: "public", input: "binary", returns: Schema.String })
  },
  imports: [KernelSchema]
})

export const D = compileDomain(schema)
