import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { call } from "../support/kernel.ts"
import { byId } from "../support/replay.ts"
import { Disagreement } from "./compare.ts"
import { edgeView } from "./links.ts"
import { viewOf } from "./nodes.ts"
import type { Running } from "./settle.ts"
import { isThere, type MNode, subtree } from "./World.ts"

const text = (value: unknown): string => JSON.stringify(value)

const top = ({ known, world }: Running): MNode => {
  const node = world.nodes.get(known[0] ?? "")
  if (node === undefined) throw new Error("the sequence has no top")
  return node
}

/** All that the kernel has below the top of a sequence is what the model has. */
export const compareState = Effect.fnUntraced(function* (running: Running) {
  const { lines, world } = running
  const ours = subtree(world, top(running)).map((node) => viewOf(world, node))
  const tree = yield* call(`@${top(running).id}::getTree`, { limit: 1000 })
  const [left, right] = [text([...ours].sort(byId)), text([...tree.nodes].sort(byId))]
  if (left !== right) throw new Disagreement(`the tree is ${left}, and the kernel has ${right}`, lines)
  const edges = new Set<string>()
  const params = { start: { under: `@${top(running).id}`, page: { limit: 1000 } }, steps: [{ page: { limit: 1000 } }] }
  const found = yield* call(K.Node.query.path, params)
  for (const { to } of found.steps[0].groups) for (const { edge } of to) edges.add(text(sides(edge)))
  const expected = new Set<string>()
  for (const edge of world.edges) {
    if (isThere(world, edge.source) && isThere(world, edge.target)) {
      expected.add(text(sides(edgeView(edge, edge.source, edge.target))))
    }
  }
  const missing = [...expected].filter((edge) => !edges.has(edge))
  const surplus = [...edges].filter((edge) => !expected.has(edge) && !edge.includes("kernel.portico.dev:"))
  if (missing.length + surplus.length > 0) {
    throw new Disagreement(`edges that the kernel lacks: ${missing}; and has besides: ${surplus}`, lines)
  }
})

/** A symmetric edge is the same from both its ends. */
const sides = ({ source, target, ...rest }: { readonly source: string; readonly target: string }) => ({
  ends: "class" in rest && String(rest.class).endsWith(".knows") ? [source, target].sort() : [source, target],
  ...rest
})
