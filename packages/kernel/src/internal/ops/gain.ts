import type { NodeRecord } from "../store/NodeRecord.ts"
import type { WriteOp } from "./Op.ts"

/**
 * Refuses a change of place that gains a bit. Afterwards the node's mask is what it was granted itself and what its new
 * parent has. Both what the caller may do now and what the identities behind a narrowed credential may do at all must
 * not grow by it. `chain` is where the node was.
 */
export const refuseGain = (op: WriteOp, chain: ReadonlyArray<number>, parent: NodeRecord, on: string): void => {
  const { standing } = op
  const gained =
    (standing.mask(parent) & ~standing.maskAlong(chain)) |
    (standing.unboundMask(parent) & ~standing.unboundMaskAlong(chain))
  if (gained === 0) return
  op.deniedOn(on, gained, "resource")
}
