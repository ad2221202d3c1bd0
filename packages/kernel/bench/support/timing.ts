import { readFileSync } from "node:fs"
import type { Line } from "../../../gate/bench/report.ts"
import { median } from "../../../gate/bench/report.ts"

/** Microseconds of this thread's processor time, which others on the machine take nothing from. */
export const spent = (): number => {
  const { system, user } = process.threadCpuUsage()
  return system + user
}

/** What two ways of doing the same came to: medians over the rounds, in microseconds a turn. */
export interface Versus {
  readonly ours: number
  readonly raw: number
  /** How fast ours is beside raw: median of the rounds' ratios, of which each is of neighbours in time. */
  readonly ratio: number
}

/** Something that is done `turns` times in a row, told which turn it is, counted over all rounds. */
export interface Work {
  readonly turns: number
  readonly run: (turn: number) => void
}

export const clock = (work: Work, from: number): number => {
  const begin = spent()
  for (let turn = 0; turn < work.turns; turn++) work.run(from + turn)
  return (spent() - begin) / work.turns
}

/** Does both in turn, round after round, by processor time. The first round warms up and does not count. */
export const versus = (ours: Work, raw: Work, rounds = 9): Versus => {
  const all: Array<readonly [number, number]> = []
  for (let round = 0; round <= rounds; round++)
    all.push([clock(ours, round * ours.turns), clock(raw, round * raw.turns)])
  return summary(all.slice(1))
}

export const summary = (all: ReadonlyArray<readonly [ours: number, raw: number]>): Versus => ({
  ours: median(all.map(([ours]) => ours)),
  raw: median(all.map(([, raw]) => raw)),
  ratio: median(all.map(([ours, raw]) => raw / ours))
})

/** A ratio that has to be at least `least`. */
export const atLeast = (what: string, { ours, ratio, raw }: Versus, least: number, beside = ""): Line => ({
  what,
  measured: `${ratio.toFixed(2)} x (${ours.toFixed(2)} to ${raw.toFixed(2)} us)${beside === "" ? "" : `; ${beside}`}`,
  budget: `>= ${least} x`,
  ok: ratio >= least
})

/** A time that may be at most `most` times another one. */
export const atMostTimes = (what: string, { ours, raw, ratio }: Versus, most: number): Line => ({
  what,
  measured: `${(1 / ratio).toFixed(2)} x (${ours.toFixed(2)} to ${raw.toFixed(2)} us)`,
  budget: `<= ${most} x`,
  ok: 1 / ratio <= most
})

/** A number that is told and has no budget. */
export const told = (what: string, measured: string): Line => ({ what, measured, budget: "none", ok: true })

/** Nanoseconds that this thread was ready to run and others ran in its place; 0 where there is no /proc. */
const kept = (): number => {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[1])
  } catch {
    return 0
  }
}

/** Milliseconds by the clock without those that other programs had the processor in place of this thread. */
export const now = (): number => performance.now() - kept() / 1e6
