import { contractId, K } from "@portico/schema"
import { desiredOf } from "../install/desired.ts"
import { maxSchemaNodes } from "../install/reconcile.ts"
import type { DomainEntry } from "../schema/types.ts"
import { authenticatedPath, everyonePath } from "../schema/wellKnown.ts"
import type { Graph } from "../store/Graph.ts"
import { childKey, nodeByKey, rootKey } from "../store/nodes.ts"
import { subtreeOf } from "../store/tree.ts"
import { type Violation, violation } from "./checks.ts"
import type { Pass } from "./pass.ts"

/** What everything else relies on. */
export const metaPass: Pass<"once"> = {
  start: "once",
  page: (graph) => {
    const found: Array<Violation> = []
    const seq = graph.conn.prepare("SELECT value FROM kernel_meta WHERE name = 'seq'").get()?.value
    if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 0)
      found.push(violation("meta.seq", "seq", `the number of the last commit is ${String(seq)}`))
    const root = nodeByKey(graph, rootKey)
    if (root === undefined || root.parent !== 0 || graph.schema.typeByKey(graph, root.classKey)?.ref !== K.Root.ref)
      found.push(violation("meta.root", "/", "there is no Root"))
    for (const path of [everyonePath, authenticatedPath]) {
      let key: number | undefined = rootKey
      for (const slug of path.slice(1).split("/")) key = key === undefined ? undefined : childKey(graph, key, slug)
      if (key === undefined) found.push(violation("meta.builtIn", path, "it does not exist"))
    }
    return { found, next: undefined }
  }
}

/** Every installed domain: its nodes and edges in the graph are those of its contract. */
export const schemaPass: Pass<string> = {
  start: "",
  page: (graph, at) => {
    const row = graph.conn
      .prepare("SELECT origin FROM installed_domains WHERE origin > ? ORDER BY origin LIMIT 1")
      .get(at)
    if (row === undefined) return { found: [], next: undefined }
    const origin = String(row.origin)
    return { found: domainViolations(graph, origin), next: origin }
  }
}

/** Of a domain whose contract is no JSON. */
export const unreadable = "what was installed cannot be read"

const domainViolations = (graph: Graph, origin: string): ReadonlyArray<Violation> => {
  const bad = (message: string) => [violation("schema.domain", origin, message)]
  const domain = entryOf(graph, origin)
  if (domain === undefined) return bad(unreadable)
  const { bundle, contractId: stored, key } = domain
  if (bundle.contract.origin !== origin) return bad(`its contract is of ${bundle.contract.origin}`)
  if (stored !== bundle.contractId || contractId(bundle.contract) !== stored)
    return bad("its contract is not the one that its id names")
  if (childKey(graph, rootKey, origin) !== key) return bad(`its Domain node is not at /${origin}`)
  return [...nodeDifferences(graph, domain), ...edgeDifferences(graph, domain)]
}

const entryOf = (graph: Graph, origin: string): DomainEntry | undefined => {
  try {
    return graph.schema.domain(graph, origin)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

const keyAt = (graph: Graph, from: number, slugs: ReadonlyArray<string>): number | undefined => {
  let key: number | undefined = from
  for (const slug of slugs) key = key === undefined ? undefined : childKey(graph, key, slug)
  return key
}

/** Property order is how an install writes them down, so it is the same while nobody else did. */
const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

const nodeDifferences = (graph: Graph, { bundle, kept, key, origin }: DomainEntry): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  const left = new Set(subtreeOf(graph, key, maxSchemaNodes * 2))
  for (const wanted of desiredOf(bundle, kept).nodes) {
    const at = keyAt(graph, key, wanted.slugs)
    const node = at === undefined ? undefined : nodeByKey(graph, at)
    const path = ["", origin, ...wanted.slugs].join("/")
    if (node === undefined) found.push(violation("schema.nodes", path, "it does not exist"))
    else if (graph.schema.typeByKey(graph, node.classKey)?.ref !== wanted.class || !isSame(node.props, wanted.props))
      found.push(violation("schema.nodes", path, "it is not what the contract says"))
    if (at !== undefined) left.delete(at)
  }
  for (const each of left)
    found.push(violation("schema.nodes", `@${nodeByKey(graph, each)?.id ?? each}`, `nothing of ${origin} is there`))
  return found
}

const schemaEdges = [K.of_domain.ref, K.method_of.ref, K.extends.ref, K.implements.ref, K.view_for.ref]

const edgeDifferences = (graph: Graph, { bundle, kept, key, origin }: DomainEntry): ReadonlyArray<Violation> => {
  const { edges, nodes } = desiredOf(bundle, kept)
  const keyOf = (ref: string) => graph.schema.type(graph, ref)?.key
  const wanted = new Map(
    edges.map(({ class: ref, from, to }): readonly [string, string] => {
      const target = "slugs" in to ? keyAt(graph, key, to.slugs) : keyOf(to.ref)
      return [
        `${keyOf(ref)} ${keyAt(graph, key, from)} ${target}`,
        `${ref} of /${[origin, ...from].join("/")}`
      ] as const
    })
  )
  const sources = nodes.flatMap(({ slugs }) => keyAt(graph, key, slugs) ?? [])
  const rows = graph.conn
    .prepare(
      `SELECT class, source, target FROM edges WHERE source IN ${graph.sql.numbers("?")} AND class IN ${graph.sql.numbers("?")}`
    )
    .all(JSON.stringify(sources), JSON.stringify(schemaEdges.flatMap((ref) => keyOf(ref) ?? [])))
  const stray = rows.filter((row) => !wanted.delete(`${row.class} ${row.source} ${row.target}`))
  return [
    ...[...wanted.values()].map((name) => violation("schema.edges", name, "it does not exist")),
    ...stray.map((row) => violation("schema.edges", origin, `an edge from node ${row.source} is none of its contract`))
  ]
}
