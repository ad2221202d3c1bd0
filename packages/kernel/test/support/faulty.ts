import { Database, type Steps, type SyncConnection } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { kernelLayer } from "../../src/index.ts"
import { type Contributions, database, extensions } from "./kernel.ts"

/** Which statement of a write fails, counted from 0, of which kind, and how. */
export interface Fault {
  at: number
  seen: number
  reads: boolean
  thrown: () => unknown
}

export const powerCut = () => new Error("the power went out")

/** As the driver says it when the disk is full. */
export const diskFull = () =>
  Object.assign(new Error("database or disk is full"), { code: "ERR_SQLITE_ERROR", errcode: 13 })

/** As the driver says it when the file system has been mounted anew for reading only. */
export const readOnly = () =>
  Object.assign(new Error("attempt to write a readonly database"), { code: "ERR_SQLITE_ERROR", errcode: 8 })

const isReading = (sql: string): boolean => /^\s*SELECT|^\s*WITH/i.test(sql)

const faulty = (conn: SyncConnection, fault: Fault): SyncConnection => {
  const counted =
    <A>(use: (...params: ReadonlyArray<never>) => A) =>
    (...params: ReadonlyArray<unknown>): A => {
      if (fault.seen++ === fault.at) throw fault.thrown()
      // Boundary: what was given to the statement.
      return use(...(params as ReadonlyArray<never>))
    }
  return {
    exec: counted(conn.exec),
    ...(conn.putOff === undefined ? undefined : { putOff: conn.putOff }),
    prepare: (sql) => {
      const statement = conn.prepare(sql)
      if (!fault.reads && isReading(sql)) return statement
      return { get: counted(statement.get), all: counted(statement.all), run: counted(statement.run) }
    }
  }
}

/** A kernel in memory, one statement of whose writes can be made to fail. */
export const faultyKernel = (fault: Fault, contributions?: Contributions) =>
  kernelLayer().pipe(
    Layer.provideMerge(
      Layer.effect(
        Database,
        Effect.map(Database, (real) => ({
          ...real,
          write: <A, E>(work: (tx: SyncConnection) => Effect.Effect<A, E> | Steps<A, E>) =>
            real.write((tx) => work(faulty(tx, fault)))
        }))
      ).pipe(Layer.provide(database))
    ),
    Layer.provide(extensions(contributions))
  )

export const noFault = (): Fault => ({ at: Number.POSITIVE_INFINITY, seen: 0, reads: true, thrown: powerCut })
