import type { NodeRecord } from "../store/NodeRecord.ts"
import type { Budget } from "./Budget.ts"
import type { Run } from "./runs.ts"
import { compareBy, type SortKey } from "./sort.ts"

/** A run of a listing. One that is not in the order of the page is read to its end. */
export interface ListedRun {
  readonly run: Run
  readonly ordered: boolean
}

/** What a page is made of: runs, what is kept of them, and the order of the page. */
export interface Listing {
  readonly runs: ReadonlyArray<ListedRun>
  readonly keeps: (node: NodeRecord) => boolean
  readonly keyOf: (node: NodeRecord) => SortKey
  /** Per part of the sort key. */
  readonly descending: ReadonlyArray<boolean>
}

/** Candidates that are read in one go, at most. */
const chunk = 500

export interface Entry {
  readonly node: NodeRecord
  readonly at: SortKey
}

/**
 * The first `limit` nodes behind `after`, and one more where there are more. Each run gives its own first ones; the
 * page's are among these. What does not change while somebody pages is met exactly once, since where it stands in the
 * order depends on nothing but itself.
 */
export const readPage = (
  listing: Listing,
  after: SortKey | undefined,
  limit: number,
  budget: Budget
): ReadonlyArray<Entry> => {
  const compare = compareBy(listing.descending)
  const found: Array<Entry> = []
  for (const { run, ordered } of listing.runs) {
    found.push(...(ordered ? firstOf(listing, run, after, limit + 1, budget) : restOf(listing, run, after, budget)))
  }
  if (listing.runs.length > 1 || listing.runs.some(({ ordered }) => !ordered)) {
    found.sort((a, b) => compare(a.at, b.at))
  }
  return found.slice(0, limit + 1)
}

const firstOf = (
  listing: Listing,
  run: Run,
  after: SortKey | undefined,
  wanted: number,
  budget: Budget
): ReadonlyArray<Entry> => {
  const found: Array<Entry> = []
  let at = after
  let count = Math.min(wanted, chunk)
  for (;;) {
    const nodes = run.read(at, count)
    let passed = 0
    for (const node of nodes) {
      if (listing.keeps(node)) found.push({ node, at: listing.keyOf(node) })
      else passed++
      if (found.length === wanted) return found
    }
    // Only what led to nothing is charged: a page is as long as it was asked to be.
    budget.spend(passed)
    const last = nodes[nodes.length - 1]
    if (last === undefined || nodes.length < count) return found
    at = run.keyOf(last)
    count = Math.min(count * 2, chunk)
  }
}

const restOf = (listing: Listing, run: Run, after: SortKey | undefined, budget: Budget): ReadonlyArray<Entry> => {
  const compare = compareBy(listing.descending)
  const found: Array<Entry> = []
  for (const node of eachOf(run, budget)) {
    if (!listing.keeps(node)) continue
    const at = listing.keyOf(node)
    if (after === undefined || compare(at, after) > 0) found.push({ node, at })
  }
  return found
}

/** Every candidate of a run. */
export function* eachOf(run: Run, budget: Budget): Generator<NodeRecord> {
  let at: SortKey | undefined
  for (let size = 100; ; size = chunk) {
    // One more than the budget has is enough to find that it is too small.
    const count = Math.min(size, budget.left + 1)
    const nodes = run.read(at, count)
    budget.spend(nodes.length)
    yield* nodes
    const last = nodes[nodes.length - 1]
    if (last === undefined || nodes.length < count) return
    at = run.keyOf(last)
  }
}
