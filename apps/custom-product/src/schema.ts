import { compileDomain, defineSchema, KernelSchema, nodeClass } from "@portico/schema"
import * as Schema from "effect/Schema"

const Link = nodeClass({
  description: "A short link.",
  props: { target: Schema.String, title: Schema.String }
})

/** What this product keeps in the graph. */
export const schema = defineSchema("links.example.dev", { classes: { Link }, imports: [KernelSchema] })

export const D = compileDomain(schema)
