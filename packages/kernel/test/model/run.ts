import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Kernel } from "../../src/index.ts"
import { askAgain, isOnce } from "./again.ts"
import { ask, type Call } from "./ask.ts"
import { callerAt, callersOf, instance } from "./callers.ts"
import { at, masks } from "./choose.ts"
import { makeMark, openFeed } from "./feed.ts"
import { hold } from "./held.ts"
import { requestOf, type Script, type Step, spread } from "./script.ts"
import { type Running, settle } from "./settle.ts"
import { firstNodes, granted } from "./start.ts"
import { compareState } from "./state.ts"
import { isThere, type World } from "./World.ts"
import { warmUp } from "./warm.ts"

/** Takes steps, those that belong together at once, and compares what is said. */
const take = Effect.fnUntraced(function* (running: Running, calls: ReadonlyArray<Call>) {
  const said = yield* Effect.all(
    calls.map((call) => ask(call, running.seqs[0] ?? 0, calls.length === 1)),
    { concurrency: "unbounded" }
  )
  settle(running, calls, said)
  return said
})

/** How closely is looked at what became of things. */
export interface Pace {
  /** Nodes that are looked at after each step; all of them unless given. */
  readonly looks?: number
  /** How often a watcher looks at what it was told: once at the end, or in between as well. */
  readonly pulls: 1 | 2
  /** Every so many sequences one has a watcher, and pages that are held. */
  readonly every: number
  /** Most steps of a sequence. */
  readonly most?: number
}

/** Begins below a place of its own. */
export const begin = Effect.fnUntraced(function* (base: World, prefix: string) {
  const kernel = yield* Kernel
  const now = yield* Clock.currentTimeMillis
  const since = yield* kernel.seq
  const running: Running = {
    world: base,
    earlier: [[since, base]],
    known: [],
    seqs: [since],
    prefix,
    lines: [],
    now,
    mark: yield* makeMark(prefix)
  }
  yield* take(running, [{ caller: instance, request: firstNodes(prefix) }])
  return running
})

/** Runs a sequence. */
export const runScript = Effect.fnUntraced(function* (
  running: Running,
  { start, steps }: Script,
  { every, looks, most, pulls }: Pace
) {
  const callers = callersOf(running.known)
  const first = granted(running.known, start, masks)
  yield* take(
    running,
    first.map((request) => ({ caller: instance, request }))
  )
  const callOfStep = (step: Step): Call => {
    const request = requestOf(running, step)
    // What only the schema forbids is met by whoever is forbidden nothing else.
    const isFree = constrained.has(request.op) && step[2] % 2 === 0
    return { caller: isFree ? instance : callerAt(callers, spread(step[1], 32)), request }
  }
  const taken = steps.slice(0, most)
  const pick = taken.length + (taken[0]?.[1] ?? 0)
  // The sequence itself says whether, so that it goes on to fail while it is shrunk.
  const isWatched = spread(pick, 1021) % every === 0
  const held = isWatched ? yield* hold(running, callerAt(callers, spread(pick, 32)), at(callers, pick % 3)) : undefined
  const feed = isWatched ? yield* openFeed(running, at(callers, pick), running.mark) : undefined
  for (let index = 0; index < taken.length; ) {
    const together = taken.slice(index, index + groupSize(taken[index]))
    const calls = together.map(callOfStep)
    const [first] = calls
    const isKeyed = first !== undefined && calls.length === 1 && (taken[index]?.[5] ?? 0) % 5 === 0 && isOnce(first)
    const key = `${running.prefix}-${running.lines.length}`
    const [said] = yield* take(running, isKeyed ? [{ ...first, key }] : calls)
    if (isKeyed && said !== undefined) yield* askAgain(first, key, said, running.lines)
    index += together.length
    yield* warmUp(running, callers, index, looks)
    if (pulls === 2 && index * 2 >= taken.length && index * 2 < taken.length + 2) yield* feed?.compare ?? Effect.void
  }
  if (feed !== undefined) yield* feed.compare
  if (held !== undefined) yield* held.compare
  if (isGoing(running)) yield* compareState(running)
})

const constrained: ReadonlySet<string> = new Set(["createNode", "link", "unlink", "delete", "restore"])

/** Whether what a sequence is below is still there. */
export const isGoing = ({ known, world }: Running): boolean => isThere(world, known[0] ?? "")

/** Takes away what a sequence was below. */
export const end = (running: Running) =>
  take(running, [{ caller: instance, request: { op: "delete", node: `@${running.known[0]}`, recursive: true } }])

/** Now and then two or three at once. */
const groupSize = (step: Step | undefined): number => {
  const kind = spread(step?.[0] ?? 0, 1009) % 20
  return kind === 1 ? 3 : kind === 2 ? 2 : 1
}
