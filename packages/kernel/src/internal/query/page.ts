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
  /** What the runs of one group give comes before what those of the next give, where they are `inTurn`. */
  readonly groups: ReadonlyArray<ReadonlyArray<ListedRun>>
  readonly inTurn: boolean
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
  budget: Budget,
  visited?: Budget
): ReadonlyArray<Entry> => {
  const found: Array<Entry> = []
  for (const group of listing.groups) {
    const part: Array<Entry> = []
    for (const { ordered, run } of group) {
      const entries = ordered ? firstOf(listing, run, after, limit + 1, budget) : restOf(listing, run, after, budget)
      visited?.spend(entries.length + 1)
      part.push(...entries)
    }
    found.push(...(listing.inTurn ? inOrder(listing, group, part) : part))
    if (listing.inTurn && found.length > limit) break
  }
  return (listing.inTurn ? found : inOrder(listing, listing.groups.flat(), found)).slice(0, limit + 1)
}

const inOrder = (listing: Listing, runs: ReadonlyArray<ListedRun>, found: Array<Entry>): ReadonlyArray<Entry> => {
  if (runs.length <= 1 && runs.every(({ ordered }) => ordered)) return found
  const compare = compareBy(listing.descending)
  return found.sort((a, b) => compare(a.at, b.at))
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

/** How many nodes a listing keeps in all. */
export const countListed = (listing: Listing, budget: Budget): number => {
  let count = 0
  for (const { run } of listing.groups.flat()) for (const node of eachOf(run, budget)) if (listing.keeps(node)) count++
  return count
}
