import type {
  AnyClass,
  AnyEdge,
  Condition,
  NewPropsOf,
  Order,
  Query,
  QueryStart,
  QueryStep,
  Where
} from "@portico/schema"
import type { GraphEdge, GraphNode, Target } from "./Node.ts"

/** What a list is narrowed and ordered by. */
export interface Finding {
  readonly where?: Where
  readonly order?: Order
}

type SystemKey = "slug" | "class" | "rev" | "createdAt" | "updatedAt"
type KeyOf<C> = (keyof NewPropsOf<C> & string) | SystemKey

/** Conditions on the properties of a class, by their short names. Values are as JSON has them. */
export type WhereOf<C> = { readonly [K in KeyOf<C>]?: Condition } & {
  readonly and?: ReadonlyArray<WhereOf<C>>
  readonly or?: ReadonlyArray<WhereOf<C>>
  readonly not?: WhereOf<C>
}

/** {@link Finding} among nodes of one class: a property that it does not have does not compile. */
export interface FindingOf<C> {
  readonly where?: WhereOf<C>
  readonly order?: ReadonlyArray<readonly [key: KeyOf<C>, direction: "asc" | "desc"]>
}

interface ByHandle {
  readonly class?: AnyClass | string
}

/** A query, in which classes, edge classes and nodes may be given as what compiles to their address. */
export interface GraphQuery extends Omit<Query, "start" | "steps"> {
  readonly start: Omit<QueryStart, "class" | "nodes" | "under"> &
    ByHandle & { readonly nodes?: ReadonlyArray<Target>; readonly under?: Target }
  readonly steps?: ReadonlyArray<
    Omit<QueryStep, "class" | "edge"> & ByHandle & { readonly edge?: AnyEdge | "children" | "parent" | (string & {}) }
  >
}

/** What a query found. */
export interface QueryAnswer {
  /** Every node of the answer, by id, with the properties that any part of the query asked for. */
  readonly nodes: Readonly<Record<string, GraphNode>>
  /** Ids, in order. */
  readonly start: { readonly nodes: ReadonlyArray<string>; readonly count?: number; readonly next?: string }
  /** One for each step of the query. */
  readonly steps: ReadonlyArray<{
    readonly as?: string
    /** One for each node that the step went on from. */
    readonly groups: ReadonlyArray<{
      readonly from: string
      readonly to: ReadonlyArray<{
        readonly node: string
        /** How many edges lead there. */
        readonly depth: number
        /** The last of them; none to a child or the parent. */
        readonly edge?: GraphEdge
      }>
      readonly count?: number
      readonly next?: string
    }>
  }>
}
