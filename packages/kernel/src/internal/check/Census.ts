import type { Wording } from "../query/words.ts"
import { textsOf } from "../store/textIndex.ts"

/** A sum that does not depend on the order of what is added, so that two walks in different orders can be compared. */
export interface Sum {
  count: number
  hash: number
}

/** Keys of nodes that share one sum: small enough to say where a difference is, few enough to keep. */
const bucketBits = 10

/** What the walk over nodes counted for those over other tables. */
export class Census {
  nodes = 0
  edges = 0
  changes = 0
  /** Nodes by the key of their class, those that are about to be removed left out. */
  readonly byClass = new Map<number, number>()
  /** Rows of each ordered list of properties. */
  readonly byList = new Map<number, number>()
  /** Of what the nodes say and of what the index of words holds, by range of keys. */
  readonly wanted = new Map<number, Sum>()
  readonly indexed = new Map<number, Sum>()
  /** Nodes that are not found by words: the folders in which a schema's functions and views are. */
  readonly wordless = new Set<number>()

  addWords(node: number, parent: number, wording: Wording): void {
    const sum = sumAt(this.wanted, node)
    textsOf(parent, wording).forEach((words, column) => {
      for (const word of words) addTo(sum, wordHash(word), node, column)
    })
  }

  addIndexed(node: number, column: number, hash: number): void {
    addTo(sumAt(this.indexed, node), hash, node, column)
  }
}

export const increment = (counts: Map<number, number>, key: number, by = 1): void => {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

const sumAt = (sums: Map<number, Sum>, node: number): Sum => {
  const bucket = Math.floor(node / 2 ** bucketBits)
  const known = sums.get(bucket)
  if (known !== undefined) return known
  const sum = { count: 0, hash: 0 }
  sums.set(bucket, sum)
  return sum
}

const addTo = (sum: Sum, hash: number, node: number, column: number): void => {
  sum.count++
  sum.hash = (sum.hash + Math.imul(hash ^ Math.imul(node, 0x9e3779b1) ^ (column + 1), 0x85ebca6b)) | 0
}

/** FNV-1a over UTF-16 units, 32 bits. */
export const wordHash = (word: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
  return hash
}

/** First and last key of each range whose sums differ. */
export const differences = (a: ReadonlyMap<number, Sum>, b: ReadonlyMap<number, Sum>) =>
  [...new Set([...a.keys(), ...b.keys()])]
    .filter((bucket) => {
      const [x, y] = [a.get(bucket), b.get(bucket)]
      return (x?.count ?? 0) !== (y?.count ?? 0) || (x?.hash ?? 0) !== (y?.hash ?? 0)
    })
    .sort((x, y) => x - y)
    .map((bucket) => ({ first: bucket * 2 ** bucketBits, last: (bucket + 1) * 2 ** bucketBits - 1 }))
