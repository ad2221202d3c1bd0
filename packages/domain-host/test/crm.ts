import {
  classMethods,
  defineDomain,
  defineRemoteFunction,
  interfaceMethods,
  method,
  verifyStandardWebhook,
  webhookPath
} from "@portico/domain"
import {
  compileDomain,
  defineSchema,
  EDIT,
  edgeClass,
  fn,
  KernelSchema,
  nodeClass,
  nodeInterface,
  READ,
  ref
} from "@portico/schema"
import * as Schema from "effect/Schema"

export const webhookSecret = `whsec_${Buffer.from("shared with the sender").toString("base64")}`

const ContactOps = nodeInterface({
  methods: { createContact: fn({ static: true, params: { email: Schema.String }, returns: Schema.String }) }
})
const Contact = nodeClass({
  implements: [ContactOps, KernelSchema.interfaces.Container, KernelSchema.interfaces.Named],
  props: { email: Schema.String },
  methods: {
    assign: fn({ params: { project: ref(() => Project, { needs: EDIT }), role: Schema.String } }),
    mail: fn({ returns: Schema.String })
  }
})
const Project = nodeClass({ props: { title: Schema.String } })
const Event = nodeClass({ props: { type: Schema.String } })
const works_on = edgeClass(
  { as: "contact", types: [Contact] },
  { as: "project", types: [Project] },
  { props: { role: Schema.String }, unique: true }
)

export const schema = defineSchema("crm.example.dev", {
  interfaces: { ContactOps },
  classes: { Contact, Project, Event, works_on },
  functions: {
    seed: fn({ returns: Schema.Int }),
    hook: fn({ auth: "public", input: "binary", returns: Schema.String })
  },
  imports: [KernelSchema]
})
export const D = compileDomain(schema)

const createContact = method(schema, "ContactOps", "createContact", {
  execute: async ({ kernel, params }) =>
    (
      await kernel.create(D.Contact, {
        path: `/contacts/${params.email.split("@")[0]}`,
        props: { email: params.email }
      })
    ).path
})
const assign = method(schema, "Contact", "assign", {
  execute: async ({ kernel, params, self }) => {
    await kernel.link(self, D.works_on, params.project, { props: { role: params.role } })
  }
})
const mail = method(schema, "Contact", "mail", { execute: ({ self }) => self.props.email })

const seed = defineRemoteFunction(schema, "seed", {
  execute: async ({ selfKernel }) => {
    const { created } = await selfKernel().create(D.Contact, {
      path: "/contacts/ada",
      props: { email: "ada@example.dev" },
      onConflict: "skip"
    })
    return created ? 1 : 0
  }
})

const hook = defineRemoteFunction(schema, "hook", {
  auth: "public",
  execute: async ({ request, selfKernel }) => {
    const message = await verifyStandardWebhook(request, { secret: webhookSecret })
    const made = await selfKernel().create(D.Event, {
      path: webhookPath("/contacts", message),
      props: { type: "delivered" },
      onConflict: "merge"
    })
    return made.path
  }
})

export const crm = defineDomain({
  schema,
  version: "1.0.0",
  methods: {
    class: { Contact: classMethods(schema, "Contact", { assign, mail }) },
    interface: { ContactOps: interfaceMethods(schema, "ContactOps", { createContact }) }
  },
  functions: { seed, hook },
  owns: ["/contacts"],
  acts: { nodes: ["/"], perms: [READ] },
  postInstall: seed
})
