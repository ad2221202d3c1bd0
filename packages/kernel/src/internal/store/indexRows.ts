import type { Json } from "@portico/schema"
import { encodeValue } from "../query/encode.ts"
import { type IndexList, maxColumns } from "../query/plan.ts"
import { wordingIn } from "../query/words.ts"
import type { ClassType, TypeInfo } from "../schema/types.ts"
import type { Graph, Tx } from "./Graph.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import type { Props } from "./nodes.ts"
import { dropWords, putWords } from "./textIndex.ts"

/** Written before the keys of each list, so that another way of encoding finds none of them. */
const encoding = "1 "

/** The lists of properties that a class wants to be kept in order, by qualified keys. */
export const wantedLists = (type: ClassType): ReadonlyMap<string, ReadonlyArray<string>> => {
  const wanted = new Map<string, ReadonlyArray<string>>()
  for (const names of [...type.contract.indexes, ...type.contract.unique]) {
    const keys = names.slice(0, maxColumns).flatMap((name) => {
      const prop = type.props.byName.get(name)
      return prop === undefined || prop === "ambiguous" ? [] : [prop.key]
    })
    if (keys.length > 0) wanted.set(encoding + JSON.stringify(keys), keys)
  }
  return wanted
}

/** Writes down that the properties of a class's lists have other keys, and the same values. */
export const renameLists = (tx: Tx, classKey: number, keys: ReadonlyMap<string, string | undefined>): void => {
  for (const { id, props } of tx.conn.prepare(selectLists).all(classKey)) {
    const text = String(props)
    if (!text.startsWith(encoding)) continue
    // Boundary: written by us, as a list of keys.
    const before = JSON.parse(text.slice(encoding.length)) as ReadonlyArray<string>
    const after = encoding + JSON.stringify(before.map((key) => keys.get(key) ?? key))
    if (after !== text) tx.conn.prepare("UPDATE indexed_lists SET props = ? WHERE id = ?").run(after, Number(id))
  }
}

const noLists: ReadonlyArray<IndexList> = []
/** A type is made anew after each install, so what is known of it holds as long as it does. */
const known = new WeakMap<TypeInfo, ReadonlyArray<IndexList>>()

const selectLists = "SELECT id, props FROM indexed_lists WHERE class = ?"

/** The lists of a class that are kept in order. One that an install is about to build is not among them yet. */
export const indexListsOf = (graph: Graph, type: TypeInfo | undefined): ReadonlyArray<IndexList> => {
  if (type?.kind !== "class" || (type.contract.indexes.length === 0 && type.contract.unique.length === 0))
    return noLists
  const before = known.get(type)
  if (before !== undefined) return before
  const wanted = wantedLists(type)
  const lists = graph.conn
    .prepare(selectLists)
    .all(type.key)
    .flatMap((row) => {
      const keys = wanted.get(String(row.props))
      return keys === undefined ? [] : [{ id: Number(row.id), keys }]
    })
  known.set(type, lists)
  return lists
}

const insertRow = "INSERT INTO node_index (list, parent, value, node) VALUES (?, ?, ?, ?)"
const deleteRow = "DELETE FROM node_index WHERE list = ? AND parent = ? AND value = ? AND node = ?"

export const tupleOf = (list: IndexList, props: Props): string => {
  let value = ""
  for (const key of list.keys) value += encodeValue(own(props, key))
  return value
}

const own = (props: Props, key: string): Json | undefined => (Object.hasOwn(props, key) ? props[key] : undefined)

/** What is written down of a node so that it is found. */
type Findable = Pick<NodeRecord, "key" | "id" | "parent" | "slug" | "classKey" | "props">

const listsFor = (graph: Graph, node: Findable) => indexListsOf(graph, graph.schema.typeByKey(graph, node.classKey))

/** Puts a new node into the indexes of its class, and its words into that of words. */
export const addToIndexes = (tx: Tx, node: Findable): void => {
  for (const list of listsFor(tx, node)) addToIndex(tx, list, node)
  putWords(tx, node.key, node.parent, wordingIn(tx, node))
}

/** Puts a node into one index. */
export const addToIndex = (tx: Tx, list: IndexList, node: Findable): void => {
  tx.conn.prepare(insertRow).run(list.id, node.parent, tupleOf(list, node.props), node.key)
}

/** Brings the indexes in line with a node's new place and properties. */
export const moveInIndexes = (tx: Tx, before: NodeRecord, after: NodeRecord): void => {
  const [had, has] = [wordingIn(tx, before), wordingIn(tx, after)]
  if (before.parent !== after.parent || JSON.stringify(had) !== JSON.stringify(has)) {
    dropWords(tx, before.key)
    putWords(tx, after.key, after.parent, has)
  }
  for (const list of listsFor(tx, after)) {
    const [was, is] = [tupleOf(list, before.props), tupleOf(list, after.props)]
    if (was === is && before.parent === after.parent) continue
    tx.conn.prepare(deleteRow).run(list.id, before.parent, was, before.key)
    tx.conn.prepare(insertRow).run(list.id, after.parent, is, after.key)
  }
}

/** Takes a node that is about to go out of the indexes. */
export const dropFromIndexes = (tx: Tx, node: NodeRecord): void => {
  dropWords(tx, node.key)
  for (const list of listsFor(tx, node)) {
    tx.conn.prepare(deleteRow).run(list.id, node.parent, tupleOf(list, node.props), node.key)
  }
}
