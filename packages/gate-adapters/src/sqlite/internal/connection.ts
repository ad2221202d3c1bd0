import type { DatabaseSync, StatementSync } from "node:sqlite"
import type { Row, SqlValue, SyncConnection, SyncStatement } from "@portico/gate/database"

/** Statements kept per connection. Beyond this the least recently prepared text is dropped and prepared anew. */
const preparedLimit = 512

/**
 * A driver connection as the contract's {@link SyncConnection}: statements cached by text.
 *
 * `allowed` is asked before each use; it throws where the connection may not be used now. Without it the statement's
 * calls go straight to the driver.
 */
export const makeSyncConnection = (db: DatabaseSync, allowed?: () => void): SyncConnection => {
  const prepared = new Map<string, SyncStatement>()
  const make = allowed === undefined ? direct : (statement: StatementSync) => guarded(statement, allowed)
  return {
    prepare(sql) {
      const known = prepared.get(sql)
      if (known !== undefined) return known
      const statement = make(db.prepare(sql))
      if (prepared.size >= preparedLimit) {
        const oldest = prepared.keys().next()
        if (oldest.done !== true) prepared.delete(oldest.value)
      }
      prepared.set(sql, statement)
      return statement
    },
    exec(sql) {
      allowed?.()
      db.exec(sql)
    }
  }
}

// The driver types columns as its own union, which is ours, and `changes` as a bigint only with `setReadBigInts`.
const direct = (statement: StatementSync): SyncStatement => ({
  get: (...params: ReadonlyArray<SqlValue>) => statement.get(...params) as Row | undefined,
  all: (...params: ReadonlyArray<SqlValue>) => statement.all(...params) as ReadonlyArray<Row>,
  run: (...params: ReadonlyArray<SqlValue>) => statement.run(...params) as { readonly changes: number }
})

const guarded = (statement: StatementSync, allowed: () => void): SyncStatement => {
  const { get, all, run } = direct(statement)
  return {
    get(...params) {
      allowed()
      return get(...params)
    },
    all(...params) {
      allowed()
      return all(...params)
    },
    run(...params) {
      allowed()
      return run(...params)
    }
  }
}
