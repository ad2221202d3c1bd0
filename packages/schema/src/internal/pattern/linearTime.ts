import { type Automaton, isAnchored, toAutomaton } from "./automaton.ts"
import { contains, everything, representatives } from "./charSet.ts"
import { type Pattern, parsePattern, UnsupportedPattern } from "./parsePattern.ts"

/** Longest pattern that is looked at. */
const maxSource = 1_000
/** In how many ways a backtracking engine may at most have come to where it is. */
const maxWays = 64
/** How much is looked at before the pattern counts as too complicated to prove anything. */
const maxWork = 400_000

/**
 * Why a pattern is not known to take time linear in the length of the text, or undefined when it is.
 *
 * A backtracking engine tries every way through the pattern in turn. The ways are counted for every text at once:
 * the automaton of the pattern is made deterministic over *multisets* of states, which remember in how many ways each
 * state is reached. When no text reaches more than 64, each character is looked at a bounded number of times. That
 * rules out nested quantifiers and ambiguous choices under a quantifier, and, since a search starts anew at every
 * character, most patterns without `^`. What cannot be decided cheaply is refused as well.
 */
export const linearTimeProblem = (source: string): string | undefined => {
  if (source.length > maxSource) return `a pattern has at most ${maxSource} characters`
  try {
    new RegExp(source, "u")
  } catch {
    return "it is not a regular expression in Unicode mode"
  }
  try {
    const pattern = parsePattern(source)
    const searching: Pattern = isAnchored(pattern) ? pattern : { _tag: "Sequence", parts: [anything, pattern] }
    return waysProblem(toAutomaton(searching), isAnchored(pattern))
  } catch (error) {
    if (error instanceof UnsupportedPattern) return `it has ${error.message}`
    throw error
  }
}

const anything: Pattern = {
  _tag: "Repeat",
  part: { _tag: "Chars", set: everything },
  min: 0,
  max: Number.POSITIVE_INFINITY
}

/** How many ways lead to each state, by state. */
type Ways = ReadonlyMap<number, number>

const waysProblem = (automaton: Automaton, anchored: boolean): string | undefined => {
  const alphabet = representatives(automaton.reads.flatMap((read) => (read === undefined ? [] : [read.set])))
  const seen = new Set<string>()
  let work = 0

  /** Follows the jumps of every way, and keeps the states that read. Undefined when there are too many ways. */
  const settle = (ways: Ways): Ways | undefined => {
    const settled = new Map<number, number>()
    const pending = [...ways]
    let total = 0
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [state, count] = next
      work++
      const targets = automaton.jumps[state] ?? []
      for (const target of targets) pending.push([target, count])
      if (automaton.reads[state] !== undefined || targets.length === 0) {
        settled.set(state, (settled.get(state) ?? 0) + count)
        total += count
        if (total > maxWays) return undefined
      }
      if (work > maxWork) return settled
    }
    return settled
  }

  const step = (ways: Ways, code: number): Ways => {
    const reached = new Map<number, number>()
    for (const [state, count] of ways) {
      work++
      const read = automaton.reads[state]
      if (read !== undefined && contains(read.set, code)) reached.set(read.to, (reached.get(read.to) ?? 0) + count)
    }
    return reached
  }

  const queue: Array<Ways> = [new Map([[automaton.start, 1]])]
  for (let ways = queue.pop(); ways !== undefined; ways = queue.pop()) {
    const settled = settle(ways)
    if (settled === undefined) {
      return anchored
        ? "it can match one text in ever more ways: a quantifier in a quantifier, or choices that overlap under one"
        : "a search for it starts anew at every character; begin it with ^"
    }
    if (work > maxWork) return "it is too complicated to prove that it takes linear time"
    const key = [...settled].sort((a, b) => a[0] - b[0]).join(";")
    if (seen.has(key)) continue
    seen.add(key)
    for (const code of alphabet) {
      const reached = step(settled, code)
      if (reached.size > 0) queue.push(reached)
    }
  }
  return undefined
}
