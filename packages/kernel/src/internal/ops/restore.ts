import { step } from "@portico/gate/database"
import { type K, type ParamsOf, PorticoError } from "@portico/schema"
import { floorOf, madeAfter, numberAfter, placeAfter, propsAfter } from "../store/changes.ts"
import { type Graph, seqOf } from "../store/Graph.ts"
import { atOnce, type Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Props } from "../store/nodes.ts"
import { type TrashRow, trashRow } from "../store/trash.ts"
import { placeAgain, propsThatFit, putBack, type Return, refuseGone, takeBack } from "./comeBack.ts"
import { checkRev, type WriteOp } from "./Op.ts"
import { type Place, parentFor, placeParams, refuseSchemaNode } from "./place.ts"
import { restoreLinks } from "./restoreLinks.ts"
import { restoreTree } from "./restoreTree.ts"
import { classOf } from "./types.ts"

type Params = ParamsOf<typeof K.Node.restore>

const invalid = (param: string, message: string): never => {
  throw PorticoError.make("INVALID_PARAMS", `${param}: ${message}`, {
    issues: [{ path: [param], code: "restore", message }]
  })
}

/**
 * `X::restore`: EDIT on the node as if it were still where it was, and on the parent that it comes under. What is below
 * it never left it, so out of the trash the node is put back by one row; what others took meanwhile is looked up, not
 * searched for.
 */
export const restore = (op: WriteOp, self: NodeRecord, params: Params) => {
  const row = trashRow(op.graph, self.key)
  if (row === undefined && params.seq === undefined) {
    return invalid("seq", `${op.path(self)} is not in the trash; give the commit that it shall go back to`)
  }
  checkRev(self, params.ifRev, row?.path ?? op.path(self))
  if (row !== undefined) refuseGone(op, self.key)
  const type = classOf(op.graph, self)
  if (row === undefined) refuseSchemaNode(op, self, type)
  if (params.seq === undefined) return answer(op, alone(op, self, row, params, undefined))
  const number = numberOf(op.graph, params.seq)
  const was = stateAt(op, self, number)
  if (params.recursive === true) {
    return withBelow(op, self, number, { place: placeOf(op, self, row, params.path, was.place), props: was.props })
  }
  const restored = alone(op, self, row, params, was)
  atOnce(restoreLinks(op, [self.key], number))
  return answer(op, restored)
}

const answer = (op: WriteOp, node: NodeRecord) => ({ id: node.id, path: op.path(node), rev: node.rev })

/** In parts, since it is as long as there are nodes. */
function* withBelow(op: WriteOp, self: NodeRecord, number: number, to: Return): Parts<ReturnType<typeof answer>> {
  const restored = yield* restoreTree(op, self, number, to)
  return yield* step(() => answer(op, restored))
}

/** The node as it is, or as it was. */
const alone = (
  op: WriteOp,
  self: NodeRecord,
  row: TrashRow | undefined,
  { path }: Params,
  was: State | undefined
): NodeRecord => {
  const place = placeOf(op, self, row, path, was?.place)
  const restored = putBack(op, self, { place, props: was?.props })
  if (row !== undefined) takeBack(op, self.key, row.path)
  return restored
}

/** Number of the last change of a commit that history still has. */
const numberOf = (graph: Graph, seq: number): number => {
  if (seq > seqOf(graph) || seq < 0) return invalid("seq", "there is no such commit yet")
  if (seq < floorOf(graph)) {
    throw PorticoError.make("CHANGES_EXPIRED", `history does not go back to commit ${seq}`, { since: floorOf(graph) })
  }
  return numberAfter(graph, seq)
}

interface State {
  readonly props: Props
  /** Undefined for where it is now, or was when it was deleted. */
  readonly place: { readonly parent: number; readonly slug: string } | undefined
}

const stateAt = (op: WriteOp, self: NodeRecord, number: number): State => {
  const { graph } = op
  if (madeAfter(graph, self.key, number)) return invalid("seq", "the node was made after that commit")
  const text = propsAfter(graph, self.key, number) ?? self.propsText
  return { props: propsThatFit(classOf(graph, self), text), place: placeAfter(graph, self.key, number) }
}

const placeOf = (
  op: WriteOp,
  self: NodeRecord,
  row: TrashRow | undefined,
  path: string | undefined,
  was: State["place"]
): Place => {
  if (path === undefined) return placeAgain(op, self, was ?? row ?? self)
  const { parent, slug = self.slug } = placeParams(op, { path })
  return { parent: parentFor(op, parent), slug }
}
