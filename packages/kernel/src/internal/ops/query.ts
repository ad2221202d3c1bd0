import { type K, type ParamsOf, PorticoError } from "@portico/schema"
import { Answer, projectionOf } from "../query/Answer.ts"
import { ask } from "../query/ask.ts"
import { type Budget, visitedBudget } from "../query/Budget.ts"
import { follow, type Group, type Stepping, stepping } from "../query/follow.ts"
import { invalid, startNodes } from "../query/startNodes.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Op } from "./Op.ts"

type Params = ParamsOf<typeof K.Node.query>

/** What a part of a query found, for the parts that go on from there. */
interface Part {
  readonly nodes: ReadonlyArray<NodeRecord>
  /** How many edges led here from the start. */
  readonly depth: number
}

/**
 * `Node:query`: nodes, and what their edges lead to. It starts at nodes that the caller may READ, or below those on
 * which READ was granted, and follows edges to nodes that the caller may READ; nothing else is looked at. All parts
 * share one budget of nodes, so a query ends however it is put together.
 */
export const query = (op: Op, params: Params) => {
  const { limits } = op.tools
  const visited = visitedBudget(limits.visited)
  const asking = ask(op, params.start, ["start"])
  const projection = projectionOf(op, params.start.props, asking.resolve, ["start"])
  const steps = (params.steps ?? []).map((step, index) => stepping(op, step, ["steps", index]))
  const names = namesOf(steps)

  const answer = new Answer(op)
  const { count, next, nodes } = startNodes(op, params.start, asking, visited)
  for (const node of nodes) answer.add(node, projection)
  const parts: Array<Part> = [{ nodes, depth: 0 }]
  const groups = steps.map((each, index) => {
    const from = parts[names[index] ?? 0] ?? { nodes, depth: 0 }
    const depth = from.depth + each.depth
    if (depth > limits.depth) return tooDeep(limits.depth)
    const found = groupsOf(op, from.nodes, each, index, visited)
    parts.push({ nodes: distinct(found), depth })
    const shown = projectionOf(op, each.step.props, each.asking.resolve, ["steps", index])
    for (const { to } of found) for (const { node } of to) answer.add(node, shown)
    return found
  })
  return {
    nodes: answer.nodes(),
    start: { nodes: nodes.map(({ id }) => id), ...counted(count), ...paged(next) },
    steps: groups.map((found, index) => ({ ...named(steps[index]), groups: found.map(groupView) }))
  }
}

const counted = (count: number | undefined) => (count === undefined ? undefined : { count })
const paged = (next: string | undefined) => (next === undefined ? undefined : { next })
const named = (step: Stepping | undefined) => (step?.step.as === undefined ? undefined : { as: step.step.as })

const groupView = ({ count, from, next, to }: Group) => ({
  from: from.id,
  to: to.map(({ depth, edge, node }) => ({ node: node.id, depth, ...(edge === undefined ? undefined : { edge }) })),
  ...counted(count),
  ...paged(next)
})

/** For each step the part that it goes on from: 0 for the start, 1 for the first step. */
const namesOf = (steps: ReadonlyArray<Stepping>): ReadonlyArray<number> => {
  const known = new Map([["start", 0]])
  return steps.map(({ step }, index) => {
    const from = step.from === undefined ? index : known.get(step.from)
    if (from === undefined) return invalid(["steps", index, "from"], `no step before this one is called ${step.from}`)
    if (step.as !== undefined) {
      if (known.has(step.as)) return invalid(["steps", index, "as"], `${step.as} is another one's name already`)
      known.set(step.as, index + 1)
    }
    return from
  })
}

const groupsOf = (
  op: Op,
  nodes: ReadonlyArray<NodeRecord>,
  each: Stepping,
  index: number,
  visited: Budget
): ReadonlyArray<Group> => {
  if (each.step.page?.cursor !== undefined && nodes.length !== 1) {
    return invalid(["steps", index, "page", "cursor"], "goes on from one node, and this step starts at another number")
  }
  return nodes.map((node) => follow(op, node, each, visited))
}

const distinct = (groups: ReadonlyArray<Group>): ReadonlyArray<NodeRecord> => [
  ...new Map(groups.flatMap(({ to }) => to.map(({ node }) => [node.key, node] as const))).values()
]

const tooDeep = (max: number): never => {
  throw PorticoError.make("LIMIT_EXCEEDED", `a query follows at most ${max} edges in a row`, { limit: "depth", max })
}
