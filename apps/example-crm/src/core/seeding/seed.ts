import * as Effect from "effect/Effect"
import { D } from "../../schema/index.ts"
import { contactPath } from "../contacts/contactPath.ts"
import { propsOf } from "../contacts/createContact.ts"
import type { Graph } from "../Graph.ts"
import { assignments, contacts, projects } from "./data.ts"

const projectPath = (slug: string): string => `/projects/${slug}`

/**
 * Makes the seed data, and says how many nodes are new. It runs after every
 * install: what is there already, changed or not, is left alone.
 */
export const seed = Effect.fnUntraced(function* (kernel: Graph) {
  const { create, link } = kernel.effect
  let created = 0
  const count = (outcome: { readonly created: boolean }) => {
    if (outcome.created) created += 1
  }
  for (const contact of contacts) {
    count(yield* create(D.Contact, { path: contactPath(contact.email), props: propsOf(contact), onConflict: "skip" }))
  }
  for (const { slug, title } of projects) {
    count(yield* create(D.Project, { path: projectPath(slug), props: { title }, onConflict: "skip" }))
  }
  for (const { email, project, role } of assignments) {
    yield* link(contactPath(email), D.works_on, projectPath(project), { props: { role }, onConflict: "skip" })
  }
  return { created }
})
