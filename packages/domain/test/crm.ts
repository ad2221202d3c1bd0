import {
  classMethods,
  type DomainOptions,
  defineDomain,
  defineRemoteFunction,
  interfaceMethods,
  method
} from "@portico/domain"
import { D, schema } from "./fixtures.ts"

/** Implementations that do nothing much, for tests that are about something else. */
export const createContact = method(schema, "ContactOps", "createContact", {
  execute: async ({ kernel, params }) =>
    (await kernel.create(D.Contact, { path: `/contacts/${params.email}`, props: { email: params.email } })).path
})
export const assign = method(schema, "Contact", "assign", {
  execute: async ({ kernel, params, self }) => {
    await kernel.link(self, D.works_on, params.project, { props: { role: params.role } })
  }
})
export const age = method(schema, "Contact", "age", {
  execute: ({ params, self }) => params.at.getTime() - (self.props.since?.getTime() ?? 0)
})
export const seed = defineRemoteFunction(schema, "seed", { execute: () => 0 })
export const hook = defineRemoteFunction(schema, "hook", {
  auth: "public",
  execute: async ({ request }) => `${request?.body.length ?? 0} bytes`
})

export const methods = {
  class: { Contact: classMethods(schema, "Contact", { assign, age }) },
  interface: { ContactOps: interfaceMethods(schema, "ContactOps", { createContact }) }
}

type Overrides = Partial<
  Pick<DomainOptions<typeof schema, {}, {}, unknown>, "owns" | "acts" | "grants" | "requires" | "version">
>

export const makeCrm = (overrides: Overrides = {}) =>
  defineDomain({ schema, methods, functions: { seed, hook }, ...overrides })
