import { K } from "@portico/schema"
import { type Asking, classNode, nodeAt, READ } from "./authorize.ts"
import { canRead, edgesOf, seenAs, wantedBy } from "./reads.ts"
import type { RequestOf } from "./requests.ts"
import { inTree, isUnder, type MNode, refuse } from "./World.ts"

type Query = RequestOf<"query">
type Step = NonNullable<Query["steps"]>[number]

/** Classes of nodes that only installs make: their words are not looked for. */
const schemaClasses: ReadonlySet<string> = new Set(
  [K.Root, K.Domain, K.Class, K.Interface, K.EdgeClass, K.Function, K.View].map(({ ref }) => ref)
)

const wordsOf = (texts: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  texts.flatMap((text) => (typeof text === "string" ? (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) : []))

/** 1 for what is written as a title, 2 for what begins so, 3 for what begins so anywhere. */
const tierOf = (words: ReadonlyArray<string>, node: MNode): 1 | 2 | 3 | undefined => {
  const { class: _, rev: __, slug, ...props }: Readonly<Record<string, unknown>> = seenAs(node)
  const { name, title, ...rest } = { name: undefined, title: undefined, ...props }
  const titles = wordsOf([slug === node.id ? "" : slug, name, title])
  const begins = (among: ReadonlyArray<string>) => words.every((word) => among.some((each) => each.startsWith(word)))
  if (words.every((word) => titles.includes(word))) return 1
  if (begins(titles)) return 2
  return begins([...titles, ...wordsOf(Object.values(rest))]) ? 3 : undefined
}

const startNodes = (asking: Asking, start: Query["start"]): ReadonlyArray<MNode> => {
  const { world } = asking
  const wanted = wantedBy(asking, start)
  if (start.nodes !== undefined) {
    return [...new Set(start.nodes.map((address) => nodeAt(asking, address, READ, "param")))].filter(wanted)
  }
  const under = start.under === undefined ? undefined : nodeAt(asking, start.under, READ, "param")
  const seen = [...world.nodes.values()].filter(
    (node) =>
      inTree(world, node) &&
      canRead(asking, node) &&
      (under === undefined || (isUnder(world, node, under.id) && node.id !== under.id)) &&
      wanted(node)
  )
  const { search } = start
  if (search === undefined) return seen
  const words = wordsOf([search])
  return seen
    .flatMap((node) => {
      const tier = schemaClasses.has(node.class) ? undefined : tierOf(words, node)
      return tier === undefined ? [] : [{ node, tier }]
    })
    .sort((a, b) => a.tier - b.tier || (a.node.id < b.node.id ? 1 : -1))
    .map(({ node }) => node)
}

interface Reached {
  readonly node: string
  readonly depth: number
  readonly edge?: unknown
}

const neighbours = (asking: Asking, from: MNode, { dir = "out", edge }: Step) => {
  const isParent = edge === "children" || edge === "parent"
  const ref = isParent ? K.has_parent.ref : edge
  const direction = edge === "children" ? "in" : isParent ? "out" : dir
  return edgesOf(asking, from, ref, direction).map((seen) => ({
    other: seen.other,
    edge: ref === K.has_parent.ref ? undefined : seen.edge
  }))
}

/** What a step leads to: over one edge every way there is; over more each node once, the nearest first. */
const follow = (asking: Asking, from: MNode, step: Step): ReadonlyArray<Reached> => {
  const wanted = wantedBy(asking, step)
  const { depth = 1 } = step
  if (depth === 1) {
    return neighbours(asking, from, step)
      .filter(({ other }) => wanted(other))
      .map(({ edge, other }) => ({ node: other.id, depth: 1, ...(edge === undefined ? undefined : { edge }) }))
  }
  const found = new Map<string, { readonly node: MNode; readonly depth: number }>([[from.id, { node: from, depth: 0 }]])
  for (let down = 1; down <= depth; down++) {
    for (const { depth: before, node } of [...found.values()]) {
      if (before !== down - 1) continue
      for (const { other } of neighbours(asking, node, step)) {
        if (!found.has(other.id)) found.set(other.id, { node: other, depth: down })
      }
    }
  }
  return [...found.values()]
    .filter(({ depth: far, node }) => far > 0 && wanted(node))
    .map(({ depth: far, node }) => ({ node: node.id, depth: far }))
}

export const query = (asking: Asking, { start, steps = [] }: Query) => {
  wantedBy(asking, start)
  for (const step of steps) {
    wantedBy(asking, step)
    const { edge } = step
    if (edge !== undefined && edge !== "children" && edge !== "parent") classNode(asking, edge, 0, "edge class")
  }
  const first = startNodes(asking, start)
  let from: ReadonlyArray<string> = first.map(({ id }) => id)
  const parts = steps.map((step) => {
    const groups = from.map((id) => {
      const node = asking.world.nodes.get(id) ?? refuse("INTERNAL")
      return { from: id, to: follow(asking, node, step) }
    })
    from = [...new Set(groups.flatMap(({ to }) => to.map(({ node }) => node)))]
    return { groups }
  })
  return { start: { nodes: first.map(({ id }) => id), count: first.length }, steps: parts }
}
