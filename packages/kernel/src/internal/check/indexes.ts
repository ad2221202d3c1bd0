import { indexedClasses } from "../install/buildIndexes.ts"
import type { IndexList } from "../query/plan.ts"
import type { Graph } from "../store/Graph.ts"
import { indexListsOf, tupleOf, wantedLists } from "../store/indexRows.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodeByKey } from "../store/nodes.ts"
import { type Census, increment } from "./Census.ts"
import { type Violation, violation } from "./checks.ts"
import type { NodeFacts } from "./nodes.ts"
import { fetchNodes } from "./Places.ts"
import { type Pass, pageRows } from "./pass.ts"

/** Which ordered lists there are, and which there should be. */
export const listPass: Pass<"once"> = {
  start: "once",
  page: (graph) => {
    const there = new Set(
      graph.conn
        .prepare("SELECT class, props FROM indexed_lists")
        .all()
        .map((row) => `${row.class} ${row.props}`)
    )
    const found: Array<Violation> = []
    for (const type of indexedClasses(graph)) {
      for (const [name, keys] of wantedLists(type)) {
        if (!there.delete(`${type.key} ${name}`))
          found.push(violation("index.list", type.ref, `its index of ${keys.join(", ")} was never made`))
      }
    }
    for (const name of there) found.push(violation("index.list", name, "no class declares this index"))
    return { found, next: undefined }
  }
}

type RowAt = readonly [list: number, parent: number, value: string, node: number]

/** The list with an id, and the class whose nodes are in it. */
const listOf = (graph: Graph, id: number): { readonly list: IndexList; readonly classKey: number } | undefined => {
  const row = graph.conn.prepare("SELECT class FROM indexed_lists WHERE id = ?").get(id)
  if (row === undefined) return undefined
  const classKey = Number(row.class)
  const list = indexListsOf(graph, graph.schema.typeByKey(graph, classKey)).find((each) => each.id === id)
  return list === undefined ? undefined : { list, classKey }
}

/** What a node's row in a list has to say; undefined where its props cannot be read. */
const tupleIn = (list: IndexList, node: NodeRecord): string | undefined => {
  try {
    return tupleOf(list, node.props)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

/**
 * Every row of the ordered indexes is what its node has, so no two rows of a list are of one node; and there are as many
 * as there are nodes. So each node has its row.
 */
export const indexPass = (facts: NodeFacts): Pass<RowAt> => ({
  start: [Number.MIN_SAFE_INTEGER, 0, "", 0],
  page: (graph, at) => {
    const rows = graph.conn
      .prepare(
        `SELECT list, parent, value, node FROM node_index WHERE (list, parent, value, node) > (?, ?, ?, ?)
         ORDER BY list, parent, value, node LIMIT ?`
      )
      .all(...at, pageRows(graph))
      .map((row) => [Number(row.list), Number(row.parent), String(row.value), Number(row.node)] as const)
    fetchNodes(
      graph,
      rows.map(([, , , node]) => node)
    )
    const lists = new Map([...new Set(rows.map(([list]) => list))].map((id) => [id, listOf(graph, id)] as const))
    const found = rows.flatMap(([id, parent, value, key]) => {
      const of = lists.get(id)
      const node = nodeByKey(graph, key)
      if (of !== undefined && node?.classKey === of.classKey) {
        if (facts.purging.has(key)) return []
        if (node.parent === parent && tupleIn(of.list, node) === value) return []
      }
      return [violation("index.row", `@${node?.id ?? key}`, `index ${id} has it where it is not`)]
    })
    return {
      found,
      next: rows.length < pageRows(graph) ? undefined : rows[rows.length - 1],
      count: () => {
        for (const [list, , , node] of rows) if (!facts.purging.has(node)) increment(facts.census.byList, list)
      }
    }
  }
})

/** Compares the numbers of rows with those of nodes, after both were walked over. */
export const indexCounts = (census: Census): Pass<"once"> => ({
  start: "once",
  page: (graph) => {
    const found: Array<Violation> = []
    for (const row of graph.conn.prepare("SELECT id, class FROM indexed_lists").all()) {
      const [has, wants] = [census.byList.get(Number(row.id)) ?? 0, census.byClass.get(Number(row.class)) ?? 0]
      const ref = graph.schema.typeByKey(graph, Number(row.class))?.ref ?? `class ${row.class}`
      if (has !== wants)
        found.push(violation("index.count", ref, `index ${row.id} has ${has} rows, and there are ${wants} nodes`))
    }
    return { found, next: undefined }
  }
})

type UniqueAt = readonly [classKey: number, list: string, value: string]

/** Unique values that are of no node; those of nodes are looked at with them. */
export const uniquePass: Pass<UniqueAt> = {
  start: [Number.MIN_SAFE_INTEGER, "", ""],
  page: (graph, at) => {
    const rows = graph.conn
      .prepare(
        `SELECT class, list, value, node FROM node_uniques WHERE (class, list, value) > (?, ?, ?)
         ORDER BY class, list, value LIMIT ?`
      )
      .all(...at, pageRows(graph))
    fetchNodes(
      graph,
      rows.map(({ node }) => Number(node))
    )
    const last = rows[rows.length - 1]
    return {
      found: rows
        .filter(({ node }) => nodeByKey(graph, Number(node)) === undefined)
        .map(({ list, node }) => violation("unique.stray", `node ${node}`, `it is gone and holds a value of ${list}`)),
      next:
        rows.length < pageRows(graph) || last === undefined
          ? undefined
          : [Number(last.class), String(last.list), String(last.value)]
    }
  }
}
