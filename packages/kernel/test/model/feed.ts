import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { Authority, Kernel } from "../../src/index.ts"
import type { Change } from "../../src/internal/changes/Change.ts"
import { call } from "../support/kernel.ts"
import { watch } from "../support/watch.ts"
import type { Caller } from "./callers.ts"
import { Disagreement } from "./compare.ts"
import { Fold, type Sight, sightOf } from "./fold.ts"
import { refusalOf } from "./model.ts"
import type { Running } from "./settle.ts"
import type { World } from "./World.ts"

const everyone = "/identities/everyone"

/**
 * A node of nobody's. Whenever everybody may READ it, or may not any more, every watcher is told to read something
 * again: behind that nothing comes that was changed before.
 */
export const makeMark = Effect.fnUntraced(function* (prefix: string) {
  const { id } = yield* call(K.Node.createNode.path, { class: K.Folder.ref, path: `/mark-${prefix}` })
  let isSeen = false
  const set = Effect.gen(function* () {
    const kernel = yield* Kernel
    const method = isSeen ? "revokePerm" : "grantPerm"
    isSeen = !isSeen
    const params = { node: `@${id}`, perms: 1 }
    return (yield* kernel.call(Authority.system, { path: `${everyone}::${method}`, params })).seq
  })
  return { set }
})
export type Mark = Effect.Success<ReturnType<typeof makeMark>>

/** A watcher, and what it makes of what it is told. */
export interface Feed {
  /** Has it told everything, and compares what it came to with what there is. */
  readonly compare: Effect.Effect<void, unknown, Kernel>
}

const text = (value: unknown): string => JSON.stringify(value)

/** Opens a stream of changes at the last commit of a sequence; nothing where that is refused, as it has to be. */
export const openFeed = Effect.fnUntraced(function* (running: Running, caller: Caller, mark: Mark) {
  const opened = yield* Effect.result(watch({ since: running.seqs.at(-1) ?? 0 }, caller.as))
  const ours = refusalOf(running.world, caller, "changes")
  if (Result.isFailure(opened) || ours !== undefined) {
    agree(
      running,
      `opening a feed for ${caller.name}`,
      ours,
      Result.isFailure(opened) ? codeOf(opened.failure) : undefined
    )
    return undefined
  }
  const pull = yield* Stream.toPull(opened.success)
  const watching = { caller, root: running.world.root, known: { has: (id: string) => running.known.includes(id) } }
  const fold = new Fold(watching, sightOf(watching, running.world, running.world))
  let [last, over] = [-1, false]

  const take = (change: Change): void => {
    const order = change.seq * 10_000 + change.part
    if (order <= last) throw new Disagreement(`${text(change)} is not told once and in order`, running.lines)
    last = order
    if (change.node !== undefined && !running.known.includes(change.node.id)) return
    fold.apply(change, running.world, worldAt(running, change.seq))
  }

  const compare = Effect.gen(function* () {
    if (over) return
    const until = yield* mark.set
    const told: Array<Change> = []
    for (let isOver = false; !isOver; ) {
      const pulled = yield* Effect.exit(pull)
      if (Exit.isFailure(pulled)) {
        agree(running, `the feed of ${caller.name}`, refusalOf(running.world, caller, "changes"), codeOf(pulled.cause))
        over = true
        return
      }
      for (const change of pulled.value) {
        isOver ||= change.seq >= until
        if (!isOver) told.push(change)
      }
    }
    agree(running, `the feed of ${caller.name}`, refusalOf(running.world, caller, "changes"), undefined)
    for (const change of told) take(change)
    const problem = difference(fold.sight, sightOf(watching, running.world, running.world))
    if (problem === undefined) return
    const changes = told.map((change) => `\n  ${text(change)}`).join("")
    throw new Disagreement(`what changes told ${caller.name}: ${problem}\ntold:${changes}`, running.lines)
  })
  return { compare } satisfies Feed
})

const agree = (running: Running, what: string, ours: string | undefined, theirs: string | undefined): void => {
  if (ours === theirs) return
  throw new Disagreement(`${what}: the model says ${ours ?? "yes"}, the kernel ${theirs ?? "yes"}`, running.lines)
}

/** The code of an error, wherever in a cause it is. */
const codeOf = (failure: unknown): string => /"code":"([A-Z_]+)"/.exec(text(failure))?.[1] ?? String(failure)

const worldAt = ({ earlier, world }: Running, seq: number): World =>
  earlier.findLast(([number]) => number <= seq)?.[1] ?? world

const difference = (told: Sight, there: Sight): string | undefined => {
  for (const part of ["nodes", "edges"] as const) {
    const [ours, theirs] = [there[part], told[part]]
    for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
      const [is, seems] = [text(ours.get(key)), text(theirs.get(key))]
      if (sorted(is) !== sorted(seems)) return `${key} seems ${seems}, and is ${is}`
    }
  }
  return undefined
}

/** Props come in whatever order. */
const sorted = (json: string | undefined): string => [...(json ?? "")].sort().join("")
