/** Sets of code points as sorted, disjoint, inclusive ranges. */
export type CharSet = ReadonlyArray<readonly [from: number, to: number]>

const last = 0x10ffff

export const everything: CharSet = [[0, last]]

export const union = (sets: ReadonlyArray<CharSet>): CharSet => {
  const sorted = sets.flat().sort((a, b) => a[0] - b[0])
  const merged: Array<[number, number]> = []
  for (const [from, to] of sorted) {
    const previous = merged[merged.length - 1]
    if (previous !== undefined && from <= previous[1] + 1) previous[1] = Math.max(previous[1], to)
    else merged.push([from, to])
  }
  return merged
}

export const complement = (set: CharSet): CharSet => {
  const gaps: Array<[number, number]> = []
  let next = 0
  for (const [from, to] of set) {
    if (from > next) gaps.push([next, from - 1])
    next = to + 1
  }
  if (next <= last) gaps.push([next, last])
  return gaps
}

export const contains = (set: CharSet, code: number): boolean => {
  let low = 0
  let high = set.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const range = set[middle]
    if (range === undefined || code < range[0]) high = middle - 1
    else if (code > range[1]) low = middle + 1
    else return true
  }
  return false
}

const codes = (text: string): CharSet =>
  union([...text].map((char) => [[char.codePointAt(0) ?? 0, char.codePointAt(0) ?? 0]]))

export const digits: CharSet = [[0x30, 0x39]]
export const wordChars: CharSet = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a]
]
export const lineEnds: CharSet = codes("\n\r\u2028\u2029")
export const spaces: CharSet = union([
  [
    [0x09, 0x0d],
    [0x2000, 0x200a]
  ],
  codes(" \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff")
])
export const single = (code: number): CharSet => [[code, code]]

/** One code point of each class of code points that the sets do not tell apart. */
export const representatives = (sets: Iterable<CharSet>): ReadonlyArray<number> => {
  const starts = new Set<number>([0])
  for (const set of sets) {
    for (const [from, to] of set) {
      starts.add(from)
      if (to < last) starts.add(to + 1)
    }
  }
  return [...starts]
}
