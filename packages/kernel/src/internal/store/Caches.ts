import type { Grant } from "../permission/grants.ts"
import type { Subject } from "../permission/subject.ts"
import { SchemaCache } from "../schema/SchemaCache.ts"
import type { CacheView, Marks, Paths } from "./CacheView.ts"
import { NodeMemo } from "./NodeMemo.ts"
import { PlaceMemo } from "./PlaceMemo.ts"
import { Sieve } from "./Sieve.ts"
import type { Sql } from "./sql.ts"

/** Identities whose groups and masks are remembered, and nodes whose grants are. */
const knownIdentities = 4096

/**
 * What the process remembers of a store of its own. One process writes a file, and it writes through here, so what is
 * remembered is never stale:
 *
 * - what a running write has touched is marked, and whatever is marked is not read from here, by anyone, until the
 *   commit is over and the mark is lifted, which forgets what was put here meanwhile;
 * - moves lift the tree's epoch and grants the permissions', which forgets paths and masks as a whole, in no time.
 */
export class Caches implements CacheView {
  readonly records: NodeMemo
  readonly keysById: Sieve<string, number>
  readonly #paths: Paths
  readonly places: PlaceMemo
  readonly #subjects = new Sieve<string, Subject>(knownIdentities)
  readonly #groups = new Sieve<number, ReadonlyArray<number>>(knownIdentities)
  readonly #grants = new Sieve<number, ReadonlyArray<Grant>>(knownIdentities)
  readonly #dirty = new Map<number, number>()
  #schema = new SchemaCache()
  #treeWriters = 0
  #permWriters = 0
  #schemaWriters = 0
  #masks = 0
  readonly #maskLimit: number

  /** Lifted by each move and each removal of a subtree. */
  treeEpoch = 1
  /** Writes that have begun and whose commit is not over. */
  writers = 0
  /** Number of the last commit; exact while `writers` is 0. */
  seq = 0

  readonly sql: Sql

  constructor(sql: Sql, nodes: number) {
    this.sql = sql
    this.records = new NodeMemo(nodes)
    this.#paths = {
      get: (path) => {
        const record = this.records.at(path)
        return record !== undefined && this.isDirty(record.key) ? record.key : record
      },
      set: (path, record) => this.records.place(path, record)
    }
    this.keysById = new Sieve(nodes)
    this.places = new PlaceMemo(nodes)
    this.#maskLimit = nodes * 4
  }

  get seqSeen(): number | undefined {
    return this.writers === 0 ? this.seq : undefined
  }

  isDirty(key: number): boolean {
    // An install changes nodes that it does not name.
    return this.#schemaWriters > 0 || (this.#dirty.size > 0 && this.#dirty.has(key))
  }

  /** Nodes by tree path, or `undefined` while the tree is being changed. */
  get paths(): Paths | undefined {
    return this.#treeWriters === 0 ? this.#paths : undefined
  }

  /** Identities with their groups and masks, or `undefined` while grants are being changed. */
  get subjects(): Sieve<string, Subject> | undefined {
    return this.#permWriters === 0 && this.#treeWriters === 0 ? this.#subjects : undefined
  }

  get groups(): Sieve<number, ReadonlyArray<number>> | undefined {
    return this.subjects === undefined ? undefined : this.#groups
  }

  get grants(): Sieve<number, ReadonlyArray<Grant>> | undefined {
    return this.subjects === undefined ? undefined : this.#grants
  }

  /** Counts a mask that is about to be remembered; once there are too many, all of them are forgotten. */
  countMask(): void {
    if (++this.#masks > this.#maskLimit) this.#forgetMasks()
  }

  /** The installed schema, or `undefined` while it is being changed. */
  get schema(): SchemaCache | undefined {
    return this.#schemaWriters === 0 ? this.#schema : undefined
  }

  markNode(marks: Marks, key: number): void {
    marks.nodes.push(key)
    this.#dirty.set(key, (this.#dirty.get(key) ?? 0) + 1)
  }

  markTree(marks: Marks): void {
    if (marks.tree) return
    marks.tree = true
    this.#treeWriters++
  }

  markPerms(marks: Marks): void {
    if (marks.perms) return
    marks.perms = true
    this.#permWriters++
  }

  markSchema(marks: Marks): void {
    if (marks.schema) return
    marks.schema = true
    this.#schemaWriters++
  }

  /** Forgets what the write changed and lifts its marks. Called once its commit is over, whichever way it went. */
  lift(marks: Marks): void {
    for (const key of marks.nodes) {
      this.records.delete(key)
      this.places.delete(key)
      const left = (this.#dirty.get(key) ?? 1) - 1
      if (left === 0) this.#dirty.delete(key)
      else this.#dirty.set(key, left)
    }
    if (marks.tree) {
      this.#treeWriters--
      this.treeEpoch++
      this.records.clearPaths()
      this.#forgetMasks()
    }
    if (marks.perms) {
      this.#permWriters--
      this.#forgetMasks()
    }
    if (marks.schema) {
      this.#schemaWriters--
      this.#schema = new SchemaCache()
      // An install may have renamed classes and filled in properties of any number of nodes.
      this.records.clear()
      this.places.clear()
    }
  }

  #forgetMasks(): void {
    this.#masks = 0
    this.#subjects.clear()
    this.#groups.clear()
    this.#grants.clear()
  }
}
