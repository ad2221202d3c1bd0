import { expect, it } from "@effect/vitest"
import { PostgresDatabase } from "@portico/gate-adapters/postgres"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import { Effect, Queue } from "effect"

const opened = Effect.gen(function* () {
  const { url } = yield* Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    ({ drop }) => Effect.promise(drop)
  )
  return PostgresDatabase.make({ url })
})

describeWithPostgres("commits on a server", () => {
  it.live("are told to every process that listens, also after its session was lost", () =>
    Effect.gen(function* () {
      const open = yield* opened
      const [one, two] = [yield* open, yield* open]
      const told = yield* Queue.unbounded<void>()
      yield* two.onCommit(() => Queue.offerUnsafe(told, undefined))
      yield* Queue.take(told)
      yield* one.write((tx) => Effect.sync(() => tx.exec("CREATE TABLE note (text TEXT)")))
      yield* Queue.take(told)
      const listeners = "datname = current_database() AND query = 'LISTEN portico_commits'"
      yield* one.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${one.sql.literal(listeners)}`
      yield* Queue.take(told)
      yield* Queue.clear(told)
      yield* one.write((tx) => Effect.sync(() => tx.exec("INSERT INTO note VALUES ('a')")))
      yield* Queue.take(told)
      expect(yield* two.read((conn) => conn.prepare("SELECT count(*) AS n FROM note").get()?.n)).toBe(1)
    }).pipe(Effect.scoped)
  )
})
