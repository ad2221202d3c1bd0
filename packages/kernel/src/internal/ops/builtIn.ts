import { builtInPaths } from "../schema/wellKnown.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByPath } from "../store/nodes.ts"
import { isUnderNode } from "../store/tree.ts"
import { type Op, violated } from "./Op.ts"

const builtIn = builtInPaths.map((path) => ({ path, slugs: path.slice(1).split("/") }))

/** Refuses that what the instance finds by its path goes elsewhere, by itself or with something that it is below. */
export const refuseBuiltIn = (op: Op, self: NodeRecord): void => {
  for (const { path, slugs } of builtIn) {
    const { node } = nodeByPath(op.graph, path, slugs)
    if (node !== undefined && isUnderNode(op.graph, node, self.key)) {
      violated(`${path} is built in and stays where it is`, { constraint: "builtIn", path })
    }
  }
}
