import * as Effect from "effect/Effect"
import { D } from "../../schema/index.ts"
import type { Graph } from "../Graph.ts"
import { canonicalEmail, contactPath } from "./contactPath.ts"

export interface NewContact {
  readonly email: string
  readonly name?: string | undefined
  readonly company?: string | undefined
}

/** What is known of somebody, as properties; what is not known is left out. */
export const propsOf = ({ company, email, name }: NewContact) => ({
  email: canonicalEmail(email),
  ...(name === undefined ? {} : { name }),
  ...(company === undefined ? {} : { company })
})

/** Makes a contact and gives its path; PATH_CONFLICT if there is one with this e-mail address. */
export const createContact = (kernel: Graph, contact: NewContact) =>
  Effect.map(
    kernel.effect.create(D.Contact, { path: contactPath(contact.email), props: propsOf(contact) }),
    ({ path }) => path
  )
