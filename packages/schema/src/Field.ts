/**
 * Fields: what a property, a param or a result may be. An Effect Schema, any Standard Schema that yields JSON
 * Schema (zod 4, valibot, arktype), or, among params, a reference to a node.
 */
import type * as Schema from "effect/Schema"
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "effect/StandardSchema"
import { maskOf } from "./internal/refuse.ts"
import { type MaskInput, READ } from "./Mask.ts"

/** An Effect Schema that needs no services. */
export type EffectField = Schema.ConstraintCodec<unknown, unknown, never, never>

/** A Standard Schema that validates and yields JSON Schema. */
export interface StandardField<I = unknown, O = unknown> {
  readonly "~standard": StandardSchemaV1.Props<I, O> & StandardJSONSchemaV1.Props<I, O>
}

export type Field = EffectField | StandardField

/** Properties by name. */
export type PropFields = Readonly<Record<string, Field>>

/** What a reference may point at: a class or interface, given as a value, a thunk of one, or its name. */
export interface RefTarget {
  readonly _tag: "NodeClass" | "Interface"
}

export interface RefOptions<Optional extends boolean = boolean> {
  /** Mask or names that the caller needs on the node; READ unless given, 0 to leave the check to the callable. */
  readonly needs?: MaskInput
  readonly optional?: Optional
  readonly description?: string
}

/** A param that is the address of a node: a string on the wire, in any form of address that names a node. */
export interface RefField<out Optional extends boolean = boolean> {
  readonly _tag: "Ref"
  readonly target: () => RefTarget | string
  readonly needs: number
  readonly optional: Optional
  readonly description: string | undefined
}

export type Param = Field | RefField

/** Params by name. */
export type ParamFields = Readonly<Record<string, Param>>

/**
 * A path-valued param. Kernel and host check that it names a node of that class, and that the **caller** has
 * `needs` on it, before the handler runs. A class that refers to itself is given by name: `ref("Contact")`.
 *
 * @example
 * ```ts
 * import { EDIT, fn, nodeClass, ref } from "@portico/schema"
 *
 * const Project = nodeClass()
 * const Contact = nodeClass({ methods: { assign: fn({ params: { project: ref(() => Project, { needs: EDIT }) } }) } })
 * ```
 */
export const ref = <const Optional extends boolean = false>(
  target: RefTarget | string | (() => RefTarget | string),
  options: RefOptions<Optional> = {}
): RefField<Optional> => ({
  _tag: "Ref",
  target: typeof target === "function" ? target : () => target,
  needs: options.needs === undefined ? READ : maskOf(options.needs, "needs of a ref"),
  // Boundary: the default of the type parameter is the default of the option.
  optional: (options.optional ?? false) as Optional,
  description: options.description
})

/** The value a field decodes to: what a handler receives, or what a caller receives as a result. */
export type DecodedOf<F> = F extends { readonly Type: infer T }
  ? T
  : F extends StandardField<infer _I, infer O>
    ? O
    : F extends RefField
      ? string
      : never

/** The value that a field is encoded from: what a caller passes, or what a handler returns. */
export type EncodableOf<F> = F extends { readonly Type: infer T }
  ? T
  : F extends StandardField<infer I, infer _O>
    ? I
    : F extends RefField
      ? string
      : never

type IsOptionalInput<F> = F extends { readonly "~type.optionality": "optional" }
  ? true
  : F extends { readonly "~encoded.optionality": "optional" }
    ? true
    : F extends RefField<infer Optional>
      ? Optional
      : F extends StandardField<infer I, infer _O>
        ? undefined extends I
          ? true
          : false
        : false

type IsOptionalOutput<F> = F extends { readonly "~type.optionality": "optional" }
  ? true
  : F extends RefField<infer Optional>
    ? Optional
    : F extends StandardField<infer _I, infer O>
      ? undefined extends O
        ? true
        : false
      : false

type Simplify<T> = { [K in keyof T]: T[K] } & {}

/** `{}`, and nothing else. */
export interface NoFields {
  readonly [name: string]: never
}

/** The object that a record of fields is encoded from; keys with a default may be left out. */
export type EncodableFields<P> = [keyof P] extends [never]
  ? NoFields
  : Simplify<
      { readonly [K in keyof P as IsOptionalInput<P[K]> extends true ? never : K]: EncodableOf<P[K]> } & {
        readonly [K in keyof P as IsOptionalInput<P[K]> extends true ? K : never]?: EncodableOf<P[K]> | undefined
      }
    >

/** The object that a record of fields decodes to. */
export type DecodedFields<P> = [keyof P] extends [never]
  ? NoFields
  : Simplify<
      { readonly [K in keyof P as IsOptionalOutput<P[K]> extends true ? never : K]: DecodedOf<P[K]> } & {
        readonly [K in keyof P as IsOptionalOutput<P[K]> extends true ? K : never]?: DecodedOf<P[K]>
      }
    >
