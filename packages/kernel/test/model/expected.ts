import type { Call, Said } from "./ask.ts"
import { answer, type Outcome } from "./model.ts"
import type { Running } from "./settle.ts"

/** New ids of the model are placeholders until the kernel has said what they are. */
const placeholder = (index: number): string => `<new ${index}>`

/**
 * The number of the commit that a call is in. A batch that was refused may tell of the number that its commit would have
 * had, in the rev of a node that it had changed by then; that is one which no commit before it has.
 */
const commitOf = ({ refused, seq }: Said): number => {
  const rev = refused?.details?.rev
  return typeof rev === "number" && rev > seq ? rev : seq
}

/** What the model says to a call, with the ids that the kernel gave. */
export const expected = (running: Running, call: Call, said: Said): Outcome => {
  let made = 0
  const outcome = answer(running.world, call.caller, call.request, {
    seq: commitOf(said),
    now: running.now,
    earlier: running.earlier,
    newId: () => placeholder(made++)
  })
  return made === 0 ? outcome : withIds(outcome, idsIn(outcome.result, said.result), running.world.log.length)
}

/** Ids that the kernel gave to what the model made, by placeholder. */
const idsIn = (result: unknown, said: unknown): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const pair = (ours: unknown, theirs: unknown): void => {
    const [id, their]: [unknown, unknown] = [Object(ours).id, Object(theirs).id]
    if (typeof id === "string" && typeof their === "string" && id.startsWith("<new")) found.set(id, their)
    const [results, others]: [unknown, unknown] = [Object(ours).results, Object(theirs).results]
    if (!Array.isArray(results) || !Array.isArray(others)) return
    for (const [index, each] of results.entries()) pair(each, others[index])
  }
  pair(result, said)
  return found
}

/** `before` is how many changes were known without them. */
const withIds = (outcome: Outcome, ids: ReadonlyMap<string, string>, before: number): Outcome => {
  if (ids.size === 0) return outcome
  const named = <A>(value: A): A => {
    let text = JSON.stringify(value)
    for (const [from, to] of ids) text = text.replaceAll(from, to)
    // Boundary: the same with other texts in it.
    return JSON.parse(text) as A
  }
  const { world } = outcome
  const nodes = [...world.nodes].map(([id, node]) =>
    ids.has(id) || ids.has(node.parent ?? "") ? ([ids.get(id) ?? id, named(node)] as const) : ([id, node] as const)
  )
  return {
    ...outcome,
    result: named(outcome.result),
    world: {
      ...world,
      nodes: new Map(nodes),
      edges: world.edges.map((edge) => (ids.has(edge.source) || ids.has(edge.target) ? named(edge) : edge)),
      log: world.log.map((change, index) => (index < before ? change : named(change)))
    }
  }
}
