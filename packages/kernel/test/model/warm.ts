import * as Effect from "effect/Effect"
import { Kernel } from "../../src/index.ts"
import type { Caller } from "./callers.ts"
import { Disagreement } from "./compare.ts"
import { maskOf } from "./masks.ts"
import { viewOf } from "./nodes.ts"
import type { Running } from "./settle.ts"
import { inTree, pathOf } from "./World.ts"

/**
 * Asks for every caller's mask on every node, and for every node, by its path and by its id in turns: whatever is
 * remembered of them is remembered now, and what was remembered before the last step has to be right.
 */
export const warmUp = Effect.fnUntraced(function* (
  running: Running,
  callers: ReadonlyArray<Caller>,
  turn: number,
  looks: number | undefined
) {
  const kernel = yield* Kernel
  const { world } = running
  // A few of them, and others each time.
  const first = (turn * 7) % running.known.length
  const chosen = [...running.known.slice(first), ...running.known.slice(0, first)].slice(0, looks)
  const asked = looks === undefined ? callers : callers.filter((_, index) => (index + turn) % 4 === 0)
  for (const [index, id] of chosen.entries()) {
    const node = world.nodes.get(id)
    if (node === undefined) continue
    const there = inTree(world, node)
    const path = there ? pathOf(world, node) : node.trash?.path
    const address = (index + turn) % 2 === 0 || path === undefined ? `@${id}` : path
    const found = yield* kernel.node(address)
    const view = there ? viewOf(world, node) : undefined
    if (there && (found._tag === "None" || JSON.stringify(found.value) !== JSON.stringify(view))) {
      throw new Disagreement(
        `${address} is ${JSON.stringify(view)}, and the kernel says ${JSON.stringify(found)}`,
        running.lines
      )
    }
    if (!there && found._tag === "Some" && found.value.id === id) {
      throw new Disagreement(`${address} was deleted, and the kernel has it`, running.lines)
    }
    for (const { as, halves, name } of asked) {
      if (!there && !address.startsWith("@")) continue
      const [ours, theirs] = [maskOf(world, halves, node), yield* kernel.mask(as, address)]
      if (ours !== theirs) {
        throw new Disagreement(
          `${name} has the mask ${ours} on ${address} (${path}), and the kernel says ${theirs}`,
          running.lines
        )
      }
    }
  }
})
