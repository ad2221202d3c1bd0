import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Authority, Kernel } from "../../src/index.ts"
import { callerAt, callersOf } from "./callers.ts"
import { masks } from "./choose.ts"
import { Disagreement, differ } from "./compare.ts"
import { answer, type Outcome } from "./model.ts"
import { callOf, isListing, type Request } from "./requests.ts"
import { requestOf, type Script, type Step, spread } from "./script.ts"
import { firstNodes, granted } from "./start.ts"
import { compareState } from "./state.ts"
import { isThere, type World } from "./World.ts"
import { warmUp } from "./warm.ts"

/** What the kernel said to a call: all pages of a listing as one. */
export interface Said {
  readonly seq: number
  readonly result?: unknown
  readonly refused?: PorticoError
}

/** A call by somebody. */
export interface Call {
  readonly who: string
  readonly as: Authority
  readonly request: Request
}

/** A sequence that is running: the model beside the kernel, and what was done so far. */
export interface Running {
  world: World
  readonly earlier: Array<readonly [seq: number, world: World]>
  readonly known: Array<string>
  readonly seqs: Array<number>
  readonly prefix: string
  readonly lines: Array<string>
  readonly now: number
}

const shown = ({ request, who }: Call, said: Said): string => {
  const { params, path } = callOf(request)
  const answered =
    said.refused === undefined ? JSON.stringify(said.result) : `${said.refused.code}: ${said.refused.message}`
  return `${who}: ${path} ${JSON.stringify(params)}\n    → ${answered?.slice(0, 300)} (seq ${said.seq})`
}

/** Asks the kernel; a listing for all of its pages, two at a time. */
const ask = Effect.fnUntraced(function* (call: Call) {
  const kernel = yield* Kernel
  const { params, path } = callOf(call.request)
  const wanted = isListing(call.request.op) ? { ...Object(params), limit: pageOf(call.request) } : params
  const pages: Array<unknown> = []
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page = cursor === undefined ? wanted : { ...wanted, cursor }
    const said = yield* Effect.result(kernel.call(call.as, { path, params: page }))
    if (Result.isFailure(said)) return { seq: yield* kernel.seq, refused: said.failure } satisfies Said
    const { result, seq } = said.success
    if (!isListing(call.request.op)) return { seq, result } satisfies Said
    pages.push(...itemsOf(result))
    cursor = nextOf(result)
  }
  return { seq: yield* kernel.seq, result: pages } satisfies Said
})

const pageOf = ({ op }: Request): number => (op === "listHolders" || op === "listTrash" ? 50 : 2)

const itemsOf = (page: unknown): ReadonlyArray<unknown> =>
  Object.values(Object(page)).find((value): value is ReadonlyArray<unknown> => Array.isArray(value)) ?? []
const nextOf = (page: unknown): string | undefined => {
  const next: unknown = Object(page).next
  return typeof next === "string" ? next : undefined
}

/** New ids of the model are placeholders until the kernel has said what they are. */
const placeholder = (index: number): string => `<new ${index}>`

const expected = (running: Running, call: Call, said: Said): Outcome => {
  let made = 0
  const outcome = answer(running.world, call.as, call.request, {
    seq: said.seq,
    now: running.now,
    earlier: running.earlier,
    newId: () => placeholder(made++)
  })
  return made === 0 ? outcome : withIds(outcome, idsIn(outcome.result, said.result))
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

const withIds = (outcome: Outcome, ids: ReadonlyMap<string, string>): Outcome => {
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
      edges: world.edges.map((edge) => (ids.has(edge.source) || ids.has(edge.target) ? named(edge) : edge))
    }
  }
}

const settle = (running: Running, calls: ReadonlyArray<Call>, said: ReadonlyArray<Said>): void => {
  const lines = calls.map((call, index) => shown(call, said[index] ?? { seq: 0 }))
  running.lines.push(calls.length > 1 ? `at once:\n${lines.join("\n")}` : lines.join(""))
  const problems: Array<string> = []
  for (const order of orders(calls.map((_, index) => index))) {
    const outcome = inOrder(running, calls, said, order)
    if (outcome.world !== undefined) {
      adopt(running, outcome.world, said)
      return
    }
    problems.push(outcome.problem)
  }
  throw new Disagreement(problems[0] ?? "", running.lines)
}

/** Every order of a few things. */
const orders = (of: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  of.length < 2
    ? [of]
    : of.flatMap((first) => orders(of.filter((each) => each !== first)).map((rest) => [first, ...rest]))

/** What calls come to, one after the other; nothing where that is not what the kernel said. */
const inOrder = (
  running: Running,
  calls: ReadonlyArray<Call>,
  said: ReadonlyArray<Said>,
  order: ReadonlyArray<number>
) => {
  const trial: Running = { ...running, earlier: [...running.earlier] }
  for (const index of order) {
    const [call, theirs] = [calls[index], said[index]]
    if (call === undefined || theirs === undefined) continue
    const ours = expected(trial, call, theirs)
    const problem = differ(call.request, ours, theirs, running.known)
    if (problem !== undefined) return { problem }
    if (changed(trial.world, ours.world) && theirs.seq <= (running.seqs.at(-1) ?? 0)) {
      return { problem: `a change got the commit number ${theirs.seq}, which is not a new one` }
    }
    if (changed(trial.world, ours.world)) trial.earlier.push([theirs.seq, ours.world])
    trial.world = ours.world
  }
  return { world: trial.world, problem: "" }
}

const changed = (a: World, b: World): boolean =>
  a.nodes !== b.nodes || a.edges !== b.edges || a.grants !== b.grants || a.members !== b.members

const adopt = (running: Running, world: World, said: ReadonlyArray<Said>): void => {
  for (const id of world.nodes.keys()) if (!running.world.nodes.has(id)) running.known.push(id)
  const isNew = changed(running.world, world)
  running.world = world
  const last = Math.max(...said.map(({ seq }) => seq))
  if (isNew) {
    running.seqs.push(last)
    running.earlier.push([last, world])
  }
}

/** Takes steps, those that belong together at once, and compares what is said. */
const take = Effect.fnUntraced(function* (running: Running, calls: ReadonlyArray<Call>) {
  const said = yield* Effect.all(calls.map(ask), { concurrency: "unbounded" })
  settle(running, calls, said)
})

/** Runs a sequence below a place of its own, and takes that away again. */
export const runScript = Effect.fnUntraced(function* (base: World, prefix: string, { start, steps }: Script) {
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
    now
  }
  const instance = { who: "the instance", as: Authority.system }
  yield* take(running, [{ ...instance, request: firstNodes(prefix) }])
  const callers = callersOf(running.known)
  for (const request of granted(running.known, start, masks)) yield* take(running, [{ ...instance, request }])
  const callOfStep = (step: Step): Call => {
    const [who, as] = callerAt(callers, spread(step[1], 32))
    return { who, as, request: requestOf(running, step) }
  }
  for (let index = 0; index < steps.length; ) {
    const together = steps.slice(index, index + groupSize(steps[index]))
    yield* take(running, together.map(callOfStep))
    index += together.length
    yield* warmUp(running, callers, index)
  }
  if (isThere(running.world, running.known[0] ?? "")) {
    yield* compareState(running)
    yield* take(running, [{ ...instance, request: { op: "delete", node: `@${running.known[0]}`, recursive: true } }])
  }
  return running
})

/** Now and then two or three at once. */
const groupSize = (step: Step | undefined): number => {
  const kind = spread(step?.[0] ?? 0, 1009) % 20
  return kind === 1 ? 3 : kind === 2 ? 2 : 1
}
