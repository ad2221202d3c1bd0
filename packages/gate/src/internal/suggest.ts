/**
 * Edit distance in which swapping two neighbours counts once (optimal string alignment; Boytsov 2011), or `limit + 1`
 * as soon as it is clear that it is more than `limit`.
 */
export const distance = (a: string, b: string, limit: number = Number.POSITIVE_INFINITY): number => {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforeLast: ReadonlyArray<number> = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const substitution = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      let best = Math.min(substitution, at(last, column) + 1, at(current, column - 1) + 1)
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, at(beforeLast, column - 2) + 1)
      }
      current.push(best)
    }
    if (Math.min(...current) > limit) return limit + 1
    beforeLast = last
    last = current
  }
  return Math.min(at(last, b.length), limit + 1)
}

const at = (row: ReadonlyArray<number>, column: number): number => row[column] ?? Number.POSITIVE_INFINITY

/** How many slips a name of this length may hold and still be meant. */
const tolerance = (name: string): number => Math.max(1, Math.floor((name.length + 2) / 3))

/**
 * The known names that `name` may have meant, nearest first, at most three. Letter case counts for nothing. Names with
 * slashes or dots are compared as a whole and by their last part.
 *
 * @example
 * ```ts
 * import { nearest } from "@portico/gate"
 *
 * console.log(nearest("emial", ["email", "company"])) // ["email"]
 * ```
 */
export const nearest = (name: string, known: Iterable<string>): ReadonlyArray<string> => {
  const wanted = name.toLowerCase()
  const wantedTail = tail(wanted)
  const found: Array<{ readonly name: string; readonly far: number }> = []
  for (const candidate of new Set(known)) {
    if (candidate === name) continue
    const lower = candidate.toLowerCase()
    const limit = tolerance(wanted)
    let far = distance(wanted, lower, limit)
    if (far > limit && (wantedTail !== wanted || tail(lower) !== lower)) {
      const tailLimit = Math.min(tolerance(wantedTail), 2)
      // A match of the last part only is worth less than any match of the whole.
      const tailFar = distance(wantedTail, tail(lower), tailLimit)
      if (tailFar <= tailLimit) far = limit - 0.5 + tailFar / 10
    }
    if (far <= limit) found.push({ name: candidate, far })
  }
  const best = Math.min(...found.map((candidate) => candidate.far))
  return found
    .filter((candidate) => candidate.far <= best + 1)
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((candidate) => candidate.name)
}

const tail = (name: string): string => name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf(".")) + 1)
