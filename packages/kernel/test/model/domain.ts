import { compileDomain, defineSchema, edgeClass, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Schema from "effect/Schema"
import { bundleOf } from "../support/crm.ts"

const { Container, Named } = KernelSchema.interfaces

const Box = nodeClass({
  implements: [Container, Named],
  props: { code: Schema.optional(Schema.String), rank: Schema.optional(Schema.Finite) },
  unique: [["code"]],
  indexes: [["rank"], ["code", "rank"]]
})
const Task = nodeClass({
  props: { title: Schema.String, rank: Schema.optional(Schema.Finite) },
  indexes: [["rank", "title"]]
})
const Card = nodeClass({ props: { rank: Schema.optional(Schema.Finite) } })
/** Nobody has USE on it at first. */
const Rare = nodeClass({ implements: [Container] })
/** Nobody may READ it at first. */
const Hush = nodeClass({})

const likes = edgeClass(
  { as: "liker", types: [Task, Box], cardinality: "0..2" },
  { as: "liked", types: [Box] },
  { props: { weight: Schema.optional(Schema.Finite) } }
)
const before = edgeClass(
  { as: "first", types: [Box] },
  { as: "second", types: [Box], cardinality: "0..1" },
  { acyclic: true, noSelf: true, unique: true }
)
const knows = edgeClass(
  { as: "one", types: [Box, Task], cardinality: "0..2" },
  { as: "other", types: [Box, Task], cardinality: "0..2" },
  { symmetric: true, unique: true, noSelf: true }
)
/** Every Card starts one. */
const pinned = edgeClass({ as: "card", types: [Card], cardinality: "1..2" }, { as: "box", types: [Box] })
/** Nobody has USE on it at first. */
const rarely = edgeClass({ as: "one", types: [Box] }, { as: "other", types: [Box] })

const schema = defineSchema("model.example.dev", {
  classes: { Box, Task, Card, Rare, Hush, likes, before, knows, pinned, rarely },
  imports: [KernelSchema]
})

export const M = compileDomain(schema)
/** Grants nothing; what is granted on the schema is granted by the test. */
export const modelBundle = bundleOf(schema, { grants: {} })

/** What is granted to `authenticated`, by member of the domain. */
export const schemaGrants: ReadonlyArray<readonly [member: string, mask: number]> = [
  ...["Box", "Task", "Card", "likes", "before", "knows", "pinned"].map((name) => [`class.${name}`, 5] as const),
  ["class.Rare", 1],
  ["class.rarely", 1]
]

type Kind = "text" | "number"

/** What the model knows of a class, written down by hand. */
export interface ClassFacts {
  readonly container?: true
  readonly identity?: true
  readonly group?: true
  readonly props: Readonly<Record<string, { readonly key: string; readonly kind: Kind; readonly required?: true }>>
  readonly unique: ReadonlyArray<string>
  /** Edge classes of which a node has to start at least one. */
  readonly starts: ReadonlyArray<string>
}

const text = (key: string) => ({ key, kind: "text" as const })
const number = (key: string) => ({ key, kind: "number" as const })
const named = { name: text(K.Named.name.key) }
const described = { ...named, description: text(K.Descriptable.description.key) }

const none = { props: {}, unique: [], starts: [] } satisfies ClassFacts

/** By reference. Classes that only installs make nodes of are known by what their nodes can be: parents and identities. */
export const classFacts: ReadonlyMap<string, ClassFacts> = new Map<string, ClassFacts>([
  [
    M.Box.ref,
    {
      ...none,
      container: true,
      props: { ...named, code: text(M.Box.code.key), rank: number(M.Box.rank.key) },
      unique: ["code"]
    }
  ],
  [
    M.Task.ref,
    { ...none, props: { title: { ...text(M.Task.title.key), required: true }, rank: number(M.Task.rank.key) } }
  ],
  [M.Card.ref, { ...none, props: { rank: number(M.Card.rank.key) }, starts: [M.pinned.ref] }],
  [M.Rare.ref, { ...none, container: true }],
  [M.Hush.ref, none],
  [K.Folder.ref, { ...none, container: true, props: described }],
  [K.User.ref, { ...none, identity: true, props: described }],
  [K.Service.ref, { ...none, identity: true, props: described }],
  [K.Group.ref, { ...none, identity: true, group: true, props: described }],
  [K.Role.ref, { ...none, identity: true, group: true, props: described }],
  [K.Root.ref, { ...none, container: true }],
  [K.Domain.ref, { ...none, container: true, identity: true, props: described }],
  [K.Function.ref, { ...none, identity: true }],
  [K.View.ref, { ...none, identity: true }],
  [K.Class.ref, { ...none, container: true }],
  [K.Interface.ref, { ...none, container: true }],
  [K.EdgeClass.ref, none]
])

/** Most edges at one end: of the source, and of the target. */
export interface EdgeFacts {
  readonly ends: readonly [ReadonlyArray<string>, ReadonlyArray<string>]
  readonly most: readonly [number, number]
  /** Fewest that a source starts. */
  readonly least?: 1
  readonly acyclic?: true
  readonly noSelf?: true
  readonly unique?: true
  readonly symmetric?: true
  readonly props: ClassFacts["props"]
}

const any = Number.POSITIVE_INFINITY

/** By reference. */
export const edgeFacts: ReadonlyMap<string, EdgeFacts> = new Map<string, EdgeFacts>([
  [
    M.likes.ref,
    { ends: [[M.Task.ref, M.Box.ref], [M.Box.ref]], most: [2, any], props: { weight: number(M.likes.weight.key) } }
  ],
  [
    M.before.ref,
    { ends: [[M.Box.ref], [M.Box.ref]], most: [any, 1], acyclic: true, noSelf: true, unique: true, props: {} }
  ],
  [
    M.knows.ref,
    {
      ends: [
        [M.Box.ref, M.Task.ref],
        [M.Box.ref, M.Task.ref]
      ],
      most: [2, 2],
      symmetric: true,
      noSelf: true,
      unique: true,
      props: {}
    }
  ],
  [M.pinned.ref, { ends: [[M.Card.ref], [M.Box.ref]], most: [2, any], least: 1, props: {} }],
  [M.rarely.ref, { ends: [[M.Box.ref], [M.Box.ref]], most: [any, any], props: {} }]
])
