import { classMethods, interfaceMethods, method } from "@portico/domain"
import * as Effect from "effect/Effect"
import { addContacts as addAll } from "../core/contacts/addContacts.ts"
import { assign as assignContact } from "../core/contacts/assign.ts"
import { createContact as makeContact } from "../core/contacts/createContact.ts"
import { directory as everybody } from "../core/contacts/directory.ts"
import { enrich as enrichContact } from "../core/contacts/enrich.ts"
import { makeDeps } from "../deps.ts"
import { schema } from "../schema/index.ts"

/** The composition root: which logic is behind which method, and what it is given. */

const createContact = method(schema, "ContactOps", "createContact", {
  execute: ({ kernel, params }) => makeContact(kernel, params)
})

const addContacts = method(schema, "ContactOps", "addContacts", {
  execute: ({ input, kernel }) => addAll(kernel, input)
})

const directory = method(schema, "ContactOps", "directory", {
  execute: ({ caller }) => Effect.succeed(everybody(caller))
})

const assign = method(schema, "Contact", "assign", {
  execute: ({ kernel, params, self }) => assignContact(kernel, self, params.project, params.role)
})

const enrich = method(schema, "Contact", "enrich", {
  deps: makeDeps,
  execute: ({ deps, kernel, self }) =>
    Effect.flatMap(Effect.fromResult(deps.enrichment()), (enrichment) => enrichContact(kernel, enrichment, self))
})

export const methods = {
  class: { Contact: classMethods(schema, "Contact", { assign, enrich }) },
  interface: { ContactOps: interfaceMethods(schema, "ContactOps", { createContact, addContacts, directory }) }
}
