import type { Json } from "@portico/schema"
import type { Node } from "./answers.ts"
import type { Column } from "./table.ts"

/** A value in one cell: text as it is, everything else as JSON. */
export const valueText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value))

const updated = (node: Node): string => (node.updatedAt === undefined ? "" : new Date(node.updatedAt).toISOString())

/** The columns of `ls`: one, or all with `-l`. */
export const nodeColumns = (name: (node: Node) => string, long: boolean): ReadonlyArray<Column<Node>> => [
  { title: "NAME", value: name },
  ...(long
    ? [
        { title: "CLASS", value: (node: Node) => node.class ?? "" },
        { title: "REV", value: (node: Node) => String(node.rev) },
        { title: "UPDATED", value: updated },
        { title: "ID", value: (node: Node) => node.id }
      ]
    : [])
]
