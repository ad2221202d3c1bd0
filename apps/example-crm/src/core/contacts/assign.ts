import * as Effect from "effect/Effect"
import { D } from "../../schema/index.ts"
import type { Graph } from "../Graph.ts"

/**
 * Puts a contact on a project; said again with another role, it changes the
 * role. That the caller may EDIT the project was checked before: the contract asks for it.
 */
export const assign = (kernel: Graph, contact: { readonly id: string }, project: string, role: string) =>
  Effect.asVoid(kernel.effect.link(contact, D.works_on, project, { props: { role }, onConflict: "merge" }))
