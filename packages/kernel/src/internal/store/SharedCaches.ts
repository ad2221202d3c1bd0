import type { Grant } from "../permission/grants.ts"
import type { Subject } from "../permission/subject.ts"
import { SchemaCache } from "../schema/SchemaCache.ts"
import type { Paths } from "./CacheView.ts"
import type { Epoch, Progress } from "./epochs.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import { Sieve } from "./Sieve.ts"

/** Where a snapshot is. */
export interface Moment {
  readonly seq: number
  readonly epoch: number
}

/** Keys by tree path: a record of its own time would be no use to readers of other snapshots. */
export class PathKeys implements Paths {
  readonly #keys: Sieve<string, number>

  constructor(capacity: number) {
    this.#keys = new Sieve(capacity)
  }

  get(path: string): number | undefined {
    return this.#keys.get(path)
  }

  set(path: string, { key }: NodeRecord): void {
    this.#keys.set(path, key)
  }
}

/** What holds as long as no node is moved, nothing is granted and no schema installed. Replaced, never emptied. */
export interface Generation {
  /** The epoch that it holds from; it ends where the next one begins. */
  readonly since: number
  readonly paths: PathKeys
  readonly subjects: Sieve<string, Subject>
  readonly grants: Sieve<number, ReadonlyArray<Grant>>
  readonly schema: SchemaCache
  readonly treeEpoch: number
  masks: number
}

/** Earlier generations that are kept for snapshots which are still being read. */
const keptGenerations = 8
/** Changed nodes of which it is known when; of older ones it is not. */
const knownChanges = 20_000

/**
 * What the process remembers of a store that others write, too. It is as of a moment, the latest that anybody here has
 * seen; each reader brings it to its own snapshot first, by what the commits in between say is to be forgotten.
 *
 * Who reads an older snapshot meanwhile takes from it what was true then already, which is: nodes that have not been
 * changed since, and the generation of that time.
 */
export class SharedCaches {
  readonly records: Sieve<number, NodeRecord>
  /** An id names one key for good. */
  readonly keysById: Sieve<string, number>
  readonly #nodes: number
  /** When nodes were changed, the latest last. */
  readonly #changedAt = new Map<number, number>()
  /** Before this epoch it is not known of every change. */
  #knownSince: number
  #generations: Array<Generation>
  #moment: Moment
  /** Of the tree as it is now, and the last one that was given to any tree. */
  #treeEpoch = 1
  #lastTree = 1

  constructor(nodes: number, moment: Moment) {
    this.#nodes = nodes
    this.records = new Sieve(nodes)
    this.keysById = new Sieve(nodes)
    this.#moment = moment
    this.#knownSince = moment.epoch
    this.#generations = [this.#generation(moment.epoch, new SchemaCache())]
  }

  get moment(): Moment {
    return this.#moment
  }

  /** Brings everything to a snapshot, if it is a later one. */
  catchUp({ epochs, seq }: Progress): void {
    let { epoch } = this.#moment
    for (const each of epochs) {
      if (each.number <= epoch) continue
      if (each.before === epoch) this.#apply(each)
      else this.#forgetAll(each.number)
      epoch = each.number
    }
    if (seq > this.#moment.seq || epoch > this.#moment.epoch) {
      this.#moment = { seq: Math.max(seq, this.#moment.seq), epoch }
    }
  }

  /** What held at a snapshot. Of one long past nothing is kept, and its tree is not the one there is now. */
  generationAt(epoch: number): Generation {
    const found = this.#generations.findLast(({ since }) => since <= epoch)
    return found ?? { ...this.#generation(epoch, new SchemaCache()), treeEpoch: ++this.#lastTree }
  }

  /** Whether a node that was read at a snapshot is still the same. */
  isUnchangedSince(key: number, epoch: number): boolean {
    if (epoch >= this.#moment.epoch) return true
    return epoch >= this.#knownSince && (this.#changedAt.get(key) ?? 0) <= epoch
  }

  countMask(generation: Generation): void {
    if (++generation.masks <= this.#nodes * 4) return
    generation.masks = 0
    generation.subjects.clear()
  }

  #apply(epoch: Epoch): void {
    if (epoch.keys === undefined || epoch.schema) this.#forgetNodes(epoch.number)
    for (const key of epoch.keys ?? []) this.#forgetNode(key, epoch.number)
    if (epoch.tree) this.#treeEpoch = ++this.#lastTree
    if (!epoch.tree && !epoch.perms && !epoch.schema) return
    const { paths, schema } = this.generationAt(epoch.number)
    const next = this.#generation(epoch.number, epoch.schema ? new SchemaCache() : schema)
    this.#add(epoch.tree ? next : { ...next, paths })
  }

  #forgetNode(key: number, epoch: number): void {
    this.records.delete(key)
    this.#changedAt.delete(key)
    this.#changedAt.set(key, epoch)
    if (this.#changedAt.size <= knownChanges) return
    const oldest = this.#changedAt.entries().next()
    if (oldest.done === true) return
    const [changed, at] = oldest.value
    this.#changedAt.delete(changed)
    // They are in order, and all come after what is known.
    this.#knownSince = at
  }

  #forgetNodes(epoch: number): void {
    this.records.clear()
    this.#changedAt.clear()
    this.#knownSince = epoch
  }

  #forgetAll(epoch: number): void {
    this.#forgetNodes(epoch)
    this.#treeEpoch = ++this.#lastTree
    // When the earlier ones ended is not known.
    this.#generations = [this.#generation(epoch, new SchemaCache())]
  }

  #add(generation: Generation): void {
    this.#generations = [...this.#generations.slice(1 - keptGenerations), generation]
  }

  #generation(since: number, schema: SchemaCache): Generation {
    return {
      since,
      paths: new PathKeys(this.#nodes),
      subjects: new Sieve(4096),
      grants: new Sieve(4096),
      schema,
      treeEpoch: this.#treeEpoch,
      masks: 0
    }
  }
}
