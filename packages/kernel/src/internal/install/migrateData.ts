import { step } from "@portico/gate/database"
import { type DomainContract, type Json, PorticoError, type PropContract } from "@portico/schema"
import { askLater, claimUniques } from "../ops/uniques.ts"
import { implementersOf } from "../schema/implementers.ts"
import type { ClassType, TypeInfo } from "../schema/types.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesOf } from "../store/nodes.ts"
import { trashTop } from "../store/trash.ts"
import { forgetIndexes } from "./buildIndexes.ts"
import { rebuildWords } from "./buildWords.ts"

/** Nodes that are looked at in one go. */
const page = 500

/**
 * Brings stored nodes and edges in line with a contract that was just written: what is new and required with a default
 * gets it, and what became unique is checked to be.
 */
export function* migrateData(tx: Tx, before: DomainContract, after: DomainContract): Parts<void> {
  const { origin } = after
  yield* fillMembers(tx, `${origin}:interface.`, before.interfaces, after.interfaces)
  yield* fillMembers(tx, `${origin}:class.`, before.classes, after.classes)
  yield* fillMembers(tx, `${origin}:class.`, before.edges, after.edges)
  for (const [name, { unique }] of Object.entries(after.classes)) {
    const known = Object.hasOwn(before.classes, name) ? before.classes[name] : undefined
    if (known === undefined || JSON.stringify(known.unique) === JSON.stringify(unique)) continue
    const info = yield* step(() => tx.schema.type(tx, `${origin}:class.${name}`))
    if (info?.kind === "class") yield* claimAll(tx, info)
  }
}

interface WithProps {
  readonly props: Readonly<Record<string, PropContract>>
}

function* fillMembers(
  tx: Tx,
  prefix: string,
  before: Readonly<Record<string, WithProps>>,
  after: Readonly<Record<string, WithProps>>
): Parts<void> {
  for (const [name, { props }] of Object.entries(after)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined
    if (known === undefined) continue
    const had = new Set(Object.values(known.props).flatMap((prop) => (prop.required ? prop.key : [])))
    for (const prop of Object.values(props)) {
      const { default: value, key } = prop
      if (!prop.required || had.has(key) || value === undefined) continue
      const info = yield* step(() => tx.schema.type(tx, `${prefix}${name}`))
      if (info !== undefined) yield* fillIn(tx, info, key, value)
    }
  }
}

/** Gives a property to every node or edge that lacks it. */
function* fillIn(tx: Tx, type: TypeInfo, key: string, value: Json): Parts<void> {
  const table = type.kind === "edge" ? "edges" : "nodes"
  const classes = type.kind === "edge" ? [type.key] : yield* step(() => implementersOf(tx, type))
  if (tx.sql.dialect === "sqlite") yield* step(() => fillAtOnce(tx, table, classes, key, value))
  else for (const each of classes) yield* fillByPages(tx, table, each, key, value)
  if (type.kind === "edge") return
  for (const each of classes) {
    yield* step(() => forgetIndexes(tx, each))
    yield* rebuildWords(tx, each)
  }
}

type Table = "nodes" | "edges"

const fillAtOnce = (tx: Tx, table: Table, classes: ReadonlyArray<number>, key: string, value: Json): void => {
  // Keys hold letters, digits, `.`, `:`, `-` and `_`, none of which has to be escaped inside the quotes.
  const path = `$."${key}"`
  tx.conn
    .prepare(
      `UPDATE ${table} SET props = json_set(props, ?, json(?)), rev = ?
       WHERE class IN (SELECT value FROM json_each(?)) AND json_type(props, ?) IS NULL`
    )
    .run(path, JSON.stringify(value), tx.seq, JSON.stringify(classes), path)
}

/** Where the database would write JSON in another way than we do, and refuses some of it. */
function* fillByPages(tx: Tx, table: Table, classKey: number, key: string, value: Json): Parts<void> {
  const select = `SELECT key, props FROM ${table} WHERE class = ? AND key > ? ORDER BY key LIMIT ?`
  const update = `UPDATE ${table} SET props = ?, rev = ? WHERE key = ?`
  for (let after = 0, more = true; more; ) {
    const from = after
    const rows = yield* step(() => {
      const found = tx.conn.prepare(select).all(classKey, from, page)
      for (const row of found) {
        const props: unknown = JSON.parse(String(row.props))
        if (typeof props !== "object" || props === null || Object.hasOwn(props, key)) continue
        tx.conn.prepare(update).run(JSON.stringify({ ...props, [key]: value }), tx.seq, Number(row.key))
      }
      return found
    })
    after = Number(rows[rows.length - 1]?.key ?? 0)
    more = rows.length === page
  }
}

/** Claims the unique values of all nodes of a class anew. */
export function* claimAll(tx: Tx, type: ClassType): Parts<void> {
  yield* step(() => void tx.conn.prepare("DELETE FROM node_uniques WHERE class = ?").run(type.key))
  for (let after = 0, more = true; more; ) {
    const from = after
    const nodes = yield* step(() => nodesOf(tx, "class = ? AND key > ? ORDER BY key LIMIT ?", type.key, from, page))
    for (const node of nodes) yield* step(() => claim(tx, type, node))
    after = nodes[nodes.length - 1]?.key ?? 0
    more = nodes.length === page
  }
}

const claim = (tx: Tx, type: ClassType, node: NodeRecord): void => {
  const top = trashTop(tx, node)
  if (top !== undefined) {
    askLater(tx, type, node, top)
    return
  }
  try {
    claimUniques(tx, type, node, node.props, true)
  } catch (refusal) {
    if (!(refusal instanceof PorticoError)) throw refusal
    throw PorticoError.make("SCHEMA_CONFLICT", `stored nodes break a new constraint: ${refusal.message}`, {
      class: type.ref
    })
  }
}
