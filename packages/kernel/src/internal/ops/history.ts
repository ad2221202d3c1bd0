import { type Json, K, type ParamsOf, READ } from "@portico/schema"
import { type ChangeRow, chainOf, changesAt, propsAfter } from "../store/changes.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Props } from "../store/nodes.ts"
import { nodeById } from "../store/places.ts"
import { defaultLimit } from "./children.ts"
import type { Op } from "./Op.ts"
import { scan } from "./scan.ts"

/**
 * `X::history`: the latest change first. Changes that were made where the caller may not READ now are passed over, and
 * so are edges whose other node is there.
 */
export const history = (op: Op, self: NodeRecord, params: ParamsOf<typeof K.Node.history>) => {
  const { limit = defaultLimit } = params
  const scope = JSON.stringify(["history", self.id])
  const [from = Number.MAX_SAFE_INTEGER] = op.readCursor(scope, params.cursor) ?? []
  const { items, next } = scan(
    Number(from),
    limit,
    (before, count) => changesAt(op.graph, self.key, before, count),
    ({ number }) => number,
    (row) => (canRead(op, row) ? entryOf(op, row) : undefined)
  )
  return {
    changes: items,
    ...(next === undefined ? undefined : { next: op.signCursor(scope, [next]) })
  }
}

const sees = (op: Op, above: string, key: number): boolean => (op.standing.maskAlong(chainOf(above, key)) & READ) !== 0

const canRead = (op: Op, { above, fromAbove, node, target, targetAbove }: ChangeRow): boolean =>
  sees(op, above ?? fromAbove ?? "", node) && (target === null || sees(op, targetAbove ?? "", target))

const entryOf = (op: Op, row: ChangeRow) => {
  const { actor, fromAbove, fromPath, path, via } = row
  const from = fromAbove !== null && sees(op, fromAbove, row.node) ? fromPath : null
  const changed = changedBy(op, row)
  const edge = edgeOf(op, row)
  return {
    seq: row.seq,
    at: row.at,
    op: row.op,
    actor,
    ...pathOfIdentity(op, "actorPath", actor),
    ...(via === null ? undefined : { via, ...pathOfIdentity(op, "viaPath", via) }),
    allowedBy: row.half,
    ...(path === null ? undefined : { path }),
    ...(from === null || from === path ? undefined : { from }),
    ...(changed === undefined ? undefined : { changed }),
    ...(edge === undefined ? undefined : { edge })
  }
}

/** Where an identity is, if the caller may READ it. */
const pathOfIdentity = (op: Op, name: "actorPath" | "viaPath", id: string | null) => {
  const node = id === null ? undefined : nodeById(op.graph, id)
  return node !== undefined && op.canRead(node) ? { [name]: op.path(node) } : undefined
}

const edgeOf = (op: Op, { class: key, nodeId, slug, targetId }: ChangeRow) => {
  if (key === null || targetId === null) return undefined
  const ref = op.graph.schema.typeByKey(op.graph, key)?.ref ?? ""
  return { class: ref, source: nodeId, target: targetId, ...(slug === null || slug === "" ? undefined : { slug }) }
}

type Changed = Readonly<Record<string, { readonly before?: Json; readonly after?: Json }>>

/** What became of the props; nothing for a change that left them alone. */
const changedBy = (op: Op, row: ChangeRow): Changed | undefined => {
  const { after, before, number, node } = row
  if (row.class !== null)
    return after === null && before === null ? undefined : diff(edgeProps(row, before), edgeProps(row, after))
  if (row.op === "create") return diff({}, parse(propsAfter(op.graph, node, number)))
  return before === null ? undefined : diff(parse(before), parse(propsAfter(op.graph, node, number)))
}

// Boundary: written by us, from props.
const parse = (text: string | null | undefined): Props => JSON.parse(text ?? "{}") as Props

/** Of a grant the mask is kept, as a number. */
export const edgeProps = ({ op }: Pick<ChangeRow, "op">, text: string | null): Props => {
  if (op !== "grant" && op !== "revoke") return parse(text)
  return { [K.has_perm.mask.key]: Number(text ?? 0) }
}

/** The keys whose values differ, each with its value before and after. */
const diff = (before: Props, after: Props): Changed => {
  const found: Array<[string, { before?: Json; after?: Json }]> = []
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[key], after[key]]
    if (JSON.stringify(was) === JSON.stringify(is)) continue
    found.push([
      key,
      { ...(was === undefined ? undefined : { before: was }), ...(is === undefined ? undefined : { after: is }) }
    ])
  }
  return Object.fromEntries(found)
}
