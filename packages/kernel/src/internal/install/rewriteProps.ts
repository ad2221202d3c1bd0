import { step } from "@portico/gate/database"
import type { Json } from "@portico/schema"
import { mostPropsBytes, propsText } from "../schema/props.ts"
import { isKernelRef } from "../schema/wellKnown.ts"
import { writeChange } from "../store/changes.ts"
import { edgeByKey } from "../store/edges.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { nodeByKey, type Props } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"
import type { Reshape } from "./reshape.ts"

/** Nodes or edges that are rewritten in one go. */
const page = 1_000

type Keys = ReadonlyMap<string, string | undefined>

// Boundary, for both: props are written by us, as JSON objects.
const parse = (text: string): Props => JSON.parse(text) as Props

/** Props under other keys and without those that are gone, in their order. Pure. */
const withKeys = (props: Props, keys: Keys): ReadonlyArray<readonly [string, Json]> =>
  Object.entries(props).flatMap(([key, value]) => {
    const now = keys.has(key) ? keys.get(key) : key
    return now === undefined ? [] : [[now, value] as const]
  })

/** The text of props under other keys; undefined where it stays as it is. Pure. */
export const renameKeys = (text: string, keys: Keys): string | undefined => {
  const props = parse(text)
  return Object.keys(props).some((key) => keys.has(key))
    ? JSON.stringify(Object.fromEntries(withKeys(props, keys)))
    : undefined
}

interface Rewritten {
  readonly key: number
  readonly before: string
  readonly after: string
  /** Something was taken away. */
  readonly isLess: boolean
}

const rewrite = (key: number, before: string, { filled, keys, ref }: Reshape): Rewritten | undefined => {
  const props = parse(before)
  const entries = withKeys(props, keys)
  const kept = new Set(entries.map(([name]) => name))
  const given = [...filled].filter(([name]) => !kept.has(name))
  const isChanged = given.length > 0 || Object.keys(props).some((name) => keys.has(name))
  if (!isChanged) return undefined
  const shaped = Object.fromEntries([...entries, ...given])
  // Contracts in schema nodes have a limit of their own.
  const after = isKernelRef(ref) ? JSON.stringify(shaped) : propsText(shaped, mostPropsBytes)
  return { key, before, after, isLess: entries.length < Object.keys(props).length }
}

/**
 * Gives the stored props of a class the shape that they have in the new version. Values of properties that are gone are
 * taken away, and what they were is in the history of the node.
 */
export function* rewriteProps(tx: Tx, reshape: Reshape, classKey: number): Parts<void> {
  if (reshape.keys.size === 0 && reshape.filled.size === 0) return
  const table = reshape.kind === "edge" ? "edges" : "nodes"
  const select =
    table === "nodes"
      ? `SELECT key, parent, slug, props FROM nodes WHERE class = ?1 AND (parent, slug) > (?2, ?3)
         ORDER BY parent, slug LIMIT ?4`
      : "SELECT key, props FROM edges WHERE class = ?1 AND key > ?2 ORDER BY key LIMIT ?3"
  const update = `UPDATE ${table} SET props = pairs.text, rev = ?1 FROM ${tx.sql.pairs("?2")} AS pairs
    WHERE ${table}.key = pairs.key`
  let after: ReadonlyArray<number | string> =
    table === "nodes" ? [Number.MIN_SAFE_INTEGER, ""] : [Number.MIN_SAFE_INTEGER]
  for (let more = true; more; ) {
    const from = after
    const { changed, rows } = yield* step(() => {
      const rows = tx.conn.prepare(select).all(classKey, ...from, page)
      const changed = rows.flatMap(({ key, props }) => rewrite(Number(key), String(props), reshape) ?? [])
      const texts = changed.map(({ after: text, key }) => [key, text])
      if (texts.length > 0) tx.conn.prepare(update).run(tx.seq, JSON.stringify(texts))
      return { rows, changed }
    })
    for (const each of changed) if (each.isLess) yield* step(() => remember(tx, reshape.kind, each))
    const last = rows.at(-1)
    more = rows.length === page
    if (last !== undefined) after = table === "nodes" ? [Number(last.parent), String(last.slug)] : [Number(last.key)]
  }
}

/** Writes down what a node or edge lost, if it is in the tree. */
const remember = (tx: Tx, kind: Reshape["kind"], { after, before, key }: Rewritten): void => {
  const by = { actor: null, via: undefined, half: "system" } as const
  const edge = kind === "edge" ? edgeByKey(tx, key) : undefined
  const [node, target] = [edge?.source ?? key, edge?.target ?? key].map((each) => nodeByKey(tx, each))
  if (node === undefined || target === undefined || !isInTree(tx, node) || !isInTree(tx, target)) return
  if (edge === undefined) {
    writeChange(tx, { op: "update", node, before }, by)
    return
  }
  const { classKey, slug } = edge
  writeChange(tx, { op: "updateLink", node, edge: { class: classKey, target, slug }, before, after }, by)
}
