import { step } from "@portico/gate/database"
import type { EdgeContract } from "@portico/schema"
import { cardinalityOf, degree } from "../ops/edgeConstraints.ts"
import type { EdgeType } from "../schema/types.ts"
import type { Graph } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { isInTree } from "../store/places.ts"
import { eachPage } from "./buildIndexes.ts"
import { member } from "./examineNodes.ts"
import { Findings } from "./Findings.ts"
import { type Versions, worldsOf } from "./reshape.ts"
import { fitsIn } from "./world.ts"

/** Nodes that are looked at in one go. */
const page = 2_000

/** Nodes of one class that have to start more edges of another than before. */
interface Required {
  /** The class as it is. */
  readonly was: string
  readonly edge: EdgeContract
  /** The edge class as it is; undefined for a new one. */
  readonly edgeWas: string | undefined
}

/** Pure. */
const requiredBy = (versions: Versions): ReadonlyArray<Required> => {
  const { after, before, renames } = versions
  const worlds = worldsOf(versions)
  const known = new Map(Object.values(renames.before.edges).map((edge) => [edge.ref, edge]))
  const old = new Map([...renames.refs].map(([from, to]) => [to, from]))
  const belongs = (edge: EdgeContract | undefined, fits: ReadonlySet<string>) =>
    edge?.ends[0].types.some((type) => fits.has(type)) === true
  return Object.values(after.edges).flatMap((edge) => {
    const had = known.get(edge.ref)
    const [min, less] = [edge, had].map((each) => cardinalityOf(each?.ends[0].cardinality ?? "0..*").min)
    if (min === undefined || min === 0) return []
    return Object.values(before.classes).flatMap(({ ref }) => {
      const now = renames.refs.get(ref) ?? ref
      if (!belongs(edge, fitsIn(worlds.after, now))) return []
      const fitted = new Set([...fitsIn(worlds.before, ref)].map((each) => renames.refs.get(each) ?? each))
      const isStricter = min > (less ?? 0) || !belongs(had, fitted)
      return isStricter
        ? [{ was: ref, edge, edgeWas: had === undefined ? undefined : (old.get(edge.ref) ?? edge.ref) }]
        : []
    })
  })
}

/** Nodes that lack edges which their class has to start with from now on. Writes nothing. */
export function* examineRequired(graph: Graph, versions: Versions, most: number, findings: Findings): Parts<void> {
  for (const { edge, edgeWas, was } of requiredBy(versions)) {
    const type = yield* step(() => graph.schema.type(graph, was))
    const installed = yield* step(() => (edgeWas === undefined ? undefined : graph.schema.type(graph, edgeWas)))
    if (type === undefined) continue
    const { as, cardinality } = edge.ends[0]
    const { min } = cardinalityOf(cardinality)
    const edgeType: EdgeType | undefined = installed?.kind === "edge" ? { ...installed, contract: edge } : undefined
    let left = most
    yield* eachPage(
      graph,
      type.key,
      page,
      (nodes) => {
        const found = new Findings()
        for (const node of nodes) {
          if (!isInTree(graph, node)) continue
          const count = edgeType === undefined ? 0 : degree(graph, edgeType, node.key, 0, min)
          if (count < min) found.add(graph, node, member(edge.ref), `a ${as} has at least ${min} of them`)
        }
        return { found, count: nodes.length }
      },
      ({ count, found }) => {
        findings.merge(found)
        left -= count
        return left > 0
      }
    )
  }
}
