import {
  type AnyDomainSchema,
  compileDomain,
  defineSchema,
  EDIT,
  edgeClass,
  fn,
  KernelSchema,
  nodeClass,
  nodeInterface,
  ref
} from "@portico/schema"
import * as Schema from "effect/Schema"
import type { InstallBundle } from "../../src/index.ts"

export const origin = "crm.example.dev"

const Greets = nodeInterface({ methods: { hello: fn({ returns: Schema.String }) } })
const Waves = nodeInterface({ methods: { hello: fn({ returns: Schema.String }) } })

const Contact = nodeClass({
  implements: [Greets, KernelSchema.interfaces.Named, KernelSchema.interfaces.Container],
  props: {
    email: Schema.String,
    company: Schema.optional(Schema.String),
    address: Schema.optional(
      Schema.Struct({ city: Schema.optionalKey(Schema.String), zip: Schema.optionalKey(Schema.String) })
    )
  },
  unique: [["email"]],
  methods: {
    assign: fn({
      params: { project: ref(() => Project, { needs: EDIT }), role: Schema.String },
      returns: Schema.String
    }),
    import: fn({ static: true, params: { count: Schema.Int }, returns: Schema.Int }),
    ping: fn({ static: true, auth: "optional", returns: Schema.String })
  }
})
const Project = nodeClass({ implements: [KernelSchema.interfaces.Container], props: { title: Schema.String } })
const Twin = nodeClass({ implements: [Greets, Waves] })
const Leaf = nodeClass({})

const works_on = edgeClass(
  { as: "contact", types: [Contact], cardinality: "0..2" },
  { as: "project", types: [Project] },
  { props: { role: Schema.String }, unique: true }
)
const blocks = edgeClass(
  { as: "blocker", types: [Project] },
  { as: "blocked", types: [Project] },
  { acyclic: true, noSelf: true }
)
const knows = edgeClass(
  { as: "one", types: [Contact] },
  { as: "other", types: [Contact] },
  { symmetric: true, unique: true }
)
const noted = edgeClass({ as: "leaf", types: [Leaf] }, { as: "contact", types: [Contact] })

export const schema = defineSchema(origin, {
  interfaces: { Greets, Waves },
  classes: { Contact, Project, Twin, Leaf, works_on, blocks, knows, noted },
  functions: { seed: fn({ returns: Schema.String }) },
  imports: [KernelSchema]
})

export const D = compileDomain(schema)

/** A bundle of a schema with nothing else declared. */
export const bundleOf = (of: AnyDomainSchema, rest: Partial<InstallBundle> = {}): InstallBundle => ({
  contract: of.contract,
  contractId: of.contractId,
  requires: [],
  owns: [],
  acts: null,
  grants: {},
  postInstall: null,
  ...rest
})

export const bundle = bundleOf(schema)
