import type { SyncConnection } from "@portico/gate/database"
import { isPorticoError } from "@portico/schema"
import { SchemaCache } from "../schema/SchemaCache.ts"
import type { CacheView, Marks } from "./CacheView.ts"
import type { Ids } from "./ids.ts"
import type { Sql } from "./sql.ts"

/** The graph as one operation sees it: a connection, and what is remembered of it. Made anew for each operation. */
export class Graph {
  readonly conn: SyncConnection
  readonly caches: CacheView
  /** Questions about single nodes and domains, about grants on them and about the trash that the store was asked. */
  asked = 0
  /** How often an answer was waited for until now, where each is a way to a server and back. */
  waited: number | undefined = undefined
  #ownSchema: SchemaCache | undefined

  constructor(conn: SyncConnection, caches: CacheView) {
    this.conn = conn
    this.caches = caches
  }

  /** What the database at hand says in its own way. */
  get sql(): Sql {
    return this.caches.sql
  }

  /** The installed schema: the shared one, or one of its own while an install is in the making. */
  get schema(): SchemaCache {
    const shared = this.caches.schema
    if (shared !== undefined) return shared
    this.#ownSchema ??= new SchemaCache()
    return this.#ownSchema
  }

  /** After a change of the schema inside this operation. */
  protected forgetOwnSchema(): void {
    this.#ownSchema = undefined
  }
}

/** What a write needs beyond the graph. */
export interface WriteTools {
  readonly ids: Ids
  /** Keys of new nodes; never used twice, also not after a rollback. */
  readonly nextKey: () => number
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Takes the next commit number. */
  readonly nextSeq: (conn: SyncConnection) => number
  /** Bytes that the props of a node or an edge may take. */
  readonly propsBytes: number
}

/** Counts a commit in the store, by which the next number is known. */
export const countCommit = (conn: SyncConnection): number =>
  Number(conn.prepare("UPDATE kernel_meta SET value = value + 1 WHERE name = 'seq' RETURNING value").get()?.value)

/** The graph inside a write. */
export class Tx extends Graph {
  readonly marks: Marks
  readonly ids: Ids
  readonly nextKey: () => number
  readonly now: number
  readonly propsBytes: number
  /** Keys of nodes that this write has marked as having something below them. */
  readonly inner = new Set<number>()
  readonly #nextSeq: WriteTools["nextSeq"]
  #seq = 0

  constructor(conn: SyncConnection, caches: CacheView, marks: Marks, tools: WriteTools) {
    super(conn, caches)
    this.marks = marks
    this.ids = tools.ids
    this.nextKey = tools.nextKey
    this.now = tools.now()
    this.propsBytes = tools.propsBytes
    this.#nextSeq = tools.nextSeq
  }

  /** This write's commit number, taken when it first changes something. */
  get seq(): number {
    if (this.#seq === 0) this.#seq = this.#nextSeq(this.conn)
    return this.#seq
  }

  /** Whether anything was changed. */
  get changed(): boolean {
    return this.#seq !== 0
  }

  /** A function that brings this object, not the store, back to where it is now: for running a step again. */
  save(): () => void {
    const seq = this.#seq
    const { perms, schema, tree } = this.marks
    const { length } = this.marks.nodes
    const { size } = this.inner
    return () => {
      this.#seq = seq
      this.marks.nodes.length = length
      Object.assign(this.marks, { perms, schema, tree })
      this.#forgetInner(size)
      this.forgetOwnSchema()
    }
  }

  /** Runs a part of a write by itself: where it is refused, what it changed is undone and all before it stays. */
  part<A>(run: () => A): A {
    const seq = this.#seq
    const { size } = this.inner
    const end = this.conn.putOff?.part()
    this.conn.prepare("SAVEPOINT part").run()
    try {
      const result = run()
      this.conn.prepare("RELEASE part").run()
      end?.(false)
      return result
    } catch (thrown) {
      // Anything but a refusal ends the whole write, or has it run again.
      if (!isPorticoError(thrown)) throw thrown
      this.conn.prepare("ROLLBACK TO part").run()
      this.conn.prepare("RELEASE part").run()
      this.#seq = seq
      this.#forgetInner(size)
      end?.(true)
      throw thrown
    }
  }

  /** All but the first `size`. */
  #forgetInner(size: number): void {
    if (this.inner.size === size) return
    for (const key of [...this.inner].slice(size)) this.inner.delete(key)
  }

  /** To be called before a node's row or place is changed, made or removed. */
  touch(key: number): void {
    this.caches.markNode(this.marks, key)
  }

  /** To be called before paths of nodes that stay are changed. */
  touchTree(): void {
    this.caches.markTree(this.marks)
  }

  /** To be called before a grant or a membership is changed. */
  touchPerms(): void {
    this.caches.markPerms(this.marks)
  }

  /** To be called before the installed schema is changed, and again after each step that later steps must see. */
  touchSchema(): void {
    this.caches.markSchema(this.marks)
    this.forgetOwnSchema()
  }
}

/** Number of the last commit that this graph sees. */
export const seqOf = (graph: Graph): number =>
  graph.caches.seqSeen ?? Number(graph.conn.prepare("SELECT value FROM kernel_meta WHERE name = 'seq'").get()?.value)
