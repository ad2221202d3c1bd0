import { step } from "@portico/gate/database"
import type { RenamedMember } from "../../SchemaInstaller.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { childKey, nodeByKey, placeNode } from "../store/nodes.ts"
import type { Renames } from "./renames.ts"

/**
 * Gives schema nodes their new slugs, types before what is below them. They keep their keys and ids, and with those
 * everything that refers to them: grants, the nodes and edges of a class, its indexes and unique values, and history.
 */
export function* renameSchema(tx: Tx, domain: number, { refs, renamed }: Renames): Parts<void> {
  for (const rename of renamed) {
    const move = moveOf(rename)
    if (move !== undefined) yield* step(() => moveSchemaNode(tx, domain, move))
  }
  yield* step(() => {
    const update = tx.conn.prepare("UPDATE trash SET class = ? WHERE class = ?")
    for (const [from, to] of refs) update.run(to, from)
    tx.touchSchema()
  })
}

interface Move {
  /** Slugs that lead to the node's parent, as they are once types have been renamed. */
  readonly above: ReadonlyArray<string>
  readonly from: string
  readonly to: string
}

/** Where a member's node is; properties have none. */
const moveOf = ({ from, to }: RenamedMember): Move | undefined => {
  if (to.includes(".property.")) return undefined
  const [owner = "", method] = to.split(":", 2)
  if (method !== undefined) return { above: [owner], from: from.slice(from.indexOf(":") + 1), to: method }
  const name = (subject: string) => subject.slice(subject.indexOf(".") + 1)
  if (to.startsWith("function.")) return { above: ["core", "functions"], from: name(from), to: name(to) }
  if (to.startsWith("view.")) return { above: ["core", "views"], from: name(from), to: name(to) }
  return { above: [], from, to }
}

const moveSchemaNode = (tx: Tx, domain: number, { above, from, to }: Move): void => {
  let parent: number | undefined = domain
  for (const slug of above) if (parent !== undefined) parent = childKey(tx, parent, slug)
  const key = parent === undefined ? undefined : childKey(tx, parent, from)
  const node = key === undefined ? undefined : nodeByKey(tx, key)
  if (parent === undefined || node === undefined) throw new Error(`the schema has no node for ${from}`)
  placeNode(tx, node, parent, to, true)
}
