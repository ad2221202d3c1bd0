import { K } from "@portico/schema"
import type { EdgeView } from "../../Kernel.ts"
import type { EdgeRecord } from "../store/edges.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"

/** An edge as it is answered, from the node that was asked. */
export const edgeView = (
  ref: string,
  source: NodeRecord,
  target: NodeRecord,
  edge: Pick<EdgeRecord, "slug" | "props" | "rev"> & { readonly mask?: number | null }
): EdgeView => {
  const { mask, rev, slug } = edge
  const props = mask === undefined || mask === null ? edge.props : { [K.has_perm.mask.key]: mask }
  // Written out twice, since a spread costs more than all the rest.
  return slug === ""
    ? { class: ref, source: source.id, target: target.id, props, rev }
    : { class: ref, source: source.id, target: target.id, slug, props, rev }
}
