import * as Schema from "effect/Schema"
import { nodeClass } from "../../Definition.ts"
import { domainMethods } from "./domainMethods.ts"
import { memberMethods } from "./identityMethods.ts"
import { Callable, Container, Descriptable, Identity, Named, UI } from "./interfaces.ts"

const contract = Schema.Json.annotate({ description: "as in the contract of its domain" })

export const Root = nodeClass({ description: "The one node without a parent.", implements: [Container] })
export const Folder = nodeClass({ description: "Holds nodes.", implements: [Container, Named, Descriptable] })

export const Domain = nodeClass({
  description: "An installed domain.",
  implements: [Container, Identity, Named, Descriptable],
  props: {
    origin: Schema.String,
    contractId: Schema.String,
    version: Schema.optional(Schema.String),
    imports: Schema.Array(Schema.String),
    requires: Schema.Array(Schema.String),
    owns: Schema.Array(Schema.String),
    acts: Schema.optional(Schema.Json),
    postInstall: Schema.optional(Schema.String)
  },
  methods: domainMethods
})

export const Class = nodeClass({
  description: "A class of nodes.",
  implements: [Container, Descriptable],
  props: { contract }
})
export const Interface = nodeClass({
  description: "Members that classes share.",
  implements: [Container, Descriptable],
  props: { contract }
})
export const EdgeClass = nodeClass({
  description: "A class of edges.",
  implements: [Descriptable],
  props: { contract }
})
/** Named `Function` in the schema. */
export const Function_ = nodeClass({
  description: "A method or function.",
  implements: [Callable, Identity, Descriptable]
})
export const View = nodeClass({
  description: "Shows nodes to people.",
  implements: [UI, Identity, Named, Descriptable],
  props: { contract }
})

export const User = nodeClass({ description: "A person.", implements: [Identity, Named, Descriptable] })
export const Service = nodeClass({ description: "A program.", implements: [Identity, Named, Descriptable] })
export const Group = nodeClass({
  description: "Identities that share grants.",
  implements: [Identity, Named, Descriptable],
  methods: memberMethods
})
export const Role = nodeClass({
  description: "What its members may do.",
  implements: [Identity, Named, Descriptable],
  methods: memberMethods
})
