import { edgeClass } from "@portico/schema"
import * as Schema from "effect/Schema"
import { Contact } from "./contacts.ts"
import { Project } from "./projects.ts"

/** A contact works on a project, in one role. */
export const works_on = edgeClass(
  { as: "contact", types: [Contact], cardinality: "0..*" },
  { as: "project", types: [Project] },
  { props: { role: Schema.String.check(Schema.isMaxLength(200)) }, unique: true, description: "Works on, in a role." }
)
