/** Edit distance (Levenshtein), one row at a time. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, ch] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (ch === other ? 0 : 1)))
    }
    row = next
  }
  return row[b.length] ?? 0
}

// Two letters swapped count as two edits.
const tolerance = (candidate: string): number =>
  candidate.length <= 3 ? 1 : Math.max(2, Math.floor(candidate.length / 3))

/** The candidate that was probably meant, if one is near. */
export const nearest = (word: string, candidates: ReadonlyArray<string>): string | undefined =>
  candidates
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, far }) => far <= tolerance(candidate))
    .toSorted((a, b) => a.far - b.far)[0]?.candidate
