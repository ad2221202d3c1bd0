import * as Effect from "effect/Effect"
import { type Authority, Kernel } from "../../src/index.ts"
import { Disagreement } from "./compare.ts"
import { maskOf } from "./masks.ts"
import { viewOf } from "./nodes.ts"
import type { Running } from "./run.ts"
import { inTree, pathOf } from "./World.ts"

/**
 * Asks for every caller's mask on every node, and for every node, by its path and by its id in turns: whatever is
 * remembered of them is remembered now, and what was remembered before the last step has to be right.
 */
export const warmUp = Effect.fnUntraced(function* (
  running: Running,
  callers: ReadonlyArray<readonly [string, Authority]>,
  turn: number
) {
  const kernel = yield* Kernel
  const { world } = running
  for (const [index, id] of running.known.entries()) {
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
    for (const [name, as] of callers) {
      if (!there && !address.startsWith("@")) continue
      const [ours, theirs] = [maskOf(world, as, node), yield* kernel.mask(as, address)]
      if (ours !== theirs) {
        throw new Disagreement(
          `${name} has the mask ${ours} on ${address} (${path}), and the kernel says ${theirs}`,
          running.lines
        )
      }
    }
  }
})
