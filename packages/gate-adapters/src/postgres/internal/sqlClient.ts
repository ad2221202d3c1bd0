import * as PgClient from "@effect/sql-pg/PgClient"
import * as PgTypes from "@effect/sql-pg/PgTypes"
import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import { toDatabaseError } from "./errors.ts"

/** What the client needs from its surroundings. */
export interface SqlClientOptions {
  readonly url: string
  readonly size: number
  readonly statementTimeout: number
  readonly lockTimeout: number
}

/** 64-bit integers as numbers both ways: beyond 2^53 nothing of ours is. */
const integers: PgTypes.Codec<number> = {
  encode: (value) => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigInt64(0, BigInt(value))
    return Result.succeed(bytes)
  },
  decode: (bytes) => Result.succeed(Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0)))
}

/** The `effect/sql` client, with connections of its own. */
export const makeSqlClient = (
  options: SqlClientOptions
): Effect.Effect<SqlClient.SqlClient, DatabaseError, Scope.Scope> => {
  const types = PgTypes.makeRegistry()
  types.register(PgTypes.OID.int8, integers, { arrayOid: PgTypes.OID.int8Array })
  return PgClient.make({
    url: Redacted.make(options.url),
    maxConnections: options.size,
    types,
    applicationName: "portico",
    startupParameters: {
      statement_timeout: String(options.statementTimeout),
      lock_timeout: String(options.lockTimeout)
    }
  }).pipe(
    Effect.provide(Reactivity.layer),
    Effect.mapError((error) => toDatabaseError(error, "connecting to the database server"))
  )
}
