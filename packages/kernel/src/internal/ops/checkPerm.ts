import { type K, Mask, type ParamsOf } from "@portico/schema"
import { seqOf } from "../store/Graph.ts"
import { askedAbout, askedNode } from "./asked.ts"
import { type Op, permsParam } from "./Op.ts"

/** `Identity:checkPerm`. */
export const checkPerm = (op: Op, params: ParamsOf<typeof K.Identity.checkPerm>) => {
  const perms = permsParam(params.perms)
  const asked = askedAbout(op, params.identity)
  const mask = asked.standing.mask(askedNode(op, asked, params.node))
  return { allowed: Mask.has(mask, perms), mask, seq: seqOf(op.graph) }
}
