import type { DatabaseError, EmbeddedDatabase, SyncConnection } from "@portico/gate/database"
import { isPorticoError, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { DamagedTree } from "../permission/arithmetic.ts"
import { Caches, noMarks } from "./Caches.ts"
import { Graph, Tx, type WriteTools } from "./Graph.ts"
import { Pulse } from "./Pulse.ts"
import { sqlOf } from "./sql.ts"

/** What a write came to, and the commit number it is in; where nothing changed, the one it saw. */
export interface Written<A> {
  readonly result: A
  readonly seq: number
}

/** The graph's one way in: synchronous reads of the last commit, and writes that share commits. */
export interface GraphStore {
  readonly caches: Caches
  /** Beats after each commit that changed something. */
  readonly pulse: Pulse
  /** A graph of the last commit. Good until the calling code next awaits. */
  readonly graph: () => Graph
  /** Runs `work` in a transaction. What it throws rolls it back; a PorticoError becomes the failure. */
  readonly write: <A>(work: (tx: Tx) => A) => Effect.Effect<Written<A>, PorticoError>
}

/** Runs code that throws its refusals, as the operations do: they are synchronous, and plain calls are what is fast. */
export const attempt = <A>(run: () => A): Effect.Effect<A, PorticoError> => {
  try {
    return Effect.succeed(run())
  } catch (thrown) {
    return refusal(thrown)
  }
}

/** What an operation threw, as a failure; anything but a refusal is a defect. */
export const refusal = (thrown: unknown): Effect.Effect<never, PorticoError> => {
  if (isPorticoError(thrown)) return Effect.fail(thrown)
  if (thrown instanceof DamagedTree)
    return Effect.fail(PorticoError.make("INTERNAL", `the store is damaged: ${thrown.message}`))
  return Effect.die(thrown)
}

const explain = (error: DatabaseError): Effect.Effect<never, PorticoError> =>
  Effect.andThen(Effect.logError("The store refused a write.", error), Effect.fail(storeRefused(error)))

/** Why the store refused, as a caller is told. */
export const storeRefused = (error: DatabaseError): PorticoError => {
  if (error.reason === "Unknown") {
    return PorticoError.make("UNAVAILABLE", "the store was lost in the middle of a commit; look whether it was made", {
      reason: error.reason
    })
  }
  if (error.code === "STORAGE_FULL") return PorticoError.make("STORAGE_FULL", "the disk is full; nothing was changed")
  if (error.code === "UNAVAILABLE") {
    return PorticoError.make("UNAVAILABLE", "the store takes no writes just now; nothing was changed", {
      reason: error.reason
    })
  }
  return PorticoError.make("INTERNAL", "the store failed; nothing was changed")
}

/** Opens the graph in a database whose tables exist. `nodes` is how many nodes are remembered. */
export const makeGraphStore = (
  database: EmbeddedDatabase,
  options: { readonly nodes: number },
  tools: Omit<WriteTools, "nextKey">
): GraphStore => {
  const caches = new Caches(sqlOf(database.dialect), options.nodes)
  const pulse = new Pulse()
  const { read } = database.embedded
  caches.seq = Number(read.prepare("SELECT value FROM kernel_meta WHERE name = 'seq'").get()?.value ?? 0)
  const writeTools: WriteTools = { ...tools, nextKey: keysAfter(read) }

  const write = <A>(work: (tx: Tx) => A): Effect.Effect<Written<A>, PorticoError> =>
    // Once a write is under way its marks must outlive its commit, so whoever waits for it cannot leave.
    Effect.uninterruptible(
      Effect.suspend(() => {
        const marks = noMarks()
        let begun = false
        const run = (conn: SyncConnection): Effect.Effect<Written<A>, PorticoError> =>
          attempt(() => {
            begun = true
            caches.writers++
            const tx = new Tx(conn, caches, marks, writeTools)
            const result = work(tx)
            return { result, seq: tx.changed ? tx.seq : seqIn(conn) }
          })
        const end = (exit: Exit.Exit<Written<A>, PorticoError | DatabaseError>) =>
          Effect.sync(() => {
            if (!begun) return
            caches.writers--
            const isNew = Exit.isSuccess(exit) && exit.value.seq > caches.seq
            if (isNew) caches.seq = exit.value.seq
            caches.lift(marks)
            if (isNew) pulse.beat()
          })
        return database.write(run).pipe(
          Effect.onExit(end),
          Effect.catch((error) => (isPorticoError(error) ? Effect.fail(error) : explain(error)))
        )
      })
    )

  return { caches, pulse, graph: () => new Graph(read, caches), write }
}

const seqIn = (conn: SyncConnection): number =>
  Number(conn.prepare("SELECT value FROM kernel_meta WHERE name = 'seq'").get()?.value)

/** Keys go up and are never given twice, not even to replace a node that history still names. */
const keysAfter = (read: SyncConnection): (() => number) => {
  const top = (sql: string) => Number(read.prepare(sql).get()?.top ?? 0)
  let last = Math.max(top("SELECT max(key) AS top FROM nodes"), top("SELECT max(node) AS top FROM node_changes"))
  return () => ++last
}
