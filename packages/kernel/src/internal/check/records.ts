import type { ChangeOp } from "../store/changes.ts"
import { floorOf } from "../store/changes.ts"
import type { Graph } from "../store/Graph.ts"
import { nodeByKey, trashKey } from "../store/nodes.ts"
import type { Census } from "./Census.ts"
import { type Violation, violation } from "./checks.ts"
import { type Pass, pageRows } from "./pass.ts"

const ops: Readonly<Record<ChangeOp, true>> = {
  create: true,
  update: true,
  move: true,
  delete: true,
  restore: true,
  link: true,
  updateLink: true,
  unlink: true,
  grant: true,
  revoke: true,
  addMember: true,
  removeMember: true,
  install: true
}

interface ChangeAt {
  readonly number: number
  readonly seq: number
}

interface ChangeRow {
  readonly number: number
  readonly seq: number
  readonly op: string
  readonly node_id: string | null
  readonly above: string | null
  readonly from_above: string | null
  readonly target_above: string | null
  readonly before: string | null
  readonly after: string | null
}

const selectChanges = `SELECT number, seq, op, node_id, above, from_above, target_above, before, after
  FROM node_changes WHERE number > ? ORDER BY number LIMIT ?`

/** History and the feed: numbers and commits ascend together, and each row can be told. */
export const changePass = (seq: number, census: Census): Pass<ChangeAt> => ({
  start: { number: Number.MIN_SAFE_INTEGER, seq: 0 },
  page: (graph, at) => {
    // Boundary: STRICT tables give exactly these types.
    const rows = graph.conn
      .prepare(selectChanges)
      .all(at.number, pageRows(graph)) as unknown as ReadonlyArray<ChangeRow>
    const floor = floorOf(graph)
    let before = at.seq
    const found: Array<Violation> = []
    for (const row of rows) {
      const name = `change ${row.number}`
      if (row.seq < before) found.push(violation("changes.order", name, `it is of commit ${row.seq}, after ${before}`))
      if (row.seq > seq)
        found.push(violation("changes.order", name, `it is of commit ${row.seq}, and the last is ${seq}`))
      before = row.seq
      const problem = row.seq > floor ? changeProblem(row) : undefined
      if (problem !== undefined) found.push(violation("changes.row", name, problem))
    }
    const last = rows[rows.length - 1]
    return {
      found,
      next: rows.length < pageRows(graph) || last === undefined ? undefined : { number: last.number, seq: before },
      count: () => {
        census.changes += rows.length
      }
    }
  }
})

const above = /^(?:\d+\/)*$/

const changeProblem = (row: ChangeRow): string | undefined => {
  if (!Object.hasOwn(ops, row.op)) return `${row.op} is no operation`
  if (row.node_id === null) return "it does not say which node it is of"
  if (![row.above, row.from_above, row.target_above].every((text) => text === null || above.test(text)))
    return "it does not say what was above the node"
  return [row.before, row.after].every((text) => text === null || isJson(text)) ? undefined : "its props are not JSON"
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Keys of what is about to be removed for good. */
export const purgingIn = (graph: Graph): ReadonlySet<number> =>
  new Set(
    graph.conn
      .prepare("SELECT node FROM trash WHERE purging = 1")
      .all()
      .map(({ node }) => Number(node))
  )

/** The trash: its tops hang where nothing else does, and each is written down. */
export const trashPass: Pass<number> = {
  start: Number.MIN_SAFE_INTEGER,
  page: (graph, at) => {
    const rows = graph.conn
      .prepare("SELECT node, id FROM trash WHERE node > ? ORDER BY node LIMIT ?")
      .all(at, pageRows(graph))
    const found = rows.flatMap((row) => {
      const node = nodeByKey(graph, Number(row.node))
      if (node !== undefined && node.parent === trashKey && node.id === row.id) return []
      return [violation("trash.row", `@${row.id}`, "it is written down as deleted, and is not in the trash")]
    })
    return { found, next: rows.length < pageRows(graph) ? undefined : Number(rows[rows.length - 1]?.node) }
  }
}

/** What was deleted and is not written down, and claims on what is not there. */
export const trashTopPass: Pass<string> = {
  start: "",
  page: (graph, at) => {
    const rows = graph.conn
      .prepare(
        `SELECT slug, id, (SELECT 1 FROM trash WHERE trash.node = nodes.key) AS known FROM nodes
         WHERE parent = ? AND slug > ? ORDER BY slug LIMIT ?`
      )
      .all(trashKey, at, pageRows(graph))
    const lost = rows
      .filter(({ known }) => known === null)
      .map(({ id }) => violation("trash.row", `@${id}`, "it is in the trash, and not written down as deleted"))
    const claims =
      at === ""
        ? graph.conn
            .prepare("SELECT DISTINCT top FROM trash_claims WHERE top NOT IN (SELECT node FROM trash) LIMIT ?")
            .all(pageRows(graph))
            .map(({ top }) =>
              violation("trash.claim", `node ${top}`, "something is noted for it, and it was not deleted")
            )
        : []
    return {
      found: [...lost, ...claims],
      next: rows.length < pageRows(graph) ? undefined : String(rows[rows.length - 1]?.slug)
    }
  }
}

/** Folders of domains that do not exist any more. */
export const folderPass: Pass<"once"> = {
  start: "once",
  page: (graph) => ({
    found: graph.conn
      .prepare("SELECT node, origin FROM owned_folders WHERE node NOT IN (SELECT key FROM nodes) ORDER BY node LIMIT ?")
      .all(pageRows(graph))
      .map(({ node, origin }) => violation("folder.owner", String(origin), `its folder, node ${node}, does not exist`)),
    next: undefined
  })
}
