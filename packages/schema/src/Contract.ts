/**
 * The wire contract of a domain, in Portico's own normalised form `v: 1`. Plain JSON: what an install bundle
 * carries, what the kernel stores, and what a contract id is computed from.
 *
 * References to classes and interfaces are strings, `crm.example.dev:class.Contact` and
 * `crm.example.dev:interface.ContactOps`; an edge class is a class (`crm.example.dev:class.works_on`).
 */

import {
  canonicalCallable,
  canonicalClass,
  canonicalContract,
  canonicalEdge,
  canonicalInterface,
  canonicalView,
  idOf
} from "./internal/canonicalContract.ts"
import { canonicalText } from "./internal/canonicalText.ts"
import type { Json, JsonSchema } from "./Json.ts"

/** How a callable takes its input or gives its output. */
export type Io = "value" | "stream" | "binary"

/** Who may call: callers with a credential, with or without one, or anybody without looking at one. */
export type AuthMode = "required" | "optional" | "public"

/** A property of a class, interface or edge class. */
export interface PropContract {
  /** `crm.example.dev:class.Contact.property.email` */
  readonly key: string
  readonly schema: JsonSchema
  readonly required: boolean
  readonly default?: Json
  /** Names that it had in earlier versions. */
  readonly renamedFrom?: FormerNames
}

/**
 * What a member was called in earlier versions of its contract, in any order. An install that finds it under one of
 * these names gives it the new one and keeps what is stored.
 */
export type FormerNames = ReadonlyArray<string>

/** A path-valued param: the address of a node of one of `types` on which the caller needs `needs`. */
export interface RefContract {
  readonly param: string
  /** Class and interface references; a node fits when its class is one of them or implements one. */
  readonly types: ReadonlyArray<string>
  /** Mask. 0 = not checked before dispatch, the callable checks it itself. */
  readonly needs: number
}

/** A method of a class or interface, or a function. */
export interface CallableContract {
  readonly static: boolean
  readonly input: Io
  readonly output: Io
  readonly auth: AuthMode
  /** Always an object schema, closed: params that it does not name are refused. */
  readonly params: JsonSchema
  /** The result, or one item of it where `output` is `stream`. */
  readonly result: JsonSchema
  /** One item of what it reads, where `input` is `stream`; anything where it is left out. */
  readonly takes?: JsonSchema
  readonly refs: ReadonlyArray<RefContract>
  /** Mask that the caller needs on `self`; READ unless declared, 0 for static methods and functions. */
  readonly needs: number
  /** True when it refuses what the caller could not do alone. */
  readonly callerOnly?: boolean
  /** For functions that have a URL of their own. */
  readonly route?: RouteContract
  readonly renamedFrom?: FormerNames
  readonly title?: string
  readonly description?: string
  readonly deprecated?: boolean
}

export interface RouteContract {
  readonly method: string
  readonly path: string
}

export interface InterfaceContract {
  readonly ref: string
  readonly extends: ReadonlyArray<string>
  readonly props: Readonly<Record<string, PropContract>>
  readonly methods: Readonly<Record<string, CallableContract>>
  readonly renamedFrom?: FormerNames
  readonly description?: string
  readonly deprecated?: boolean
}

export interface ClassContract extends InterfaceContract {
  readonly implements: ReadonlyArray<string>
  /** Each is a list of property names of the class or of its interfaces. */
  readonly unique: ReadonlyArray<ReadonlyArray<string>>
  readonly indexes: ReadonlyArray<ReadonlyArray<string>>
  /** What a search looks at; absent for every property that is a text or a list of texts. */
  readonly search?: SearchContract
}

/** Names of the properties that a search looks at: those that say what a node is called, and the others. */
export interface SearchContract {
  readonly title: ReadonlyArray<string>
  readonly text: ReadonlyArray<string>
}

/** One end of an edge class. `cardinality` bounds how many edges one node may have at this end. */
export interface EdgeEndContract {
  readonly as: string
  readonly types: ReadonlyArray<string>
  /** `"0..1" | "1" | "0..*" | "1..*"` or any `min..max`. */
  readonly cardinality?: string
}

export interface EdgeContract {
  readonly ref: string
  /** Source, target. */
  readonly ends: readonly [EdgeEndContract, EdgeEndContract]
  readonly props: Readonly<Record<string, PropContract>>
  readonly unique: boolean
  readonly noSelf: boolean
  readonly acyclic: boolean
  readonly symmetric: boolean
  readonly renamedFrom?: FormerNames
  readonly description?: string
  readonly deprecated?: boolean
}

export interface ViewContract {
  readonly auth: AuthMode
  /** Where it is mounted on the worker, for example `/ui/contact`; absent for a rendered view. */
  readonly mount?: string
  /** Classes and interfaces whose nodes it shows. */
  readonly viewFor: ReadonlyArray<string>
  readonly renamedFrom?: FormerNames
  readonly title?: string
  readonly description?: string
  readonly deprecated?: boolean
}

export interface DomainContract {
  readonly v: 1
  readonly origin: string
  /** Origins whose classes and interfaces it names. */
  readonly imports: ReadonlyArray<string>
  readonly interfaces: Readonly<Record<string, InterfaceContract>>
  readonly classes: Readonly<Record<string, ClassContract>>
  readonly edges: Readonly<Record<string, EdgeContract>>
  readonly functions: Readonly<Record<string, CallableContract>>
  readonly views: Readonly<Record<string, ViewContract>>
}

/**
 * The identity of a contract: `sha256:` and the SHA-256, in hex, of the RFC 8785 canonical JSON of its normalised
 * form. Titles, descriptions, examples, deprecation and the order of declarations are no part of it; everything that
 * a caller or a stored node could notice is.
 */
export const contractId = (contract: DomainContract): string => idOf(canonicalContract(contract))

/** The text that `contractId` hashes. */
export const canonicalContractText = (contract: DomainContract): string => canonicalText(canonicalContract(contract))

/** The identity of one method or function. */
export const callableId = (contract: CallableContract): string => idOf(canonicalCallable(contract))

/** The identity of one class, edge class or interface, with its methods. */
export const classId = (contract: ClassContract | InterfaceContract | EdgeContract): string => {
  if ("ends" in contract) return idOf(canonicalEdge(contract))
  return idOf("implements" in contract ? canonicalClass(contract) : canonicalInterface(contract))
}

/** The identity of one view. */
export const viewId = (contract: ViewContract): string => idOf(canonicalView(contract))

/** RFC 8785 canonical JSON. Throws for what has none: a lone surrogate in a string, NaN and the infinities. */
export const canonicalJson = (json: Json): string => canonicalText(json)
