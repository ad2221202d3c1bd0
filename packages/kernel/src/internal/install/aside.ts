import { step } from "@portico/gate/database"
import { edgeByKey } from "../store/edges.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { nodeByKey } from "../store/nodes.ts"
import { noteClaim, trashTop } from "../store/trash.ts"
import type { Aside } from "./Findings.ts"

/** Notes what is in the trash and may not fit any more, so that it is looked at when it is to come back. */
export function* noteAside(tx: Tx, aside: ReadonlyArray<Aside>): Parts<void> {
  for (const each of aside) yield* step(() => note(tx, each))
}

const note = (tx: Tx, { key, kind }: Aside): void => {
  const edge = kind === "edge" ? edgeByKey(tx, key) : undefined
  const ends = kind === "edge" ? [edge?.source, edge?.target] : [key]
  for (const end of ends) {
    const node = end === undefined ? undefined : nodeByKey(tx, end)
    const top = node === undefined ? undefined : trashTop(tx, node)
    if (top !== undefined) noteClaim(tx, top, { kind, node: key, name: "", value: "" })
  }
}
