import { step } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import type { InstallPlan, InstallPolicy } from "../../SchemaInstaller.ts"
import { throwAway } from "../ops/remove.ts"
import { writeChange } from "../store/changes.ts"
import { deleteEdge, type EdgeRecord, edgeColumns, edgeOf } from "../store/edges.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { nodeByKey, pathOf } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"
import { hasChildren } from "../store/tree.ts"

/** Nodes or edges that are taken in one go. */
const page = 500

/** Who does what an install does. */
const by = { actor: null, via: undefined, half: "system" } as const

/** What becomes of removed classes that nodes or edges are of, by subject. */
export interface Fates {
  readonly deleted: ReadonlySet<string>
  readonly kept: ReadonlySet<string>
}

/** What a policy says of the classes that a version removes; those that are kept already stay so. Refuses what names none. */
export const fatesOf = (plan: InstallPlan, { orphans = {} }: InstallPolicy): Fates => {
  const deleted = new Set<string>()
  const kept = new Set(plan.kept.map(({ subject }) => subject))
  for (const [name, fate] of Object.entries(orphans)) {
    const subject = name.startsWith("class.") ? name : `class.${name}`
    if (!plan.removed.includes(subject) && !kept.has(subject)) {
      throw PorticoError.make("INVALID_PARAMS", `policy.orphans: ${name} is no class that this version removes`, {
        issues: [{ path: ["policy", "orphans", name], code: "unknown", message: "is not removed" }]
      })
    }
    if (fate === "delete") {
      deleted.add(subject)
      kept.delete(subject)
    }
    if (fate === "keep") kept.add(subject)
  }
  return { deleted, kept }
}

/** Takes away what is of removed classes: edges first, then nodes, the latest made first. */
export function* deleteOrphans(tx: Tx, origin: string, subjects: ReadonlySet<string>): Parts<void> {
  const types = yield* step(() => [...subjects].flatMap((subject) => tx.schema.type(tx, `${origin}:${subject}`) ?? []))
  for (const { key, kind } of types) if (kind === "edge") yield* deleteEdges(tx, key)
  for (const { key, kind } of types) if (kind === "class") yield* deleteNodes(tx, key)
}

function* deleteEdges(tx: Tx, classKey: number): Parts<void> {
  const select = `SELECT ${edgeColumns} FROM edges WHERE class = ? AND key > ? ORDER BY key LIMIT ?`
  let after = Number.MIN_SAFE_INTEGER
  for (let more = true; more; ) {
    const from = after
    const edges = yield* step(() => tx.conn.prepare(select).all(classKey, from, page).map(edgeOf))
    for (const edge of edges) yield* step(() => unlink(tx, edge))
    after = edges.at(-1)?.key ?? after
    more = edges.length === page
  }
}

const unlink = (tx: Tx, { classKey, key, props, slug, source, target }: EdgeRecord): void => {
  const [from, to] = [nodeByKey(tx, source), nodeByKey(tx, target)]
  deleteEdge(tx, key)
  if (from === undefined || to === undefined || !isInTree(tx, from) || !isInTree(tx, to)) return
  const edge = { class: classKey, target: to, slug }
  writeChange(tx, { op: "unlink", node: from, edge, before: JSON.stringify(props) }, by)
}

function* deleteNodes(tx: Tx, classKey: number): Parts<void> {
  const select = "SELECT key FROM nodes WHERE class = ? AND key < ? ORDER BY key DESC LIMIT ?"
  let before = Number.MAX_SAFE_INTEGER
  for (let more = true; more; ) {
    const from = before
    const keys = yield* step(() =>
      tx.conn
        .prepare(select)
        .all(classKey, from, page)
        .map(({ key }) => Number(key))
    )
    for (const key of keys) yield* step(() => discard(tx, key))
    before = keys.at(-1) ?? before
    more = keys.length === page
  }
}

const discard = (tx: Tx, key: number): void => {
  const node = nodeByKey(tx, key)
  if (node === undefined || !isInTree(tx, node)) return
  if (hasChildren(tx, key)) {
    const path = pathOf(tx, node)
    throw PorticoError.make("SCHEMA_IN_USE", `${path} is of a removed class and holds children; move or delete them`, {
      path
    })
  }
  throwAway(tx, node, by)
}
