import { step } from "@portico/gate/database"
import type { EdgeContract } from "@portico/schema"
import { onCycles } from "../check/cycles.ts"
import { cardinalityOf, degree } from "../ops/edgeConstraints.ts"
import type { EdgeType } from "../schema/types.ts"
import { type EdgeRecord, edgeColumns, edgeOf } from "../store/edges.ts"
import type { Graph } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { nodeByKey, preload } from "../store/nodes.ts"
import { isKeyInTree } from "../store/places.ts"
import { member } from "./examineNodes.ts"
import { Findings } from "./Findings.ts"
import { type Versions, worldsOf } from "./reshape.ts"
import { fitsIn } from "./world.ts"

/** Edges or nodes that are looked at in one go. */
const page = 2_000

/** An edge class whose edges have to be looked at. */
export interface EdgeCheck {
  /** Its reference in the schema as it is. */
  readonly was: string
  readonly contract: EdgeContract
  /** For each end, whether its nodes may be of a class that does not belong there, or may have too many edges. */
  readonly types: readonly [boolean, boolean]
  readonly most: readonly [boolean, boolean]
  readonly noSelf: boolean
  readonly unique: boolean
  readonly acyclic: boolean
  /** From now on an edge means the same both ways. */
  readonly symmetric: boolean
}

/** The edge classes that ask more of stored edges than before, of this domain and of others. Pure. */
export const edgeChecksOf = (versions: Versions): ReadonlyArray<EdgeCheck> => {
  const { after, others, renames } = versions
  const lost = lostBases(versions)
  const old = new Map([...renames.refs].map(([from, to]) => [to, from]))
  const own = Object.values(after.edges).flatMap((contract) => {
    const was = Object.values(renames.before.edges).find(({ ref }) => ref === contract.ref)
    return was === undefined ? [] : [checkOf(old.get(contract.ref) ?? contract.ref, was, contract, lost)]
  })
  const foreign = others.flatMap(({ edges }) =>
    Object.values(edges).map((contract) => checkOf(contract.ref, contract, contract, lost))
  )
  return [...own, ...foreign].filter(
    ({ acyclic, most, noSelf, symmetric, types, unique }) =>
      [...types, ...most].includes(true) || noSelf || unique || acyclic || symmetric
  )
}

/** What nodes of some class of the domain no longer are. */
const lostBases = (versions: Versions): ReadonlySet<string> => {
  const worlds = worldsOf(versions)
  const { after, before, renames } = versions
  const staying = new Set(Object.values(after.classes).map(({ ref }) => ref))
  return new Set(
    Object.values(before.classes).flatMap(({ ref }) => {
      const now = renames.refs.get(ref) ?? ref
      const fits = fitsIn(worlds.after, now)
      const had = [...fitsIn(worlds.before, ref)].map((each) => renames.refs.get(each) ?? each)
      return staying.has(now) ? had.filter((each) => !fits.has(each)) : []
    })
  )
}

const checkOf = (ref: string, before: EdgeContract, after: EdgeContract, lost: ReadonlySet<string>): EdgeCheck => {
  const mayMisfit = (end: 0 | 1): boolean => {
    const [was, is] = [before.ends[end].types, after.ends[end].types]
    if (is.length === 0) return false
    return was.length === 0 || was.some((type) => !is.includes(type)) || is.some((type) => lost.has(type))
  }
  const symmetric = after.symmetric && !before.symmetric
  const mayExceed = (end: 0 | 1): boolean => {
    const [was, is] = [cardinalityOf(before.ends[end].cardinality), cardinalityOf(after.ends[end].cardinality)]
    return is.max < was.max || (symmetric && is.max !== Number.POSITIVE_INFINITY)
  }
  return {
    was: ref,
    contract: after,
    types: [mayMisfit(0), mayMisfit(1)],
    most: [mayExceed(0), mayExceed(1)],
    noSelf: after.noSelf && !before.noSelf,
    unique: after.unique && !before.unique,
    acyclic: after.acyclic && (!before.acyclic || symmetric),
    symmetric
  }
}

/** What of the stored edges of a class does not fit what it asks from now on. Writes nothing. */
export function* examineEdges(
  graph: Graph,
  versions: Versions,
  check: EdgeCheck,
  most: number,
  findings: Findings
): Parts<void> {
  const installed = yield* step(() => graph.schema.type(graph, check.was))
  if (installed?.kind !== "edge") return
  const type = { ...installed, contract: check.contract }
  yield* examineEach(graph, versions, type, check, most, findings)
  for (const end of [0, 1] as const) if (check.most[end]) yield* examineDegrees(graph, type, end, most, findings)
}

function* examineEach(
  graph: Graph,
  versions: Versions,
  type: EdgeType,
  check: EdgeCheck,
  most: number,
  findings: Findings
): Parts<void> {
  const { acyclic } = check
  const fits = fitter(graph, versions, check)
  const pairs: Array<readonly [number, number]> = []
  const select = `SELECT ${edgeColumns} FROM edges WHERE class = ? AND key > ? ORDER BY key LIMIT ?`
  let after = Number.MIN_SAFE_INTEGER
  for (let left = most; left > 0; left -= page) {
    const from = after
    const { found, last, live } = yield* step(() => {
      const edges = graph.conn.prepare(select).all(type.key, from, page).map(edgeOf)
      preload(
        graph,
        edges.flatMap(({ source, target }) => [source, target])
      )
      const live = edges.filter(({ source, target }) => isKeyInTree(graph, source) && isKeyInTree(graph, target))
      const found = new Findings()
      for (const edge of live) examineEdge(graph, type, check, fits, edge, found)
      for (const edge of edges) if (!live.includes(edge)) found.aside.push({ kind: "edge", key: edge.key })
      return { found, live, last: edges.length < page ? undefined : edges.at(-1)?.key }
    })
    findings.merge(found)
    if (acyclic) for (const { source, target } of live) pairs.push([source, target])
    if (last === undefined) break
    after = last
  }
  if (!acyclic) return
  const cyclic = [...onCycles(pairs)]
  findings.merge(
    yield* step(() => {
      const found = new Findings()
      for (const key of cyclic) found.add(graph, nodeByKey(graph, key), member(check.contract.ref), "allows no cycles")
      return found
    })
  )
}

/** Whether a node would belong at an end. */
type Fits = (node: number, end: 0 | 1) => boolean

const fitter = (graph: Graph, versions: Versions, { contract }: EdgeCheck): Fits => {
  const world = worldsOf(versions).after
  const known = new Map<string, ReadonlySet<string>>()
  return (key, end) => {
    const node = nodeByKey(graph, key)
    if (node === undefined) return true
    const was = graph.schema.refOf(graph, node.classKey)
    const ref = versions.renames.refs.get(was) ?? was
    const fits = known.get(ref) ?? fitsIn(world, ref)
    known.set(ref, fits)
    return contract.ends[end].types.some((type) => fits.has(type))
  }
}

const examineEdge = (
  graph: Graph,
  type: EdgeType,
  { contract, noSelf, symmetric, types, unique }: EdgeCheck,
  fits: Fits,
  edge: EdgeRecord,
  found: Findings
): void => {
  const add = (reason: string) => found.add(graph, nodeByKey(graph, edge.source), member(contract.ref), reason)
  const { source, target } = edge
  if (types[0] && !fits(source, 0)) add(`does not take the ${contract.ends[0].as} that is there`)
  if (types[1] && !fits(target, 1)) add(`does not take the ${contract.ends[1].as} that is there`)
  if (noSelf && source === target) add("does not go from a node to itself")
  const between = (from: number, to: number): number =>
    Number(
      graph.conn
        .prepare("SELECT count(*) AS n FROM edges WHERE source = ? AND class = ? AND target = ?")
        .get(from, type.key, to)?.n
    )
  // Two edges between the same nodes differ by their slugs, so one of them has one.
  if (unique && edge.slug !== "" && between(source, target) > 1) add("is there at most once between two nodes")
  if (symmetric && source < target && between(target, source) > 0) add("means the same both ways, and there are both")
}

interface Counted {
  readonly found: Findings
  readonly last: number | undefined
}

function* examineDegrees(graph: Graph, type: EdgeType, end: 0 | 1, most: number, findings: Findings): Parts<void> {
  const { as, cardinality } = type.contract.ends[end]
  const { max } = cardinalityOf(cardinality)
  const column = end === 0 ? "source" : "target"
  const select = `SELECT ${column} AS node, count(*) AS n FROM edges WHERE class = ? AND ${column} > ?
    GROUP BY ${column} ORDER BY ${column} LIMIT ?`
  let after = Number.MIN_SAFE_INTEGER
  for (let left = most; left > 0; left -= page) {
    const from = after
    const { found, last }: Counted = yield* step(() => {
      const rows = graph.conn.prepare(select).all(type.key, from, page)
      const found = new Findings()
      for (const row of rows) {
        const key = Number(row.node)
        // A symmetric edge is one of both its nodes, wherever it is kept.
        const isSuspect = type.contract.symmetric || Number(row.n) > max
        if (!isSuspect || degree(graph, type, key, end, max + 1) <= max) continue
        found.add(graph, nodeByKey(graph, key), member(type.contract.ref), `a ${as} has at most ${max} of them`)
      }
      return { found, last: rows.length < page ? undefined : Number(rows.at(-1)?.node) }
    })
    findings.merge(found)
    if (last === undefined) return
    after = last
  }
}
