import type { Grant } from "../permission/grants.ts"
import type { Subject } from "../permission/subject.ts"
import type { SchemaCache } from "../schema/SchemaCache.ts"
import type { CacheView, Marks, Paths } from "./CacheView.ts"
import type { NodeRecord } from "./NodeRecord.ts"
import type { Generation, Moment, SharedCaches } from "./SharedCaches.ts"
import type { Sieve } from "./Sieve.ts"
import { type Sql, sqlOf } from "./sql.ts"

const noWrite = (): never => {
  throw new Error("a read marks nothing as changed")
}

/** What is remembered, as a reader of one snapshot may use it. */
export class SnapshotView implements CacheView {
  readonly sql: Sql = sqlOf("postgres")
  readonly records: CacheView["records"]
  readonly keysById: CacheView["keysById"]
  readonly places = undefined
  // Groups come with those that they are in, all at once.
  readonly groups = undefined
  readonly moment: Moment
  protected readonly caches: SharedCaches
  protected readonly generation: Generation

  constructor(caches: SharedCaches, moment: Moment) {
    this.caches = caches
    this.moment = moment
    this.generation = caches.generationAt(moment.epoch)
    this.keysById = caches.keysById
    this.records = {
      // A node that was not changed since before the snapshot was the same then.
      get: (key) => {
        const record = caches.records.get(key)
        return record !== undefined && record.rev <= moment.seq ? record : undefined
      },
      set: (key: number, record: NodeRecord) => {
        if (caches.isUnchangedSince(key, moment.epoch)) caches.records.set(key, record)
      }
    }
  }

  get seqSeen(): number | undefined {
    return this.moment.seq
  }
  get paths(): Paths | undefined {
    return this.generation.paths
  }
  get subjects(): Sieve<string, Subject> | undefined {
    return this.generation.subjects
  }
  get grants(): Sieve<number, ReadonlyArray<Grant>> | undefined {
    return this.subjects === undefined ? undefined : this.generation.grants
  }
  get schema(): SchemaCache | undefined {
    return this.generation.schema
  }
  get treeEpoch(): number {
    return this.generation.treeEpoch
  }

  isDirty(_key: number): boolean {
    return false
  }

  countMask(): void {
    this.caches.countMask(this.generation)
  }

  readonly markNode: CacheView["markNode"] = noWrite
  readonly markTree: CacheView["markTree"] = noWrite
  readonly markPerms: CacheView["markPerms"] = noWrite
  readonly markSchema: CacheView["markSchema"] = noWrite
}

/** What the requests of a transaction have changed so far. It is the transaction's alone until the commit. */
export class Uncommitted {
  readonly nodes = new Set<number>()
  tree = false
  perms = false
  schema = false

  add(marks: Marks): void {
    for (const key of marks.nodes) this.nodes.add(key)
    this.tree ||= marks.tree
    this.perms ||= marks.perms
    this.schema ||= marks.schema
  }
}

/**
 * What is remembered, as a write may use it: the last commit's, without whatever this transaction has changed. Others go
 * on using all of it.
 */
export class WriteView extends SnapshotView {
  readonly #before: Uncommitted
  readonly #own = new Uncommitted()
  /** The nodes of the marks, in their order, and where each of them stands first. */
  readonly #order: Array<number> = []
  readonly #firstAt = new Map<number, number>()

  constructor(caches: SharedCaches, moment: Moment, before: Uncommitted, marks: Marks) {
    super(caches, moment)
    this.#before = before
    this.#own.add(marks)
    for (const key of marks.nodes) this.#touch(key)
  }

  /** Forgets what was touched beyond these marks, before a step is run again. */
  rewind(marks: Marks): void {
    // Only those beyond, since a long write has thousands of steps.
    for (let last = this.#order.length - 1; last >= marks.nodes.length; last--) {
      const key = this.#order.pop()
      if (key !== undefined && this.#firstAt.get(key) === last) {
        this.#firstAt.delete(key)
        this.#own.nodes.delete(key)
      }
    }
    this.#own.tree = marks.tree
    this.#own.perms = marks.perms
    this.#own.schema = marks.schema
  }

  #touch(key: number): void {
    if (!this.#firstAt.has(key)) this.#firstAt.set(key, this.#order.length)
    this.#order.push(key)
    this.#own.nodes.add(key)
  }

  override get seqSeen(): number | undefined {
    return undefined
  }
  override get paths(): Paths | undefined {
    return this.#before.tree || this.#own.tree ? undefined : this.generation.paths
  }
  override get subjects(): Sieve<string, Subject> | undefined {
    const { perms, tree } = this.#before
    return perms || tree || this.#own.perms || this.#own.tree ? undefined : this.generation.subjects
  }
  override get schema(): SchemaCache | undefined {
    return this.#before.schema || this.#own.schema ? undefined : this.generation.schema
  }

  override isDirty(key: number): boolean {
    // An install changes nodes that it does not name.
    return this.#before.schema || this.#own.schema || this.#before.nodes.has(key) || this.#own.nodes.has(key)
  }

  override readonly markNode = (marks: Marks, key: number): void => {
    marks.nodes.push(key)
    this.#touch(key)
  }
  override readonly markTree = (marks: Marks): void => {
    marks.tree = true
    this.#own.tree = true
  }
  override readonly markPerms = (marks: Marks): void => {
    marks.perms = true
    this.#own.perms = true
  }
  override readonly markSchema = (marks: Marks): void => {
    marks.schema = true
    this.#own.schema = true
  }
}
