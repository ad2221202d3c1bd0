import { PorticoError, type QueryStart } from "@portico/schema"
import { defaultLimit } from "../ops/children.ts"
import type { Op } from "../ops/Op.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { nodesByKey } from "../store/nodes.ts"
import { isInTree } from "../store/places.ts"
import { findWords, parentsAtOnce, type Search } from "../store/textIndex.ts"
import { type Asking, keepsNode } from "./ask.ts"
import { Budget } from "./Budget.ts"
import { sortKeyOf } from "./runs.ts"
import { compareBy, type SortKey } from "./sort.ts"
import { type Tier, tierOf, tiers, wordingIn, wordsOf } from "./words.ts"

/** Most words that are looked for. */
export const maxWords = 16

/** The words of a search. One without words finds nothing, as a search box that is empty does. */
export const searchWords = (text: string): ReadonlyArray<string> => {
  const words = wordsOf([text])
  if (words.length <= maxWords) return words
  throw PorticoError.make("LIMIT_EXCEEDED", `a search has at most ${maxWords} words`, { limit: "words", max: maxWords })
}

/** Where words are looked for. */
export interface Place {
  /** Keys of parents; undefined for everywhere. */
  readonly parents: ReadonlyArray<number> | undefined
  /** Nodes that are looked at besides: they are in none of the parents. */
  readonly besides: ReadonlyArray<NodeRecord>
}

interface Hit {
  readonly node: NodeRecord
  readonly at: SortKey
}

/**
 * A page of a search: the better tier first, and of one tier the latest made. Where a node stands depends on nothing but
 * its own texts, so a page tells nothing of others, and what does not change is met exactly once.
 */
export const searchPage = (
  op: Op,
  start: QueryStart,
  asking: Asking,
  place: Place,
  words: ReadonlyArray<string>,
  after: SortKey | undefined,
  visited: Budget
): ReadonlyArray<Hit> => {
  const limit = start.page?.limit ?? defaultLimit
  if (asking.order.length > 0) return inOrder(op, asking, place, words, after, limit, visited)
  const passed = scanBudget(op)
  const found: Array<Hit> = []
  for (const tier of tiers) {
    if (after !== undefined && tier < Number(after[0])) continue
    const before = after !== undefined && tier === after[0] ? Number(after[1]) : Number.MAX_SAFE_INTEGER
    const wanted = limit + 1 - found.length
    if (wanted <= 0) break
    const hits = searchesOf(place, words).flatMap((search) =>
      firstHits(op, asking, search, tier, before, wanted, passed, visited)
    )
    const own = place.besides.filter(
      (node) => node.key < before && tierOf(words, wordingIn(op.graph, node)) === tier && keepsNode(op, asking, node)
    )
    const all = [...hits, ...own].sort((a, b) => b.key - a.key).slice(0, wanted)
    found.push(...all.map((node) => ({ node, at: [tier, node.key] })))
  }
  return found
}

const searchesOf = ({ parents }: Place, words: ReadonlyArray<string>): ReadonlyArray<Search> => {
  if (parents === undefined) return [{ words, parents }]
  const searches: Array<Search> = []
  for (let i = 0; i < parents.length; i += parentsAtOnce) {
    searches.push({ words, parents: parents.slice(i, i + parentsAtOnce) })
  }
  return searches
}

const firstHits = (
  op: Op,
  asking: Asking,
  search: Search,
  tier: Tier,
  before: number,
  wanted: number,
  passed: Budget,
  visited: Budget
): ReadonlyArray<NodeRecord> => {
  const found: Array<NodeRecord> = []
  for (let [at, count] = [before, wanted]; ; count = 500) {
    const keys = findWords(op.graph, search, tier, at, count)
    visited.spend(keys.length + 1)
    const kept = nodesByKey(op.graph, keys).filter((node) => isInTree(op.graph, node) && keepsNode(op, asking, node))
    passed.spend(keys.length - kept.length)
    found.push(...kept)
    const last = keys[keys.length - 1]
    if (last === undefined || keys.length < count || found.length >= wanted) return found.slice(0, wanted)
    at = last
  }
}

/** Everything that is found. */
export const allHits = (
  op: Op,
  asking: Asking,
  place: Place,
  words: ReadonlyArray<string>,
  visited: Budget
): ReadonlyArray<NodeRecord> => {
  const everything = Number.MAX_SAFE_INTEGER
  const passed = scanBudget(op)
  const hits = tiers.flatMap((tier) =>
    searchesOf(place, words).flatMap((search) =>
      firstHits(op, asking, search, tier, everything, everything, passed, visited)
    )
  )
  const own = place.besides.filter(
    (node) => tierOf(words, wordingIn(op.graph, node)) !== undefined && keepsNode(op, asking, node)
  )
  return [...hits, ...own]
}

const inOrder = (
  op: Op,
  asking: Asking,
  place: Place,
  words: ReadonlyArray<string>,
  after: SortKey | undefined,
  limit: number,
  visited: Budget
): ReadonlyArray<Hit> => {
  const { order } = asking
  const compare = compareBy(order.map(({ descending }) => descending))
  return allHits(op, asking, place, words, visited)
    .map((node) => ({ node, at: sortKeyOf(op.graph, node, order) }))
    .filter(({ at }) => after === undefined || compare(at, after) > 0)
    .sort((a, b) => compare(a.at, b.at))
    .slice(0, limit + 1)
}

/** What a search may find that is not what is asked for. */
const scanBudget = (op: Op): Budget => {
  const max = op.tools.limits.scan
  return new Budget(max, () => {
    throw PorticoError.make("LIMIT_EXCEEDED", `this finds more than ${max} nodes of which few are wanted; add a word`, {
      limit: "scan",
      max,
      index: []
    })
  })
}
