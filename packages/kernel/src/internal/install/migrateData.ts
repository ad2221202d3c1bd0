import { type DomainContract, PorticoError, type PropContract } from "@portico/schema"
import { askLater, claimUniques } from "../ops/uniques.ts"
import { implementersOf } from "../schema/implementers.ts"
import type { ClassType, TypeInfo } from "../schema/types.ts"
import type { Tx } from "../store/Graph.ts"
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
export const migrateData = (tx: Tx, before: DomainContract, after: DomainContract): void => {
  const { origin } = after
  fillMembers(tx, `${origin}:interface.`, before.interfaces, after.interfaces)
  fillMembers(tx, `${origin}:class.`, before.classes, after.classes)
  fillMembers(tx, `${origin}:class.`, before.edges, after.edges)
  for (const [name, { unique }] of Object.entries(after.classes)) {
    const known = Object.hasOwn(before.classes, name) ? before.classes[name] : undefined
    if (known === undefined || JSON.stringify(known.unique) === JSON.stringify(unique)) continue
    const info = tx.schema.type(tx, `${origin}:class.${name}`)
    if (info?.kind === "class") claimAll(tx, info)
  }
}

interface WithProps {
  readonly props: Readonly<Record<string, PropContract>>
}

const fillMembers = (
  tx: Tx,
  prefix: string,
  before: Readonly<Record<string, WithProps>>,
  after: Readonly<Record<string, WithProps>>
): void => {
  for (const [name, { props }] of Object.entries(after)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined
    const info = known === undefined ? undefined : tx.schema.type(tx, `${prefix}${name}`)
    if (known === undefined || info === undefined) continue
    const had = new Set(Object.values(known.props).flatMap((prop) => (prop.required ? prop.key : [])))
    for (const prop of Object.values(props)) {
      if (prop.required && !had.has(prop.key) && prop.default !== undefined) fillIn(tx, info, prop.key, prop.default)
    }
  }
}

/** Gives a property to every node or edge that lacks it. */
const fillIn = (tx: Tx, type: TypeInfo, key: string, value: unknown): void => {
  const table = type.kind === "edge" ? "edges" : "nodes"
  const classes = type.kind === "edge" ? [type.key] : implementersOf(tx, type)
  // Keys hold letters, digits, `.`, `:`, `-` and `_`, none of which has to be escaped inside the quotes.
  const path = `$."${key}"`
  tx.conn
    .prepare(
      `UPDATE ${table} SET props = json_set(props, ?, json(?)), rev = ?
       WHERE class IN (SELECT value FROM json_each(?)) AND json_type(props, ?) IS NULL`
    )
    .run(path, JSON.stringify(value), tx.seq, JSON.stringify(classes), path)
  if (type.kind === "edge") return
  for (const each of classes) {
    forgetIndexes(tx, each)
    rebuildWords(tx, each)
  }
}

/** Claims the unique values of all nodes of a class anew. */
export const claimAll = (tx: Tx, type: ClassType): void => {
  tx.conn.prepare("DELETE FROM node_uniques WHERE class = ?").run(type.key)
  for (let after = 0, more = true; more; ) {
    const nodes = nodesOf(tx, "class = ? AND key > ? ORDER BY key LIMIT ?", type.key, after, page)
    for (const node of nodes) {
      claim(tx, type, node)
      after = node.key
    }
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
