import * as Effect from "effect/Effect"
import { Kernel } from "../../src/index.ts"
import type { Caller } from "./callers.ts"
import { Disagreement } from "./compare.ts"
import { maskOf } from "./masks.ts"
import { viewOf } from "./nodes.ts"
import type { Running } from "./settle.ts"
import { inTree, type MNode, pathOf } from "./World.ts"

/**
 * Asks for some callers' masks on every node, and for every node, by its path and by its id in turns: whatever is
 * remembered of them is remembered now, and what was remembered before the last step has to be right.
 */
export const warmUp = Effect.fnUntraced(function* (
  running: Running,
  callers: ReadonlyArray<Caller>,
  turn: number,
  looks: number | undefined
) {
  const { known } = running
  // A few of them, and others each time.
  const first = (turn * 7) % known.length
  const chosen = [...known.slice(first), ...known.slice(0, first)].slice(0, looks)
  const asked = callers.filter((_, index) => (index + turn) % (looks === undefined ? 2 : 4) === 0)
  for (const [index, id] of chosen.entries()) {
    const node = running.world.nodes.get(id)
    if (node !== undefined) yield* lookAt(running, asked, node, (index + turn) % 2 === 0)
  }
})

/** Looks at a node and at everybody's mask on it, all at once. */
const lookAt = Effect.fnUntraced(function* (
  { lines, world }: Running,
  asked: ReadonlyArray<Caller>,
  node: MNode,
  byId: boolean
) {
  const kernel = yield* Kernel
  const there = inTree(world, node)
  const path = there ? pathOf(world, node) : node.trash?.path
  const address = byId || path === undefined ? `@${node.id}` : path
  // What was at a path may be somebody else's now.
  const callers = there || address.startsWith("@") ? asked : []
  const [found, masks] = yield* Effect.all(
    [
      kernel.node(address),
      Effect.all(
        callers.map(({ as }) => kernel.mask(as, address)),
        { concurrency: "unbounded" }
      )
    ],
    { concurrency: "unbounded" }
  )
  const view = there ? viewOf(world, node) : undefined
  if (there && (found._tag === "None" || JSON.stringify(found.value) !== JSON.stringify(view))) {
    throw new Disagreement(`${address} is ${JSON.stringify(view)}, and the kernel says ${JSON.stringify(found)}`, lines)
  }
  if (!there && found._tag === "Some" && found.value.id === node.id) {
    throw new Disagreement(`${address} was deleted, and the kernel has it`, lines)
  }
  for (const [index, { halves, name }] of callers.entries()) {
    const [ours, theirs] = [maskOf(world, halves, node), masks[index]]
    if (ours === theirs) continue
    throw new Disagreement(`${name} has the mask ${ours} on ${address} (${path}), and the kernel says ${theirs}`, lines)
  }
})
