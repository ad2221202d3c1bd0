import { READ } from "@portico/schema"
import type { Op } from "../ops/Op.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"
import { chainAsIf } from "../store/trash.ts"

/** What was asked for: bits on a node, on a class, or on one of the kernel's operations or somebody else's callable. */
export type CheckKind = "node" | "class" | "operation" | "callable"

/** A permission that an operation asked for and was found to be held. */
export type Check = readonly [kind: CheckKind, node: number, needs: number]

/**
 * Asks for the same permissions again. What the operation itself has deleted or moved since counts where it would be:
 * so the answer to a delete can be given again, and only to whoever could still delete it.
 */
export const checkAgain = (op: Op, checks: ReadonlyArray<Check>, address: string): void => {
  for (const [kind, key, needs] of checks) {
    const node = nodeByKey(op.graph, key)
    const mask = node === undefined ? 0 : maskFor(op, kind, node)
    if ((mask & needs) === needs && mask !== 0) continue
    if (node === undefined || (mask & READ) === 0 || !isInTree(op.graph, node))
      op.missing({ text: address, node: undefined, nearest: undefined })
    else op.denied(node, needs & ~mask, kind === "node" ? "resource" : "type")
  }
}

const maskFor = (op: Op, kind: CheckKind, node: NodeRecord): number => {
  switch (kind) {
    case "node":
      return op.standing.maskAlong(chainAsIf(op.graph, node))
    case "class":
      // As types.ts asks: that it is known at all is no matter of bounds.
      return op.standing.classMask(node) | (op.standing.unboundMask(node) & READ)
    case "operation":
    case "callable":
      return op.standing.callableMask(node, kind === "operation")
  }
}
