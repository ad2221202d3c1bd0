/** Interfaces, node classes and edge classes as an author declares them. They get their names in `defineSchema`. */
import type { PropFields } from "./Field.ts"
import type { Fixed, FnDefs } from "./Fn.ts"

interface Documented {
  readonly description?: string
  readonly deprecated?: boolean
}

/** A name that something had in earlier versions of the domain, or all of them. */
export type Former = string | ReadonlyArray<string>

interface Renamed {
  readonly renamedFrom?: Former
  readonly renamedProps?: Readonly<Record<string, Former | undefined>>
}

/** Declares what was called otherwise before, so that an install keeps what is stored of it. */
interface RenameOptions<P> {
  /** What it was called before. */
  readonly renamedFrom?: Former
  /** What its properties were called before: `{ email: "mail" }`. */
  readonly renamedProps?: { readonly [K in keyof NoInfer<P>]?: Former }
}

export interface InterfaceDef<
  out P extends PropFields = PropFields,
  out M extends FnDefs = FnDefs,
  out E extends ReadonlyArray<AnyInterface> = ReadonlyArray<AnyInterface>
> extends Documented,
    Renamed {
  readonly _tag: "Interface"
  readonly extends: E
  readonly props: P
  readonly methods: M
  /** Present on what `defineSchema` returns: `crm.example.dev:interface.ContactOps`. */
  readonly ref?: string
}

export interface NodeClassDef<
  out P extends PropFields = PropFields,
  out M extends FnDefs = FnDefs,
  out I extends ReadonlyArray<AnyInterface> = ReadonlyArray<AnyInterface>
> extends Documented,
    Renamed {
  readonly _tag: "NodeClass"
  readonly implements: I
  readonly props: P
  readonly methods: M
  readonly unique: ReadonlyArray<ReadonlyArray<string>>
  readonly indexes: ReadonlyArray<ReadonlyArray<string>>
  readonly search?: SearchOptions
  /** Present on what `defineSchema` returns: `crm.example.dev:class.Contact`. */
  readonly ref?: string
}

export interface EdgeClassDef<out P extends PropFields = PropFields> extends Documented, Renamed {
  readonly _tag: "EdgeClass"
  /** Source, target. */
  readonly ends: readonly [EdgeEnd, EdgeEnd]
  readonly props: P
  readonly unique: boolean
  readonly noSelf: boolean
  readonly acyclic: boolean
  readonly symmetric: boolean
  /** Present on what `defineSchema` returns: `crm.example.dev:class.works_on`. */
  readonly ref?: string
}

/** Any interface, whatever its members are. */
export interface AnyInterface extends Documented, Renamed {
  readonly _tag: "Interface"
  readonly extends: ReadonlyArray<AnyInterface>
  readonly props: PropFields
  readonly methods: FnDefs
  readonly ref?: string
}

/** Any node class, whatever its members are. */
export interface AnyNodeClass extends Documented, Renamed {
  readonly _tag: "NodeClass"
  readonly implements: ReadonlyArray<AnyInterface>
  readonly props: PropFields
  readonly methods: FnDefs
  readonly unique: ReadonlyArray<ReadonlyArray<string>>
  readonly indexes: ReadonlyArray<ReadonlyArray<string>>
  readonly search?: SearchOptions
  readonly ref?: string
}

export type EndType = AnyNodeClass | AnyInterface

/** How many edges one node may have at an end: `0..*` unless given. */
export type Cardinality = "0..1" | "1" | "0..*" | "1..*" | `${number}..${number | "*"}`

export interface EdgeEnd {
  /** What the node at this end is to the edge, in camelCase. */
  readonly as: string
  /** Classes and interfaces whose nodes may stand here; a thunk where they refer to one another. */
  readonly types: ReadonlyArray<EndType> | (() => ReadonlyArray<EndType>)
  /** How many edges of this class a node at this end may have. */
  readonly cardinality?: Cardinality
}

export interface InterfaceOptions<P extends PropFields, M extends FnDefs, E extends ReadonlyArray<AnyInterface>>
  extends Documented,
    RenameOptions<P> {
  readonly extends?: E
  readonly props?: P
  readonly methods?: M
}

export interface NodeClassOptions<P extends PropFields, M extends FnDefs, I extends ReadonlyArray<AnyInterface>>
  extends Documented,
    RenameOptions<P> {
  readonly implements?: I
  readonly props?: P
  readonly methods?: M
  /** Lists of property names: no two nodes of the class agree on all of one list. */
  readonly unique?: ReadonlyArray<ReadonlyArray<string>>
  /** Lists of property names that `where` and `order` may use at scale. */
  readonly indexes?: ReadonlyArray<ReadonlyArray<string>>
  /** What a search looks at: every property that is a text or a list of texts, unless given. */
  readonly search?: SearchOptions
}

/**
 * Properties that a search looks at, by name. A node that has the words in its `title` is found before one that has them
 * in its `text`; its slug is part of its title. Nothing else of it is searched.
 */
export interface SearchOptions {
  readonly title?: ReadonlyArray<string>
  readonly text?: ReadonlyArray<string>
}

export interface EdgeClassOptions<P extends PropFields> extends Documented, RenameOptions<P> {
  readonly props?: P
  /** At most one edge between the same two nodes. */
  readonly unique?: boolean
  /** No edge from a node to itself. */
  readonly noSelf?: boolean
  /** No cycle of edges of this class. */
  readonly acyclic?: boolean
  /** An edge means the same both ways. */
  readonly symmetric?: boolean
}

const documented = (options: Documented & Renamed): Documented & Renamed => ({
  ...(options.renamedFrom === undefined ? {} : { renamedFrom: options.renamedFrom }),
  ...(options.renamedProps === undefined ? {} : { renamedProps: options.renamedProps }),
  ...(options.description === undefined ? {} : { description: options.description }),
  ...(options.deprecated === undefined ? {} : { deprecated: options.deprecated })
})

/**
 * Declares an interface: members that several classes share.
 *
 * @example
 * ```ts
 * import { nodeInterface } from "@portico/schema"
 * import { Schema } from "effect"
 *
 * const Priced = nodeInterface({ props: { price: Schema.Finite } })
 * ```
 */
export const nodeInterface = <
  const P extends PropFields = {},
  const M extends FnDefs = {},
  const E extends ReadonlyArray<AnyInterface> = readonly []
>(
  options: InterfaceOptions<P, M, E> = {}
): InterfaceDef<Fixed<P>, Fixed<M>, Fixed<E>> =>
  // Boundary: each default is the default of its type parameter.
  ({
    _tag: "Interface",
    extends: options.extends ?? [],
    props: options.props ?? {},
    methods: options.methods ?? {},
    ...documented(options)
  }) as InterfaceDef<P, M, E>

/**
 * Declares a class of nodes.
 *
 * @example
 * ```ts
 * import { nodeClass } from "@portico/schema"
 * import { Schema } from "effect"
 *
 * const Contact = nodeClass({
 *   props: { email: Schema.String, company: Schema.optional(Schema.String) },
 *   unique: [["email"]],
 *   search: { title: ["email"], text: ["company"] },
 *   // Version 1 called it Person, and the address `mail`: an install keeps what is stored.
 *   renamedFrom: "Person",
 *   renamedProps: { email: "mail" }
 * })
 * ```
 */
export const nodeClass = <
  const P extends PropFields = {},
  const M extends FnDefs = {},
  const I extends ReadonlyArray<AnyInterface> = readonly []
>(
  options: NodeClassOptions<P, M, I> = {}
): NodeClassDef<Fixed<P>, Fixed<M>, Fixed<I>> =>
  // Boundary: each default is the default of its type parameter.
  ({
    _tag: "NodeClass",
    implements: options.implements ?? [],
    props: options.props ?? {},
    methods: options.methods ?? {},
    unique: options.unique ?? [],
    indexes: options.indexes ?? [],
    ...(options.search === undefined ? {} : { search: options.search }),
    ...documented(options)
  }) as NodeClassDef<P, M, I>

/**
 * Declares a class of edges from `source` to `target`.
 *
 * @example
 * ```ts
 * import { edgeClass, nodeClass } from "@portico/schema"
 * import { Schema } from "effect"
 *
 * const Contact = nodeClass()
 * const Project = nodeClass()
 * const works_on = edgeClass(
 *   { as: "contact", types: [Contact], cardinality: "0..*" },
 *   { as: "project", types: [Project] },
 *   { props: { role: Schema.String }, unique: true }
 * )
 * ```
 */
export const edgeClass = <const P extends PropFields = {}>(
  source: EdgeEnd,
  target: EdgeEnd,
  options: EdgeClassOptions<P> = {}
): EdgeClassDef<Fixed<P>> =>
  // Boundary: the default is the default of its type parameter.
  ({
    _tag: "EdgeClass",
    ends: [source, target],
    props: options.props ?? {},
    unique: options.unique ?? false,
    noSelf: options.noSelf ?? false,
    acyclic: options.acyclic ?? false,
    symmetric: options.symmetric ?? false,
    ...documented(options)
  }) as EdgeClassDef<P>
