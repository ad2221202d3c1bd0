import type { AnyClass, Json, Prop, PropsOf } from "@portico/schema"
import { PorticoError } from "@portico/schema"
import * as Result from "effect/Result"

/** A node by its address (`/contacts/ada`, `@0198…`, `/:crm.example.dev`), or any answer that has its id. */
export type Target = string | { readonly id: string }

/** A node as the kernel answers it. Without READ an answer holds `id`, `path` and `rev` only. */
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

/** Compiled class or interface, as far as reading a node needs it. */
export type AnyHandle =
  | AnyClass
  | { readonly ref: string; readonly path: { readonly interface: { readonly raw: string } } }

/**
 * One property of a node or an edge, decoded; undefined where it is not set. Throws `INVALID_PARAMS` if the stored
 * value does not fit the schema that the caller was compiled with.
 *
 * @example
 * ```ts sketch
 * const email = readProp(await kernel.get("/contacts/ada"), D.Contact.email) // string | undefined
 * ```
 */
export const readProp = <P extends Prop>(
  from: { readonly props: Readonly<Record<string, Json>> },
  prop: P
):
  | (P extends { readonly codec: { readonly decode: (json: unknown) => Result.Result<infer A, infer _E> } } ? A : never)
  | undefined => {
  if (!Object.hasOwn(from.props, prop.key)) return undefined
  const decoded = prop.codec.decode(from.props[prop.key])
  if (Result.isFailure(decoded)) throw decoded.failure
  // Boundary: `Prop` without arguments forgets what its codec decodes to; `P` knows.
  return decoded.success as never
}

/** The address of a target. */
export const addressOf = (target: Target): string => {
  if (typeof target === "string") return target
  if (typeof target.id === "string" && target.id !== "") return `@${target.id}`
  throw PorticoError.make("INVALID_PATH", "A target is an address or something with an id.")
}
