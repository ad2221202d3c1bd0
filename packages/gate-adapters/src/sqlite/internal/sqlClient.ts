import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import type { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import * as Statement from "effect/sql/Statement"
import { pragmas, type Tuning } from "./connections.ts"
import { toDatabaseError } from "./errors.ts"
import type { ReadView } from "./readView.ts"
import { untilUnlocked } from "./untilUnlocked.ts"

/** What the asynchronous client needs from its surroundings. */
export interface SqlClientOptions {
  readonly file: string
  readonly tuning: Tuning
  /** One permit; a transaction takes it for as long as it is open, a statement until it is answered. */
  readonly gate: Semaphore.Semaphore
  /** How long to wait for a lock of another process, in milliseconds. */
  readonly busyTimeout: number
  /** Whether the caller is inside of the work of a `write`. */
  readonly insideWrite: () => boolean
  /** What readers see, who have to see what is committed here. */
  readonly view: ReadView
}

/**
 * The `effect/sql` client: a connection of `@effect/sql-sqlite-node`, held for good, behind a client whose statements and
 * top-level transactions take the write gate first. So they wait while a transaction is open on this client or a batch of
 * `write` is on its way to the disk; use `embedded.read` where that matters.
 */
export const makeSqlClient = (
  options: SqlClientOptions
): Effect.Effect<SqlClient.SqlClient, DatabaseError, Scope.Scope> =>
  Effect.gen(function* () {
    const { gate, view } = options
    const driver = yield* SqliteClient.make({ filename: options.file })
    const connection = waitingForLocks(yield* driver.reserve, options.busyTimeout)
    for (const pragma of pragmas(options.tuning)) yield* connection.executeUnprepared(pragma, [], undefined)
    const acquirers = SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(connection),
      semaphore: yield* Semaphore.make(1)
    })
    const enter = <A, E, R>(next: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      Effect.suspend(() => (options.insideWrite() ? Effect.die(new Error(deadlock)) : next))
    const renew = Effect.sync(view.renew)
    const acquirer = enter(
      gate.takeScoped(1).pipe(Effect.andThen(Effect.addFinalizer(() => renew)), Effect.andThen(acquirers.acquirer))
    )
    return yield* SqlClient.make({
      ...acquirers,
      acquirer,
      borrower: (use) => enter(gate.withPermit(Effect.ensuring(acquirers.borrower(use), renew))),
      transactionAcquirer: acquirer,
      compiler: Statement.makeCompilerSqlite(),
      driver: "sqlite-node",
      // Deferred transactions fail when they turn into writers after somebody else has committed.
      beginTransaction: "BEGIN IMMEDIATE",
      releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
      prepareTransactionControls: true,
      spanAttributes: [["db.system.name", "sqlite"]]
    })
  }).pipe(
    Effect.provide(Reactivity.layer),
    Effect.mapError((error) => toDatabaseError(error, `opening ${options.file}`)),
    Effect.catchDefect((defect) => Effect.fail(toDatabaseError(defect, `opening ${options.file}`)))
  )

const deadlock = "`sql` was used inside the work of `write`; use the connection that the work is given."

const waitingForLocks = (connection: Connection, busyTimeout: number): Connection => {
  const wait = untilUnlocked(busyTimeout)
  return {
    ...connection,
    execute: (...args) => wait(connection.execute(...args)),
    executeRaw: (...args) => wait(connection.executeRaw(...args)),
    executeValues: (...args) => wait(connection.executeValues(...args)),
    executeValuesUnprepared: (...args) => wait(connection.executeValuesUnprepared(...args)),
    executeUnprepared: (...args) => wait(connection.executeUnprepared(...args))
  }
}
