import { type K, type ParamsOf, PorticoError, READ } from "@portico/schema"
import { placeOf, type Top, within } from "../ops/listAccessible.ts"
import type { Op } from "../ops/Op.ts"
import { isOrigin } from "../ops/place.ts"
import { filterType } from "../ops/types.ts"
import { topsOf } from "../permission/tops.ts"
import { type Asking, ask, keepsNode } from "../query/ask.ts"
import type { ClassType } from "../schema/types.ts"
import { authenticatedPath, everyonePath } from "../schema/wellKnown.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { rootKey } from "../store/nodes.ts"

export type ExportParams = ParamsOf<typeof K.Node.export>

/** The media type of the file. */
export const exportType = ({ format }: ExportParams): string =>
  format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson"

/** What is exported. */
export interface Selection {
  /** Path of the node that it is an export of; `/` where none is named. */
  readonly under: string
  /** Where it begins: all below these may be READ. */
  readonly tops: ReadonlyArray<Top>
  readonly asking: Asking
  /** The one class of a file of CSV. */
  readonly table: ClassType | undefined
}

/** Nodes that every instance has from its first boot on. */
const builtIn: ReadonlySet<string> = new Set(["/identities", everyonePath, authenticatedPath])

/** What params ask to be exported, as far as the caller may READ it. */
export const select = (op: Op, params: ExportParams): Selection => {
  const under = params.under === undefined ? undefined : op.node(params.under, READ, "param")
  return {
    under: under === undefined ? "/" : op.path(under),
    tops: within(op, topsOf(op.graph, [[op.standing, READ]]), under),
    asking: ask(op, params),
    table: params.format === "csv" ? tableOf(op, params) : undefined
  }
}

const tableOf = (op: Op, params: ExportParams): ClassType => {
  const type = params.class === undefined ? undefined : filterType(op, params.class)
  if (type?.kind === "class") return type
  const message = "names the one class that csv is of"
  throw PorticoError.make("INVALID_PARAMS", `class: ${message}`, {
    issues: [{ path: ["class"], code: "class", message }]
  })
}

/** Whether a node that the caller may READ is exported: one that was asked for, and that neither an install nor a boot made. */
export const isSelected = (op: Op, { asking }: Selection, node: NodeRecord): boolean => {
  if (node.key === rootKey) return false
  const [top = ""] = placeOf(op, node)
  if (isOrigin(top) && op.graph.schema.domain(op.graph, top) !== undefined) return false
  return !builtIn.has(op.path(node)) && keepsNode(op, asking, node)
}
