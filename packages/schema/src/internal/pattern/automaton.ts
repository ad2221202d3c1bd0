import type { CharSet } from "./charSet.ts"
import { type Pattern, UnsupportedPattern } from "./parsePattern.ts"

/** Largest automaton: counted repetitions are unrolled. */
const maxStates = 4_096

/** States are numbers; a state either reads one character or goes on without reading. */
export interface Automaton {
  readonly start: number
  /** What a state reads and where it then is, or undefined. */
  readonly reads: ReadonlyArray<{ readonly set: CharSet; readonly to: number } | undefined>
  /** Where a state goes without reading. Never in a circle. */
  readonly jumps: ReadonlyArray<ReadonlyArray<number>>
}

const isNullable = (pattern: Pattern): boolean => {
  switch (pattern._tag) {
    case "Chars":
      return false
    case "Empty":
    case "Start":
      return true
    case "Sequence":
      return pattern.parts.every(isNullable)
    case "Choice":
      return pattern.options.some(isNullable)
    case "Repeat":
      return pattern.min === 0 || isNullable(pattern.part)
  }
}

/** True when every way through the pattern begins with `^`. */
export const isAnchored = (pattern: Pattern): boolean => {
  switch (pattern._tag) {
    case "Start":
      return true
    case "Sequence":
      return pattern.parts[0] !== undefined && isAnchored(pattern.parts[0])
    case "Choice":
      return pattern.options.every(isAnchored)
    default:
      return false
  }
}

/** Thompson's construction, with each choice of the pattern a choice of the automaton. */
export const toAutomaton = (pattern: Pattern): Automaton => {
  const reads: Array<{ set: CharSet; to: number } | undefined> = []
  const jumps: Array<Array<number>> = []

  const state = (): number => {
    if (reads.length >= maxStates) throw new UnsupportedPattern("counts this large; bound the length with maxLength")
    reads.push(undefined)
    jumps.push([])
    return reads.length - 1
  }
  const jump = (from: number, to: number): void => {
    jumps[from]?.push(to)
  }

  /** Adds what goes from `from` through the pattern, and returns where it ends. */
  const add = (part: Pattern, from: number): number => {
    switch (part._tag) {
      case "Empty":
      case "Start":
        return from
      case "Chars": {
        const reader = state()
        const to = state()
        jump(from, reader)
        reads[reader] = { set: part.set, to }
        return to
      }
      case "Sequence":
        return part.parts.reduce((at, next) => add(next, at), from)
      case "Choice": {
        const end = state()
        for (const option of part.options) {
          const begin = state()
          jump(from, begin)
          jump(add(option, begin), end)
        }
        return end
      }
      case "Repeat":
        return repeat(part.part, part.min, part.max, from)
    }
  }

  const repeat = (part: Pattern, min: number, max: number, from: number): number => {
    let at = from
    for (let i = 0; i < min; i++) at = add(part, at)
    if (max === Number.POSITIVE_INFINITY) {
      if (isNullable(part)) throw new UnsupportedPattern("a repeated part that may be empty")
      const loop = state()
      const begin = state()
      jump(at, loop)
      jump(loop, begin)
      jump(add(part, begin), loop)
      const end = state()
      jump(loop, end)
      return end
    }
    const end = state()
    for (let i = min; i < max; i++) {
      jump(at, end)
      const begin = state()
      jump(at, begin)
      at = add(part, begin)
    }
    jump(at, end)
    return end
  }

  const start = state()
  add(pattern, start)
  return { start, reads, jumps }
}
