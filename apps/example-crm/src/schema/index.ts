import { compileDomain, defineSchema, KernelSchema } from "@portico/schema"
import { Contact, ContactOps, Delivery } from "./contacts.ts"
import { works_on } from "./edges.ts"
import { inbound, seed } from "./functions.ts"
import { Project } from "./projects.ts"

/** The contract: what exists and what can be called. */
export const schema = defineSchema("crm.example.dev", {
  interfaces: { ContactOps },
  classes: { Contact, Project, Delivery, works_on },
  functions: { seed, inbound },
  imports: [KernelSchema]
})

/** The typed handles of the contract: `D.Contact.email.key`, `D.Contact.assign`, `D.works_on.role.key`. */
export const D = compileDomain(schema)
