import { Database, type Steps, type SyncConnection } from "@portico/gate/database"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { kernelLayer } from "../../src/index.ts"
import { extensions, migrations } from "./kernel.ts"

/** What was asked of a database. */
export interface Counts {
  /** Statements that were run. */
  statements: number
  /** Rows that they gave. */
  rows: number
  /** Rows that they changed: those of the statement itself, and not of indexes. */
  changed: number
  /** Most rows that one write changed. */
  mostChanged: number
}

export const noCounts = (): Counts => ({ statements: 0, rows: 0, changed: 0, mostChanged: 0 })

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

/** A kernel on a file in memory, where statements are counted: SQLite runs each once, and a server's are replayed. */
export const countedKernel = (counts: Counts, options: Parameters<typeof kernelLayer>[0] = {}) =>
  kernelLayer(options).pipe(
    Layer.provideMerge(
      Layer.effect(
        Database,
        Effect.map(Database, (real) => {
          if (real.dialect !== "sqlite") throw new Error("this counts what SQLite does")
          const write = <A, E>(work: (tx: SyncConnection) => Effect.Effect<A, E> | Steps<A, E>) =>
            Effect.suspend(() => {
              const { changed } = counts
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
      ).pipe(Layer.provide(SqliteDatabase.layer({ filename: ":memory:", migrations })))
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
