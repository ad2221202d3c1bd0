import { Database, type Steps, type SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { kernelLayer } from "../../src/index.ts"
import { database, extensions } from "./kernel.ts"

/** What was asked of a database. */
export interface Counts {
  /** Statements that were run. */
  statements: number
  /** Rows that they gave. */
  rows: number
  /** Rows that they changed: those of the statement itself, and not of indexes. */
  changed: number
  /** Writes, and most rows that one of them changed. */
  writes: number
  mostChanged: number
}

export const noCounts = (): Counts => ({ statements: 0, rows: 0, changed: 0, writes: 0, mostChanged: 0 })

const counting = (conn: SyncConnection, counts: Counts): SyncConnection => ({
  exec: conn.exec,
  ...(conn.putOff === undefined ? undefined : { putOff: conn.putOff }),
  prepare: (sql) => {
    const statement = conn.prepare(sql)
    return {
      get: (...params) => {
        const row = statement.get(...params)
        counts.statements++
        if (row !== undefined) counts.rows++
        return row
      },
      all: (...params) => {
        const rows = statement.all(...params)
        counts.statements++
        counts.rows += rows.length
        return rows
      },
      run: (...params) => {
        const result = statement.run(...params)
        counts.statements++
        // What a statement does not change, the driver says of the one before.
        if (/^\s*(INSERT|UPDATE|DELETE)/i.test(sql)) counts.changed += Number(result.changes)
        return result
      }
    }
  }
})

/** How often a work is run on a server: once for each answer that it waits for, and once more. */
const countingRuns =
  <A>(work: (conn: SyncConnection) => A, counts: Counts) =>
  (conn: SyncConnection): A => {
    counts.statements++
    return work(conn)
  }

/**
 * A kernel of which it is counted what it asks of its store: each statement where that is in memory, and how often it has
 * to wait for an answer where it is a server.
 */
export const countedKernel = (counts: Counts, options: Parameters<typeof kernelLayer>[0] = {}) =>
  kernelLayer(options).pipe(
    Layer.provideMerge(
      Layer.effect(
        Database,
        Effect.map(Database, (real) => {
          type Work<A, E> = (tx: SyncConnection) => Effect.Effect<A, E> | Steps<A, E>
          if (real.dialect === "postgres") {
            return {
              ...real,
              read: <A>(work: (conn: SyncConnection) => A) => real.read(countingRuns(work, counts)),
              write: <A, E>(work: Work<A, E>) => real.write(countingRuns(work, counts))
            }
          }
          const write = <A, E>(work: Work<A, E>) =>
            Effect.suspend(() => {
              const { changed } = counts
              counts.writes++
              const noted = Effect.sync(() => {
                counts.mostChanged = Math.max(counts.mostChanged, counts.changed - changed)
              })
              return Effect.ensuring(
                real.write((tx) => work(counting(tx, counts))),
                noted
              )
            })
          return { ...real, write, embedded: { ...real.embedded, read: counting(real.embedded.read, counts) } }
        })
      ).pipe(Layer.provide(database))
    ),
    Layer.provide(extensions())
  )

/** What some work asks of the database. */
export const costOf =
  (counts: Counts) =>
  <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<Counts & { readonly result: A }, E, R> =>
    Effect.suspend(() => {
      Object.assign(counts, noCounts())
      return Effect.map(work, (result) => ({ ...counts, result }))
    })
