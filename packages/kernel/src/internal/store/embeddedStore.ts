import type { DatabaseError, EmbeddedDatabase, Steps, SyncConnection, WriteOptions } from "@portico/gate/database"
import { isPorticoError, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { Caches } from "./Caches.ts"
import { noMarks } from "./CacheView.ts"
import { countCommit, Graph, Tx, type WriteTools } from "./Graph.ts"
import { attempt, type GraphStore, isParts, type Parts, refusal, told, type Written } from "./GraphStore.ts"
import { Pulse } from "./Pulse.ts"
import { sqlOf } from "./sql.ts"

/** Opens the graph in a database of this process alone, whose tables exist. `nodes` is how many nodes are remembered. */
export const makeEmbeddedStore = (
  database: EmbeddedDatabase,
  { nodes }: { readonly nodes: number },
  tools: Pick<WriteTools, "ids" | "now" | "propsBytes">
): GraphStore => {
  const caches = new Caches(sqlOf("sqlite"), nodes)
  const pulse = new Pulse()
  const { read: conn } = database.embedded
  caches.seq = seqIn(conn)
  const writeTools: WriteTools = { ...tools, nextKey: keysAfter(conn), nextSeq: countCommit }

  const write = <A>(work: (tx: Tx) => A | Parts<A>, options?: WriteOptions): Effect.Effect<Written<A>, PorticoError> =>
    // Once a write is under way its marks must outlive its commit, so whoever waits for it cannot leave.
    Effect.uninterruptible(
      Effect.suspend(() => {
        const marks = noMarks()
        let begun = false
        const run = (
          conn: SyncConnection
        ): Effect.Effect<Written<A>, PorticoError> | Steps<Written<A>, PorticoError> => {
          begun = true
          caches.writers++
          try {
            const tx = new Tx(conn, caches, marks, writeTools)
            const close = (result: A): Written<A> => ({ result, seq: tx.changed ? tx.seq : seqIn(conn) })
            const outcome = work(tx)
            return isParts(outcome) ? inSteps(outcome, close) : Effect.succeed(close(outcome))
          } catch (thrown) {
            return refusal(thrown)
          }
        }
        const end = (exit: Exit.Exit<Written<A>, PorticoError | DatabaseError>) =>
          Effect.sync(() => {
            if (!begun) return
            caches.writers--
            const isNew = Exit.isSuccess(exit) && exit.value.seq > caches.seq
            if (isNew) caches.seq = exit.value.seq
            caches.lift(marks)
            if (isNew) pulse.beat()
          })
        return database.write(run, options).pipe(
          Effect.onExit(end),
          Effect.catch((error) => (isPorticoError(error) ? Effect.fail(error) : told(error)))
        )
      })
    )

  return {
    read: (work) => Effect.suspend(() => attempt(() => work(new Graph(conn, caches)))),
    readThen: (work) =>
      Effect.suspend(() => {
        try {
          return work(new Graph(conn, caches))
        } catch (thrown) {
          return refusal(thrown)
        }
      }),
    write,
    pulse,
    seq: Effect.sync(() => (caches.writers === 0 ? caches.seq : seqIn(conn))),
    recentSeq: () => caches.seq
  }
}

/** The parts of a write as steps: others may read between them, who see the last commit. */
function* inSteps<A>(parts: Parts<A>, close: (result: A) => Written<A>): Steps<Written<A>, PorticoError> {
  try {
    const result = yield* parts
    return Effect.succeed(close(result))
  } catch (thrown) {
    return refusal(thrown)
  }
}

const seqIn = (conn: SyncConnection): number =>
  Number(conn.prepare("SELECT value FROM kernel_meta WHERE name = 'seq'").get()?.value ?? 0)

/** Keys go up and are never given twice, not even to replace a node that history still names. */
const keysAfter = (read: SyncConnection): (() => number) => {
  const top = (sql: string) => Number(read.prepare(sql).get()?.top ?? 0)
  let last = Math.max(top("SELECT max(key) AS top FROM nodes"), top("SELECT max(node) AS top FROM node_changes"))
  return () => ++last
}
