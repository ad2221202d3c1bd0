import { K, Path, Slug } from "@portico/schema"
import * as Result from "effect/Result"
import { cardinalityOf } from "../ops/edgeConstraints.ts"
import { edgeClassesFrom } from "../ops/link.ts"
import { isOrigin } from "../ops/place.ts"
import { valuesOf } from "../ops/uniques.ts"
import { type Searched, searchedBy, wordingOf } from "../query/words.ts"
import { mostPropsBytes } from "../schema/props.ts"
import type { ClassType } from "../schema/types.ts"
import { containerInterface, schemaClasses } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { lookAlike, nodeByKey, nodesOf, rootKey, trashKey } from "../store/nodes.ts"
import { type Census, increment } from "./Census.ts"
import { type CheckName, type Violation, violation } from "./checks.ts"
import { degreeIn } from "./edges.ts"
import { fetchNodes, isOnCycle, type Place, type Places } from "./Places.ts"
import { type Pass, pageRows } from "./pass.ts"
import { propsProblem } from "./props.ts"

/** What the walk over nodes needs. */
export interface NodeFacts {
  readonly seq: number
  readonly places: Places
  readonly census: Census
  /** Keys of nodes that are about to be removed for good: their rows elsewhere may be gone. */
  readonly purging: ReadonlySet<number>
}

/** Every node: its place, its class, its props, and the rows that follow from it. */
export const nodePass = (facts: NodeFacts): Pass<number> => ({
  start: Number.MIN_SAFE_INTEGER,
  page: (graph, at) => {
    const nodes = nodesOf(graph, "key > ? ORDER BY key LIMIT ?", at, pageRows(graph))
    fetchNodes(
      graph,
      nodes.flatMap(({ classKey, parent }) => (parent > 0 ? [parent, classKey] : [classKey]))
    )
    const last = nodes[nodes.length - 1]
    const [uniques, skeletons] = [uniquesOf(graph, nodes), skeletonsOf(graph, at, last?.key ?? at)]
    const counted = nodes.filter(({ key }) => !facts.purging.has(key)).map((node) => countedOf(graph, facts, node))
    const found = nodes.flatMap((node) =>
      nodeViolations(graph, facts, node, { uniques: uniques.get(node.key) ?? [], skeleton: skeletons.get(node.key) })
    )
    return {
      found: [...found, ...(last === undefined ? [] : markViolations(graph, at, last.key))],
      next: nodes.length < pageRows(graph) ? undefined : last?.key,
      count: () => {
        facts.census.nodes += nodes.length
        for (const each of counted) take(facts.census, each)
      }
    }
  }
})

const nameOf = (node: NodeRecord): string => `@${node.id}`

/** What a node is counted as by the walks over indexes. */
interface Counted {
  readonly node: NodeRecord
  readonly words: "none" | "its own" | "unknown"
  readonly searched?: Searched | undefined
}

const countedOf = (graph: Graph, { places }: NodeFacts, node: NodeRecord): Counted => {
  const type = graph.schema.typeByKey(graph, node.classKey)
  // What lies in the trash keeps its words when its class is removed, and who knows which that has searched.
  if (type === undefined) return { node, words: "unknown" }
  if (schemaClasses.has(type.ref) || !hasProps(node)) return { node, words: "none" }
  const place = places.of(graph, node)
  const top = place.kind === "tree" && place.depth > 1 ? nodeByKey(graph, place.top) : undefined
  return { node, words: top !== undefined && isDomain(graph, top) ? "unknown" : "its own", searched: searchedBy(type) }
}

const take = (census: Census, { node, searched, words }: Counted): void => {
  increment(census.byClass, node.classKey)
  if (words === "unknown") census.wordless.add(node.key)
  if (words === "its own") census.addWords(node.key, node.parent, wordingOf(node, searched))
}

const isDomain = (graph: Graph, node: NodeRecord): boolean =>
  graph.schema.typeByKey(graph, node.classKey)?.ref === K.Domain.ref

const hasProps = (node: NodeRecord): boolean => {
  try {
    return typeof node.props === "object" && node.props !== null
  } catch {
    return false
  }
}

interface UniqueRow {
  readonly classKey: number
  readonly list: string
  readonly value: string
}

const uniquesOf = (graph: Graph, nodes: ReadonlyArray<NodeRecord>): ReadonlyMap<number, ReadonlyArray<UniqueRow>> => {
  const rows = graph.conn
    .prepare(`SELECT node, class, list, value FROM node_uniques WHERE node IN ${graph.sql.numbers("?")}`)
    .all(JSON.stringify(nodes.map(({ key }) => key)))
  const found = new Map<number, Array<UniqueRow>>()
  for (const row of rows) {
    const key = Number(row.node)
    const list = found.get(key) ?? []
    list.push({ classKey: Number(row.class), list: String(row.list), value: String(row.value) })
    found.set(key, list)
  }
  return found
}

const skeletonsOf = (graph: Graph, after: number, last: number): ReadonlyMap<number, string> =>
  new Map(
    graph.conn
      .prepare("SELECT key, skeleton FROM nodes WHERE key > ? AND key <= ? AND skeleton IS NOT NULL")
      .all(after, last)
      .map((row) => [Number(row.key), String(row.skeleton)])
  )

/** What other tables and columns say of a node. */
interface Beside {
  readonly uniques: ReadonlyArray<UniqueRow>
  readonly skeleton: string | undefined
}

const uuidv7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const nodeViolations = (
  graph: Graph,
  facts: NodeFacts,
  node: NodeRecord,
  { skeleton, uniques }: Beside
): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const add = (check: CheckName, message: string) => found.push(violation(check, nameOf(node), message))
  const place = facts.places.of(graph, node)
  if (!uuidv7.test(node.id)) add("node.id", `${JSON.stringify(node.id)} is no UUIDv7`)
  if (node.rev < 0 || node.rev > facts.seq) add("node.rev", `rev ${node.rev} is none of the ${facts.seq} commits`)
  placeProblems(graph, node, place, add)
  slugProblems(graph, node, skeleton, add)
  const type = graph.schema.typeByKey(graph, node.classKey)
  // A class may be taken out while all that is of it lies in the trash.
  if (type === undefined && place.kind === "trash") return found
  if (type?.kind !== "class") {
    add("node.class", `node ${node.key} is of class ${node.classKey}, which is not installed`)
    return found
  }
  const limit = schemaClasses.has(type.ref) ? Number.POSITIVE_INFINITY : mostPropsBytes
  // What lies in the trash is looked at when it comes back.
  const problem = place.kind === "trash" ? undefined : propsProblem(type, node.propsText, limit)
  if (problem !== undefined) add("node.props", problem)
  else if (!facts.purging.has(node.key)) uniqueProblems(graph, node, type, place, uniques, add)
  if (place.kind === "tree") requiredLinks(graph, node, type, add)
  return found
}

type Add = (check: CheckName, message: string) => void

const placeProblems = (graph: Graph, node: NodeRecord, place: Place, add: Add): void => {
  if (place.kind === "nowhere") {
    if (isOnCycle(graph, node)) add("tree.cycle", `climbing from ${node.slug} leads back to it`)
    else if (nodeByKey(graph, node.parent) === undefined)
      add("tree.orphan", `its parent, node ${node.parent}, does not exist`)
    return
  }
  if (place.kind === "trash") return
  if (place.depth > Path.maxPathDepth)
    add("tree.depth", `it lies ${place.depth} deep, and a path has at most ${Path.maxPathDepth} slugs`)
  if (node.parent === 0 && node.key !== rootKey) add("meta.root", `node ${node.key} has no parent, and is not Root`)
  const parent = nodeByKey(graph, node.parent)
  if (parent === undefined) return
  const [type, above] = [node, parent].map((each) => graph.schema.typeByKey(graph, each.classKey))
  if (above === undefined || (type !== undefined && schemaClasses.has(type.ref))) return
  if (!above.fits.has(containerInterface)) add("tree.container", `it is in a ${above.ref}, which holds no children`)
}

const slugProblems = (graph: Graph, node: NodeRecord, stored: string | undefined, add: Add): void => {
  const { id, key, parent, slug } = node
  if (key === rootKey) {
    if (slug !== "") add("tree.slug", "Root has no slug")
    return
  }
  const parsed = Slug.parse(slug)
  const isPlain = Result.isSuccess(parsed) && parsed.success === slug
  if (!isPlain) add("tree.slug", `${JSON.stringify(slug)} is no slug`)
  if (parent === trashKey && slug !== id) add("tree.slug", "in the trash the slug of a node is its id")
  if (parent === rootKey && isOrigin(slug) && graph.schema.domain(graph, slug)?.key !== key)
    add("tree.slug", `${slug} is an origin, and the node is not its Domain`)
  if (!isPlain) return
  const skeleton = Slug.skeleton(slug)
  if (stored !== (skeleton === slug ? undefined : skeleton))
    add("tree.skeleton", "what its slug looks like is written down wrongly")
  // Of two that look alike one at least is not what it looks like.
  const like = skeleton === slug ? undefined : lookAlike(graph, parent, slug)
  if (like !== undefined) add("tree.lookAlike", `${slug} looks the same as its sibling ${like}`)
}

const uniqueProblems = (
  graph: Graph,
  node: NodeRecord,
  type: ClassType,
  place: Place,
  rows: ReadonlyArray<UniqueRow>,
  add: Add
): void => {
  const wanted = new Map(valuesOf(type, node.props))
  for (const row of rows) {
    if (row.classKey === type.key && wanted.get(row.list) === row.value) wanted.delete(row.list)
    else add("unique.stray", `it holds a value of ${row.list} that it does not have`)
  }
  // Whoever lies in the trash may have lost its values to another.
  if (place.kind !== "tree") return
  for (const [list, value] of wanted) {
    const holder = graph.conn
      .prepare("SELECT node FROM node_uniques WHERE class = ? AND list = ? AND value = ?")
      .get(type.key, list, value)
    const other = holder === undefined ? undefined : nodeByKey(graph, Number(holder.node))
    if (other === undefined) add("unique.missing", `its value of ${list} is not written down as unique`)
    else add("unique.twin", `${nameOf(other)} has the same ${list}`)
  }
}

const requiredLinks = (graph: Graph, node: NodeRecord, type: ClassType, add: Add): void => {
  for (const edge of edgeClassesFrom(graph, type)) {
    const { as, cardinality } = edge.contract.ends[0]
    const { min } = cardinalityOf(cardinality)
    if ((degreeIn(graph, edge, node.key, 0, min) ?? min) < min)
      add("edge.cardinality", `a node is the ${as} of at least ${min} of ${edge.ref}`)
  }
}

/** The marks by which nodes with children and nodes with grants are known without looking. */
const markViolations = (graph: Graph, after: number, last: number): ReadonlyArray<Violation> => {
  const unmarked = (mark: string, where: string) =>
    graph.conn
      .prepare(`SELECT id FROM nodes WHERE key > ? AND key <= ? AND ${mark} = 0 AND EXISTS (SELECT 1 FROM ${where})`)
      .all(after, last)
      .map(({ id }) => `@${id}`)
  return [
    ...unmarked("holds", "nodes AS child WHERE child.parent = nodes.key").map((name) =>
      violation("tree.holds", name, "it has children and is marked as having none")
    ),
    ...unmarked("granted", "edges WHERE edges.target = nodes.key AND edges.mask IS NOT NULL").map((name) =>
      violation("grant.mark", name, "something is granted on it and it is marked as having no grants")
    )
  ]
}
