import type { NodeRecord } from "../store/NodeRecord.ts"
import { chainAsIf } from "../store/trash.ts"
import type { WriteOp } from "./Op.ts"

/**
 * Refuses a change of place that gains a bit. Both what the caller may do now and what the identities behind a narrowed
 * credential may do at all must not grow by it. What was granted on the node itself comes along, and counts where a
 * credential is narrowed to what it comes below. `before` is where the node was.
 */
export const refuseGain = (
  op: WriteOp,
  self: NodeRecord,
  before: ReadonlyArray<number>,
  parent: NodeRecord,
  on: string
): void => {
  const { graph, standing } = op
  const after = [self.key, ...chainAsIf(graph, parent)]
  const gained =
    (standing.maskAlong(after) & ~standing.maskAlong(before)) |
    (standing.unboundMaskAlong(after) & ~standing.unboundMaskAlong(before))
  if (gained === 0) return
  op.deniedOn(on, gained, "resource")
}
