import type {
  CallableContract,
  ClassContract,
  DomainContract,
  EdgeContract,
  InterfaceContract,
  PropContract,
  ViewContract
} from "@portico/schema"
import type { InstallBundle } from "../../SchemaInstaller.ts"
import type { Kept } from "../install/kept.ts"

/** An installed domain. */
export interface DomainEntry {
  readonly origin: string
  /** Key of its Domain node. */
  readonly key: number
  readonly contractId: string
  readonly installedAt: number
  readonly bundle: InstallBundle
  /** Classes that its versions removed and that nodes or edges are of still. */
  readonly kept: Kept
  /** Its contract, and what is kept: what is stored is of that. */
  readonly schema: DomainContract
}

/** The properties that a class, interface or edge class has in all, inherited ones too. */
export interface PropTable {
  readonly byKey: ReadonlyMap<string, PropContract>
  /** By short name; `"ambiguous"` where two interfaces declare it. */
  readonly byName: ReadonlyMap<string, PropContract | "ambiguous">
  readonly required: ReadonlyArray<PropContract>
  readonly defaults: ReadonlyArray<PropContract>
}

interface TypeCommon {
  /** Key of its schema node. */
  readonly key: number
  readonly ref: string
  readonly name: string
  readonly domain: DomainEntry
  /** Whether it was removed: what is of it can be read, moved and deleted, and not be made or changed. */
  readonly kept: boolean
  /** References of itself and of everything that it extends and implements. */
  readonly fits: ReadonlySet<string>
  readonly props: PropTable
}

export interface ClassType extends TypeCommon {
  readonly kind: "class"
  readonly contract: ClassContract
}
export interface InterfaceType extends TypeCommon {
  readonly kind: "interface"
  readonly contract: InterfaceContract
}
export interface EdgeType extends TypeCommon {
  readonly kind: "edge"
  readonly contract: EdgeContract
}

/** A class, interface or edge class, with what it inherits. */
export type TypeInfo = ClassType | InterfaceType | EdgeType
export type NodeType = ClassType | InterfaceType

/** A method or function, and its Function node. */
export interface CallableInfo {
  /** Key of its Function node. */
  readonly key: number
  /** `/:crm.example.dev:class.Contact:import` or `/:crm.example.dev:function.seed`: names it in messages and registries. */
  readonly path: string
  readonly name: string
  readonly owner: NodeType | undefined
  readonly domain: DomainEntry
  readonly contract: CallableContract
}

export interface ViewInfo {
  readonly key: number
  readonly domain: DomainEntry
  readonly contract: ViewContract
}
