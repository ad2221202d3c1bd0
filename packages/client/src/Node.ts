import type { AnyInterface, AnyNodeClass, EdgeClassDef, Json, Prop, PropsOf } from "@portico/schema"
import { PorticoError } from "@portico/schema"
import type * as Result from "effect/Result"
import { decodeProp, propsOfHandle } from "./internal/props.ts"

/** A node by its address (`/contacts/ada`, `@0198…`, `/:crm.example.dev`), or any answer that has its id. */
export type Target = string | { readonly id: string }

/**
 * A node as the kernel answers it. To who may not READ it `id`, `path` and `rev` are told; the rest is empty (`class`
 * is `""`).
 */
export interface GraphNode {
  /** UUIDv7; never changes. */
  readonly id: string
  readonly path: string
  readonly slug: string
  /** Ref of its class, for example `crm.example.dev:class.Contact`. */
  readonly class: string
  /** By qualified key, for example `crm.example.dev:class.Contact.property.email`. See {@link readProp}. */
  readonly props: Readonly<Record<string, Json>>
  /** Commit number of its last change. */
  readonly rev: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly updatedAt: number
}

/** A node of a known class: its properties decoded, by their short names. */
export interface NodeOf<C> extends Omit<GraphNode, "props"> {
  readonly props: PropsOf<C>
}

/** An edge as the kernel answers it. */
export interface GraphEdge {
  /** Ref of its class, for example `crm.example.dev:class.works_on`. */
  readonly class: string
  /** Node ids. */
  readonly source: string
  readonly target: string
  readonly slug?: string
  /** By qualified key. */
  readonly props: Readonly<Record<string, Json>>
  readonly rev: number
}

/** A compiled class, interface or edge class. */
export interface AnyHandle {
  /** For example `crm.example.dev:class.Contact`. */
  readonly ref: string
  readonly "~definition": AnyNodeClass | AnyInterface | EdgeClassDef
}

/** Anything that has properties by qualified key. */
export interface WithProps {
  readonly props: Readonly<Record<string, Json>>
}

type DecodedBy<P> = P extends {
  readonly codec: { readonly decode: (json: unknown) => Result.Result<infer A, infer _E> }
}
  ? A
  : never

/**
 * One property of a node or an edge, decoded; undefined where it is not set. Throws `CONTRACT_MISMATCH` if the stored
 * value does not fit the schema that the caller was compiled with.
 *
 * @example
 * ```ts
 * import { type GraphClient, readProp } from "@portico/client"
 * import { compileDomain, defineSchema, nodeClass } from "@portico/schema"
 * import * as Schema from "effect/Schema"
 *
 * const Contact = nodeClass({ props: { email: Schema.String } })
 * const D = compileDomain(defineSchema("crm.example.dev", { classes: { Contact } }))
 *
 * const emailOf = async (kernel: GraphClient, path: string): Promise<string | undefined> =>
 *   readProp(await kernel.get(path), D.Contact.email)
 * ```
 */
export const readProp = <P extends Prop>(from: WithProps, prop: P): DecodedBy<P> | undefined => {
  if (!Object.hasOwn(from.props, prop.key)) return undefined
  // Boundary: `Prop` without arguments forgets what its codec decodes to; `P` knows.
  return decodeProp(from, prop) as DecodedBy<P>
}

/**
 * All properties of a node or an edge that a class, interface or edge class declares, decoded, by their short names.
 * Throws `CONTRACT_MISMATCH` as {@link readProp} does.
 *
 * @example
 * ```ts
 * import { type GraphClient, readProps } from "@portico/client"
 * import { compileDomain, defineSchema, edgeClass, nodeClass } from "@portico/schema"
 * import * as Schema from "effect/Schema"
 *
 * const Contact = nodeClass({})
 * const end = (as: string) => ({ as, types: [Contact] })
 * const knows = edgeClass(end("one"), end("other"), { props: { since: Schema.Int } })
 * const D = compileDomain(defineSchema("crm.example.dev", { classes: { Contact, knows } }))
 *
 * const years = async (kernel: GraphClient): Promise<ReadonlyArray<number>> => {
 *   const { edges } = await kernel.getLinks("/contacts/ada", { edge: D.knows })
 *   return edges.map((edge) => readProps(D.knows, edge).since)
 * }
 * ```
 */
export const readProps = <H extends AnyHandle>(of: H, from: WithProps): PropsOf<H> => {
  const props: Record<string, unknown> = {}
  for (const prop of propsOfHandle(of)) {
    if (Object.hasOwn(from.props, prop.key)) props[prop.name] = decodeProp(from, prop)
  }
  // Boundary: built from the handle's own codecs, one property after the other.
  return props as PropsOf<H>
}

/** The address of a target. */
export const addressOf = (target: Target): string => {
  if (typeof target === "string") return target
  if (typeof target.id === "string" && target.id !== "") return `@${target.id}`
  throw PorticoError.make("INVALID_PATH", "A target is an address or something with an id.")
}
