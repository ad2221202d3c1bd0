import type { DatabaseSync, StatementSync } from "node:sqlite"
import type { PutOff, Row, SqlValue, SyncConnection, SyncStatement } from "@portico/gate/database"
import { steadyLimit } from "./steadyLimit.ts"

/** Statements kept per connection. Beyond this the least recently prepared text is dropped and prepared anew. */
const preparedLimit = 512

const always = () => {}

/**
 * A driver connection as the contract's {@link SyncConnection}: statements cached by text.
 *
 * `allowed` is asked before each use; it throws where the connection may not be used now. `putOff` is given where
 * transactions have an end to put work off to.
 */
export const makeSyncConnection = (db: DatabaseSync, allowed: () => void = always, putOff?: PutOff): SyncConnection => {
  const prepared = new Map<string, SyncStatement>()
  return {
    prepare(sql) {
      const known = prepared.get(sql)
      if (known !== undefined) return known
      const statement = guarded(db.prepare(steadyLimit(sql)), allowed)
      if (prepared.size >= preparedLimit) {
        const oldest = prepared.keys().next()
        if (oldest.done !== true) prepared.delete(oldest.value)
      }
      prepared.set(sql, statement)
      return statement
    },
    exec(sql) {
      allowed()
      db.exec(sql)
    },
    ...(putOff === undefined ? undefined : { putOff })
  }
}

// The driver types columns as its own union, which is ours, and `changes` as a bigint only with `setReadBigInts`.
// Each call is one function and hands its parameters on once: of a short statement, that is a tenth.
const guarded = (statement: StatementSync, allowed: () => void): SyncStatement => {
  const run: SyncStatement["run"] = (...params) => {
    allowed()
    return statement.run(...params) as { readonly changes: number }
  }
  const names = statement.columns().map(({ name }) => name)
  // The columns of a star may be others once a table was altered; the driver looks each time.
  if (names.length === 0 || statement.sourceSQL.includes("*")) {
    return {
      get(...params) {
        allowed()
        return statement.get(...params) as Row | undefined
      },
      all(...params) {
        allowed()
        return statement.all(...params) as ReadonlyArray<Row>
      },
      run
    }
  }
  // The driver's own rows are dictionaries, which take twice as long to be made and read.
  statement.setReturnArrays(true)
  const rowOf = (values: ReadonlyArray<SqlValue>): Row => {
    const row: Record<string, SqlValue> = {}
    for (let i = 0; i < names.length; i++) row[names[i] ?? ""] = values[i] ?? null
    return row
  }
  return {
    get(...params) {
      allowed()
      // Boundary, as below: with `setReturnArrays` rows are arrays, which the driver's types do not say.
      const values = statement.get(...params) as unknown as ReadonlyArray<SqlValue> | undefined
      return values === undefined ? undefined : rowOf(values)
    },
    all(...params) {
      allowed()
      return (statement.all(...params) as unknown as ReadonlyArray<ReadonlyArray<SqlValue>>).map(rowOf)
    },
    run
  }
}
