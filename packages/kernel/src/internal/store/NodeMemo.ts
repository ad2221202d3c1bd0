import type { NodeRecord } from "./NodeRecord.ts"
import { Queue } from "./Queue.ts"

/**
 * A bounded memory of nodes as they are now, by key and by tree path. A path leads to its record at once, with no key in
 * between: each step further is a wait for memory that grows with the number of nodes that are asked for. So a path is
 * remembered no longer than its record.
 */
export class NodeMemo {
  readonly #capacity: number
  readonly #byKey = new Map<number, NodeRecord>()
  readonly #byPath = new Map<string, NodeRecord>()
  readonly #queue = new Queue<NodeRecord>()

  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity)
  }

  get(key: number): NodeRecord | undefined {
    const record = this.#byKey.get(key)
    if (record !== undefined) record.visited = true
    return record
  }

  set(key: number, record: NodeRecord): void {
    const known = this.#byKey.get(key)
    if (known === record) return
    if (known !== undefined) this.#forget(known)
    else if (this.#byKey.size >= this.#capacity) {
      const evicted = this.#queue.evict()
      if (evicted !== undefined) this.#drop(evicted)
    }
    this.#queue.add(record)
    this.#byKey.set(key, record)
  }

  delete(key: number): void {
    const record = this.#byKey.get(key)
    if (record !== undefined) this.#forget(record)
  }

  clear(): void {
    this.#queue.clear()
    this.#byKey.clear()
    this.#byPath.clear()
  }

  /** The record of the node at a path, if that is remembered. */
  at(path: string): NodeRecord | undefined {
    const record = this.#byPath.get(path)
    if (record !== undefined) record.visited = true
    return record
  }

  /** Remembers where a node is, if the node is remembered. */
  place(path: string, record: NodeRecord): void {
    if (this.#byKey.get(record.key) !== record) return
    if (record.placedAt !== undefined) this.#displace(record)
    record.placedAt = path
    this.#byPath.set(path, record)
  }

  /** Forgets where nodes are. */
  clearPaths(): void {
    this.#byPath.clear()
  }

  #forget(record: NodeRecord): void {
    this.#queue.remove(record)
    this.#drop(record)
  }

  #drop(record: NodeRecord): void {
    this.#byKey.delete(record.key)
    this.#displace(record)
  }

  #displace(record: NodeRecord): void {
    const { placedAt } = record
    record.placedAt = undefined
    // Paths may have been forgotten since, and another node may be there now.
    if (placedAt !== undefined && this.#byPath.get(placedAt) === record) this.#byPath.delete(placedAt)
  }
}
