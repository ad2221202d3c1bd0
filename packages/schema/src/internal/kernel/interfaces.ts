import * as Schema from "effect/Schema"
import { nodeInterface } from "../../Definition.ts"
import { identityMethods } from "./identityMethods.ts"
import { nodeMethods } from "./nodeMethods.ts"

const Io = Schema.Literals(["value", "stream", "binary"])

export const Node = nodeInterface({ description: "Every node.", methods: nodeMethods })
export const Edge = nodeInterface({ description: "Every edge." })
export const Container = nodeInterface({ description: "May hold children." })
export const Named = nodeInterface({
  description: "May have a name for people to read.",
  props: { name: Schema.optional(Schema.String) }
})
export const Descriptable = nodeInterface({
  description: "May have a description.",
  props: { description: Schema.optional(Schema.String) }
})
export const Statused = nodeInterface({ description: "Has a status.", props: { status: Schema.String } })
export const Timestamped = nodeInterface({
  description: "Stands for something that has times of its own, in milliseconds since the epoch.",
  props: { startedAt: Schema.optional(Schema.Int), endedAt: Schema.optional(Schema.Int) }
})
export const Sluggable = nodeInterface({ description: "Has a slug that people chose and may change." })
export const Remotable = nodeInterface({
  description: "Stands for something kept elsewhere.",
  props: { externalId: Schema.String }
})
export const Identity = nodeInterface({ description: "Can be granted permissions.", methods: identityMethods })

export const Callable = nodeInterface({
  description: "Can be called. Its contract, as the domain declares it.",
  props: {
    static: Schema.Boolean,
    input: Io,
    output: Io,
    auth: Schema.Literals(["required", "optional", "public"]),
    params: Schema.Json,
    result: Schema.Json,
    takes: Schema.optional(Schema.Json),
    refs: Schema.Json,
    needs: Schema.Int,
    callerOnly: Schema.optional(Schema.Boolean),
    route: Schema.optional(Schema.Json),
    title: Schema.optional(Schema.String),
    deprecated: Schema.optional(Schema.Boolean)
  }
})

export const UI = nodeInterface({
  description: "Is shown to people.",
  props: { mount: Schema.optional(Schema.String) }
})
