import { nodeClass } from "@portico/schema"
import * as Schema from "effect/Schema"

/** Something that contacts work on, filed under `/projects`. */
export const Project = nodeClass({
  description: "Something that contacts work on.",
  props: { title: Schema.String.check(Schema.isMaxLength(200)) }
})
