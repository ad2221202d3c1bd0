import type { PorticoError } from "@portico/schema"

/** Where a row stands in its file. */
export interface RowPlace {
  /** From 1; the first one, where a row goes over several. */
  readonly line: number
  /** What it takes of the file. */
  readonly bytes: number
}

/** An edge that a node is made with, as `Node:createNode` takes it. */
export interface RowLink {
  readonly edgeClass: string
  readonly target: string
  readonly slug?: string
  readonly props?: unknown
}

/** A node, as `Node:createNode` takes it, or as it is answered. */
export interface NodeRow extends RowPlace {
  readonly _tag: "Node"
  readonly id?: string
  readonly path?: string
  readonly parent?: string
  readonly slug?: string
  readonly class?: string
  readonly props?: unknown
  readonly links?: ReadonlyArray<RowLink>
}

/** An edge, as `getLinks` answers it, its ends as addresses. */
export interface EdgeRow extends RowPlace {
  readonly _tag: "Edge"
  readonly class: string
  readonly source: string
  readonly target: string
  readonly slug?: string
  readonly props?: unknown
}

/** The first line of a file that an export wrote. */
export interface HeadRow extends RowPlace {
  readonly _tag: "Head"
  /** What the export was of; `/` for everything. */
  readonly under: string
}

/** The last line of such a file: without it, it was cut off. */
export interface EndRow extends RowPlace {
  readonly _tag: "End"
}

/** A row that says nothing that could be imported. */
export interface BadRow extends RowPlace {
  readonly _tag: "Bad"
  readonly error: PorticoError
  readonly column?: string
}

export type Row = NodeRow | EdgeRow | HeadRow | EndRow | BadRow

/** A row that makes or changes something. */
export type GraphRow = NodeRow | EdgeRow
