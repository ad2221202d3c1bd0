import { step } from "@portico/gate/database"
import { K } from "@portico/schema"
import { deleteEdge, insertEdge } from "../store/edges.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { childKey, insertNode, nodeByKey, nodesByKey, type Props, rootKey, updateNode } from "../store/nodes.ts"
import { subtreeOf } from "../store/tree.ts"
import type { Desired, DesiredNode } from "./desired.ts"
import { deleteSchemaNodes } from "./gone.ts"

/** Most schema nodes of one domain. */
export const maxSchemaNodes = 10_000

/** Keys of a domain's schema nodes by their slugs, joined with `/`; the Domain's own is under the empty string. */
export type SchemaKeys = ReadonlyMap<string, number>

/** What reconciling did. */
export interface Reconciled {
  readonly keys: SchemaKeys
  /** Slugs of the nodes that were not there before. */
  readonly made: ReadonlySet<string>
}

/** Key of a class of the kernel. While the kernel's own schema is first written it is not there yet, and 0. */
export const kernelClassKey = (tx: Tx, ref: string): number => {
  const [origin = "", slug = ""] = ref.split(":")
  const domain = childKey(tx, rootKey, origin)
  return (domain === undefined ? undefined : childKey(tx, domain, slug)) ?? 0
}

/**
 * Makes the schema nodes of a domain what they should be. A node that stays keeps its id, its grants and its rev;
 * one whose props differ is updated; the others are made and removed.
 */
export function* reconcileNodes(tx: Tx, origin: string, desired: Desired): Parts<Reconciled> {
  const existing = yield* step(() => existingNodes(tx, origin))
  const keys = new Map<string, number>()
  const made = new Set<string>()
  const classes = new Map<string, number>()
  for (const node of desired.nodes) {
    const place = node.slugs.join("/")
    const classKey = classes.get(node.class) ?? (yield* step(() => kernelClassKey(tx, node.class)))
    // While the kernel's own classes are first written, they are not there yet.
    if (classKey !== 0) classes.set(node.class, classKey)
    const known = existing.get(place)
    const kept = known === undefined ? undefined : yield* step(() => keep(tx, known, node, classKey))
    if (kept === undefined) made.add(place)
    keys.set(place, kept ?? (yield* step(() => make(tx, origin, node, classKey, keys, known !== undefined))))
  }
  const obsolete = [...existing].flatMap(([place, key]) => (keys.get(place) === key ? [] : [key]))
  if (obsolete.length > 0) yield* step(() => deleteSchemaNodes(tx, obsolete))
  return { keys, made }
}

/** Keys of the domain's nodes as they are, by their slugs. */
const existingNodes = (tx: Tx, origin: string): ReadonlyMap<string, number> => {
  const domain = childKey(tx, rootKey, origin)
  const places = new Map<number, string>()
  if (domain === undefined) return new Map()
  for (const { key, parent, slug } of nodesByKey(tx, subtreeOf(tx, domain, maxSchemaNodes * 2))) {
    const above = places.get(parent)
    places.set(key, above === undefined ? "" : above === "" ? slug : `${above}/${slug}`)
  }
  return new Map([...places].map(([key, place]) => [place, key]))
}

const sameProps = (a: Props, b: Props): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The key of a node that stays, brought up to date; undefined for one that is of another class now. */
const keep = (tx: Tx, key: number, desired: DesiredNode, classKey: number): number | undefined => {
  const node = nodeByKey(tx, key)
  if (node === undefined || node.classKey !== classKey) return undefined
  if (!sameProps(node.props, desired.props)) updateNode(tx, node, desired.props, true)
  return key
}

const make = (
  tx: Tx,
  origin: string,
  { slugs, props }: DesiredNode,
  classKey: number,
  keys: SchemaKeys,
  isTaken: boolean
): number => {
  const slug = slugs[slugs.length - 1] ?? origin
  const parent = slugs.length === 0 ? rootKey : keys.get(slugs.slice(0, -1).join("/"))
  if (parent === undefined) throw new Error(`the parent of ${slugs.join("/")} comes after it`)
  // A node of the other class may stand there still; it would be removed later, and its place is needed now.
  const squatter = isTaken ? childKey(tx, parent, slug) : undefined
  if (squatter !== undefined) deleteSchemaNodes(tx, subtreeOf(tx, squatter, maxSchemaNodes))
  return insertNode(tx, { parent, slug, classKey, props, unbounded: true }).key
}

/** Makes the schema edges of a domain what they should be. */
export const reconcileEdges = (tx: Tx, desired: Desired, keys: SchemaKeys): void => {
  const edgeClasses = [K.of_domain.ref, K.method_of.ref, K.extends.ref, K.implements.ref, K.view_for.ref]
  const wanted = new Map<string, readonly [classKey: number, source: number, target: number]>()
  const known = new Map<string, number>()
  const keyOf = (ref: string): number => {
    const key = known.get(ref) ?? kernelClassKey(tx, ref)
    known.set(ref, key)
    return key
  }
  for (const edge of desired.edges) {
    const source = keys.get(edge.from.join("/"))
    const target = "slugs" in edge.to ? keys.get(edge.to.slugs.join("/")) : keyOf(edge.to.ref)
    if (source === undefined || target === undefined || target === 0) throw new Error(`${edge.class} has no end`)
    const end = [keyOf(edge.class), source, target] as const
    wanted.set(end.join(" "), end)
  }
  const rows = tx.conn
    .prepare(
      `SELECT key, class, source, target FROM edges WHERE source IN ${tx.sql.numbers("?")}
       AND class IN ${tx.sql.numbers("?")}`
    )
    .all(JSON.stringify([...keys.values()]), JSON.stringify(edgeClasses.map(keyOf)))
  for (const row of rows) {
    if (!wanted.delete(`${row.class} ${row.source} ${row.target}`)) deleteEdge(tx, Number(row.key))
  }
  for (const [classKey, source, target] of wanted.values()) insertEdge(tx, { classKey, source, target, slug: "" }, "{}")
}
