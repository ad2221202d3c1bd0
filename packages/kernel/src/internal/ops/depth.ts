import { PorticoError } from "@portico/schema"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { heightOf } from "../store/tree.ts"
import type { Op } from "./Op.ts"

/** Nodes looked at to learn how high a subtree is. */
const heightBudget = 10_000

/**
 * Refuses a move that would put something deeper than a path may go. Only a move further down has to look, and it
 * looks at so many nodes and no more, since the time of a move must not depend on what is moved. A larger subtree is
 * let through: what may then lie too deep keeps its id as an address, and masks are right at any depth.
 */
export const refuseDeeper = (op: Op, node: NodeRecord, from: number, to: number): void => {
  if (to <= from) return
  const height = heightOf(op.graph, node.key, heightBudget)
  if (height !== undefined) checkDepth(op, to + height)
}

/** Refuses a node that would lie deeper than a path may go. */
export const checkDepth = ({ tools }: Op, depth: number): void => {
  const max = tools.limits.pathDepth
  if (depth > max) {
    throw PorticoError.make("LIMIT_EXCEEDED", `a path has at most ${max} slugs`, { limit: "depth", max })
  }
}
