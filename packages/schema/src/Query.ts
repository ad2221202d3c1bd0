/** The value that `Node:query` takes: where to start, and which edges to follow from there. */
import type { Order, Where } from "./Where.ts"

/** What is told of the nodes that were found, and how many at a time. */
export interface Shown {
  /** Only nodes of this class or interface, by reference or address. */
  readonly class?: string
  readonly where?: Where
  readonly order?: Order
  readonly page?: {
    /** 100 unless given, at most 1,000; 0 where only the count is wanted. */
    readonly limit?: number
    readonly cursor?: string
  }
  /** Only these properties, by qualified or short key. */
  readonly props?: ReadonlyArray<string>
  /** Whether to count what is found on all pages. */
  readonly count?: boolean
}

/**
 * Where a query starts: at given nodes, or among whatever the caller may READ, below a node where `under` says so,
 * narrowed by `class`, `search` and `where`.
 */
export interface QueryStart extends Shown {
  /** Addresses; at most 1,000. */
  readonly nodes?: ReadonlyArray<string>
  /** Address of the node below which to look. */
  readonly under?: string
  /** Words, each of which begins a word of the node's texts. */
  readonly search?: string
}

/** Edges that are followed from each node that an earlier part of the query found. */
export interface QueryStep extends Shown {
  /** Name under which later steps may go on from here. */
  readonly as?: string
  /** The step to go on from, by its name, or `"start"`. The step before unless given. */
  readonly from?: string
  /** Reference or address of an edge class, or `"children"` or `"parent"`. Edges of every class unless given. */
  readonly edge?: string
  readonly dir?: "out" | "in" | "both"
  /** How many edges in a row; 1 unless given. A node that several ways lead to is found once. */
  readonly depth?: number
}

/**
 * A query.
 *
 * @example
 * ```ts
 * import type { Query } from "@portico/schema"
 *
 * const query: Query = {
 *   start: { class: "crm.example.dev:class.Contact", where: { company: { eq: "ACME" } }, order: [["name", "asc"]] },
 *   steps: [{ as: "projects", edge: "crm.example.dev:class.works_on", props: ["title"] }]
 * }
 * ```
 */
export interface Query {
  readonly start: QueryStart
  /** At most 16. */
  readonly steps?: ReadonlyArray<QueryStep>
}
