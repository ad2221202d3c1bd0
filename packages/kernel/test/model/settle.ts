import type { Call, Said } from "./ask.ts"
import { Disagreement, differ } from "./compare.ts"
import { expected } from "./expected.ts"
import type { Mark } from "./feed.ts"
import { callOf } from "./requests.ts"
import type { World } from "./World.ts"

/** A sequence that is running: the model beside the kernel, and what was done so far. */
export interface Running {
  world: World
  readonly earlier: Array<readonly [seq: number, world: World]>
  readonly known: Array<string>
  readonly seqs: Array<number>
  readonly prefix: string
  readonly lines: Array<string>
  readonly now: number
  readonly mark: Mark
}

const shown = ({ caller, request }: Call, said: Said): string => {
  const { params, path } = callOf(request)
  const answered =
    said.refused === undefined ? JSON.stringify(said.result) : `${said.refused.code}: ${said.refused.message}`
  return `${caller.name}: ${path} ${JSON.stringify(params)}\n    → ${answered?.slice(0, 300)} (seq ${said.seq})`
}

/** Takes what was said for true, if the calls one after the other come to it, in whichever order; dies otherwise. */
export const settle = (running: Running, calls: ReadonlyArray<Call>, said: ReadonlyArray<Said>): void => {
  const lines = calls.map((call, index) => shown(call, said[index] ?? { seq: 0 }))
  running.lines.push(calls.length > 1 ? `at once:\n${lines.join("\n")}` : lines.join(""))
  const problems: Array<string> = []
  for (const order of orders(calls.map((_, index) => index))) {
    const outcome = inOrder(running, calls, said, order)
    if (outcome.trial !== undefined) {
      adopt(running, outcome.trial)
      return
    }
    problems.push(outcome.problem)
  }
  throw new Disagreement(problems[0] ?? "", running.lines)
}

/** Whether a node is of this sequence, or one that all sequences share; others run beside it. */
const isOurs = ({ earlier, known }: Running, after: World, id: string): boolean =>
  after.nodes.has(id) || known.includes(id) || earlier[0]?.[1].nodes.has(id) === true

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
    const problem = differ(call.request, ours, theirs, (id) => isOurs(trial, ours.world, id))
    if (problem !== undefined) return { problem }
    if (changed(trial.world, ours.world) && theirs.seq <= (trial.earlier.at(-1)?.[0] ?? 0)) {
      return { problem: `a change got the commit number ${theirs.seq}, which is not a later one` }
    }
    if (changed(trial.world, ours.world)) trial.earlier.push([theirs.seq, ours.world])
    trial.world = ours.world
  }
  return { trial, problem: "" }
}

const changed = (a: World, b: World): boolean =>
  a.nodes !== b.nodes || a.edges !== b.edges || a.grants !== b.grants || a.members !== b.members

const adopt = (running: Running, { earlier, world }: Running): void => {
  for (const id of world.nodes.keys()) if (!running.world.nodes.has(id)) running.known.push(id)
  running.world = world
  for (const moment of earlier.slice(running.earlier.length)) {
    running.seqs.push(moment[0])
    running.earlier.push(moment)
  }
}
