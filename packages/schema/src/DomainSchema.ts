/** `defineSchema`: the contract of a domain as a value, checked when it is made. */
import type { AuthMode, DomainContract } from "./Contract.ts"
import type { AnyInterface, AnyNodeClass, EdgeClassDef, EndType, Former } from "./Definition.ts"
import type { FnDefs } from "./Fn.ts"
import { makeDomainSchema } from "./internal/makeDomainSchema.ts"

export { SchemaDefinitionError } from "./internal/refuse.ts"

/** A view of a domain: what is shown for nodes of some classes. */
export interface ViewDef {
  readonly auth?: AuthMode
  /** Where the worker mounts it, for example `/ui/contact`. */
  readonly mount?: string
  readonly viewFor?: ReadonlyArray<EndType>
  /** What it was called in earlier versions of the domain. */
  readonly renamedFrom?: Former
  readonly title?: string
  readonly description?: string
  readonly deprecated?: boolean
}

export type InterfaceDefs = Readonly<Record<string, AnyInterface>>
export type ClassDefs = Readonly<Record<string, AnyNodeClass | EdgeClassDef>>
export type ViewDefs = Readonly<Record<string, ViewDef>>

export interface DomainSchemaOptions<
  I extends InterfaceDefs,
  C extends ClassDefs,
  F extends FnDefs,
  V extends ViewDefs
> {
  readonly interfaces?: I
  /** Node classes in PascalCase and edge classes in snake_case. */
  readonly classes?: C
  readonly functions?: F
  readonly views?: V
  /** Schemas whose classes and interfaces this one names. */
  readonly imports?: ReadonlyArray<AnyDomainSchema>
}

/** Any domain's schema. */
export interface AnyDomainSchema {
  readonly _tag: "DomainSchema"
  readonly origin: string
  readonly interfaces: InterfaceDefs
  readonly classes: ClassDefs
  readonly functions: FnDefs
  readonly views: ViewDefs
  readonly imports: ReadonlyArray<AnyDomainSchema>
  /** The wire contract, with titles and descriptions. */
  readonly contract: DomainContract
  /** `sha256:` and 64 hex digits. */
  readonly contractId: string
  /** The references of the definitions that went in, by identity. */
  readonly "~refs": ReadonlyMap<unknown, string>
}

export interface DomainSchema<
  out Origin extends string = string,
  out I extends InterfaceDefs = InterfaceDefs,
  out C extends ClassDefs = ClassDefs,
  out F extends FnDefs = FnDefs,
  out V extends ViewDefs = ViewDefs
> extends AnyDomainSchema {
  readonly origin: Origin
  readonly interfaces: { readonly [K in keyof I]: I[K] & { readonly ref: `${Origin}:interface.${K & string}` } }
  readonly classes: { readonly [K in keyof C]: C[K] & { readonly ref: `${Origin}:class.${K & string}` } }
  readonly functions: F
  readonly views: V
}

/**
 * Defines the schema of a domain. Names are checked, references resolved and every property and param turned into
 * its JSON form here; what cannot be is refused with a `SchemaDefinitionError` that names it.
 *
 * The definitions it returns (`schema.classes.Contact`) know their own name and origin; use either those or the
 * values that went in to refer to them.
 *
 * @example
 * ```ts
 * import { defineSchema, KernelSchema, nodeClass } from "@portico/schema"
 * import { Schema } from "effect"
 *
 * const Contact = nodeClass({ implements: [KernelSchema.interfaces.Container], props: { email: Schema.String } })
 * const schema = defineSchema("crm.example.dev", { classes: { Contact }, imports: [KernelSchema] })
 * console.log(schema.contractId) // sha256:…
 * ```
 */
export const defineSchema = <
  const Origin extends string,
  const I extends InterfaceDefs = {},
  const C extends ClassDefs = {},
  const F extends FnDefs = {},
  const V extends ViewDefs = {}
>(
  origin: Origin,
  options: DomainSchemaOptions<I, C, F, V>
): DomainSchema<Origin, I, C, F, V> => {
  const schema = makeDomainSchema(origin, options)
  // Compiling the contract is what finds the faults; the value is kept.
  void schema.contract
  return schema
}
