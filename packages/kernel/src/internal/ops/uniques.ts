import { createHash } from "node:crypto"
import type { Json } from "@portico/schema"
import type { ClassType } from "../schema/types.ts"
import type { Tx } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey, type Props } from "../store/nodes.ts"
import { noteClaim, type TrashClaim, trashTop } from "../store/trash.ts"
import { violated } from "./Op.ts"

/** Longer values are kept as their hash. */
const longestPlain = 200

const tuple = (type: ClassType, props: Props, names: ReadonlyArray<string>): ReadonlyArray<Json> | undefined => {
  const values: Array<Json> = []
  for (const name of names) {
    const prop = type.props.byName.get(name)
    const value = prop === undefined || prop === "ambiguous" ? undefined : props[prop.key]
    // As in SQL: what has no value is equal to nothing.
    if (value === undefined || value === null) return undefined
    values.push(value)
  }
  return values
}

const keyOf = (values: ReadonlyArray<Json>): string => {
  const text = JSON.stringify(values)
  return text.length <= longestPlain ? text : `sha256:${createHash("sha256").update(text).digest("hex")}`
}

/** The declared lists of unique properties of a class, each with the node's value for it. */
export const valuesOf = (type: ClassType, props: Props): ReadonlyArray<readonly [list: string, value: string]> => {
  const found: Array<readonly [string, string]> = []
  for (const names of type.contract.unique) {
    const values = tuple(type, props, names)
    if (values !== undefined) found.push([names.join(","), keyOf(values)])
  }
  return found
}

/**
 * Claims the unique values of a node, after giving up those that it had. Refused where another node has one; a node in
 * the trash loses it, and is told when it comes back.
 */
export const claimUniques = (
  tx: Tx,
  type: ClassType,
  node: Pick<NodeRecord, "key">,
  props: Props,
  isNew: boolean
): void => {
  if (type.contract.unique.length === 0) return
  if (!isNew) releaseUniques(tx, node.key)
  for (const [list, value] of valuesOf(type, props)) {
    const holder = claim(tx, type, node.key, list, value)
    if (holder !== undefined) {
      violated(`another ${type.ref} has the same ${list}`, {
        constraint: "unique",
        class: type.ref,
        props: list.split(",")
      })
    }
  }
}

/** Claims one value for a node; answers the node of the tree that has it, if one does, and then claims nothing. */
const claim = (tx: Tx, type: ClassType, node: number, list: string, value: string): NodeRecord | undefined => {
  const found = tx.conn
    .prepare("SELECT node FROM node_uniques WHERE class = ? AND list = ? AND value = ?")
    .get(type.key, list, value)
  const holder = found === undefined ? undefined : nodeByKey(tx, Number(found.node))
  const top = holder === undefined ? undefined : trashTop(tx, holder)
  if (holder !== undefined && top === undefined) return holder
  if (holder !== undefined && top !== undefined) {
    noteClaim(tx, top, { kind: "unique", node: holder.key, name: list, value })
    tx.conn.prepare("DELETE FROM node_uniques WHERE class = ? AND list = ? AND value = ?").run(type.key, list, value)
  }
  tx.conn
    .prepare("INSERT INTO node_uniques (class, list, value, node) VALUES (?, ?, ?, ?)")
    .run(type.key, list, value, node)
  return undefined
}

/** Leaves the unique values of a node in the trash to whoever wants them, until it comes back. */
export const askLater = (tx: Tx, type: ClassType, node: NodeRecord, top: number): void => {
  for (const [name, value] of valuesOf(type, node.props)) {
    noteClaim(tx, top, { kind: "unique", node: node.key, name, value })
  }
}

/** Gives a unique value back to a node that came out of the trash; answers who has it, if somebody has. */
export const reclaimUnique = (tx: Tx, { name, node: key, value }: TrashClaim): NodeRecord | undefined => {
  const node = nodeByKey(tx, key)
  const type = node === undefined ? undefined : tx.schema.typeByKey(tx, node.classKey)
  if (node === undefined || type?.kind !== "class") return undefined
  // With older props it may have other values now, and have claimed those.
  if (!valuesOf(type, node.props).some(([list, each]) => list === name && each === value)) return undefined
  const holder = claim(tx, type, key, name, value)
  return holder === undefined || holder.key === key ? undefined : holder
}

/** Gives up the unique values of a node. */
export const releaseUniques = (tx: Tx, key: number): void => {
  tx.conn.prepare("DELETE FROM node_uniques WHERE node = ?").run(key)
}
