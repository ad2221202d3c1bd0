import * as Context from "effect/Context"
import type * as SqlClient from "effect/sql/SqlClient"

/** Whether a fiber with this context is inside a transaction of `sql`. */
export const inTransaction = (sql: SqlClient.SqlClient, context: Context.Context<never>): boolean =>
  Context.getOrUndefined(context, sql.transactionService) !== undefined
