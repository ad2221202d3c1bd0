import type { PropContract } from "@portico/schema"
import { stringify } from "csv-stringify/sync"
import type { NodeView } from "../../Kernel.ts"
import type { ClassType } from "../schema/types.ts"
import { nodeColumns, writeCell } from "./cells.ts"

/** How a file of CSV is written. */
export interface CsvText {
  readonly head: string
  readonly rows: (nodes: ReadonlyArray<NodeView>) => string
}

/** Columns of a node that are written. */
const written = ["path", "id", "class"] as const

/** Writes nodes of a class as CSV (RFC 4180). A text of no length is `""`, no value is nothing. */
export const csvText = (
  type: ClassType,
  {
    delimiter = ",",
    escapeFormulas = false
  }: { readonly delimiter?: string | undefined; readonly escapeFormulas?: boolean | undefined }
): CsvText => {
  const props = [...type.props.byKey.values()]
  const text = (records: Array<Array<string | undefined>>): string =>
    stringify(records, {
      delimiter,
      record_delimiter: "\r\n",
      quoted_match: /^$/,
      escape_formulas: escapeFormulas
    })
  return {
    head: text([[...written, ...props.map((prop) => nameOf(type, prop))]]),
    rows: (nodes) =>
      text(
        nodes.map((node) => [
          ...written.map((key) => node[key]),
          ...props.map((prop) => writeCell(prop, node.props[prop.key]))
        ])
      )
  }
}

/** The short name of a property, where that says which one it is. */
const nameOf = (type: ClassType, { key }: PropContract): string => {
  const name = key.slice(key.lastIndexOf(".") + 1)
  const isColumn = nodeColumns.some((column) => column === name)
  return isColumn || type.props.byName.get(name) === "ambiguous" ? key : name
}
