import { expect, it } from "@effect/vitest"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import { Effect } from "effect"
import { startIn } from "./support/start.ts"
import { temporaryFolder } from "./support/temporaryFolder.ts"

/** Two processes on one database, which have their keys in one folder. */
const two = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const { url } = yield* Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    ({ drop }) => Effect.promise(drop)
  )
  const world = { folder, database: { "database.url": url } }
  return [yield* startIn(world), yield* startIn(world)] as const
})

describeWithPostgres("credentials that one process ended", () => {
  it.effect("are refused by the others from the next request on", () =>
    Effect.gen(function* () {
      const [a, b] = yield* two
      const { id, key, keyId } = yield* a.user("ada")
      const { token } = yield* a.auth.issueAccessToken(id)
      for (const app of [a, b]) {
        expect(yield* app.status("/who", { token: key })).toBe(200)
        expect(yield* app.status("/who", { token })).toBe(200)
      }
      yield* b.auth.apiKeys.revoke(id, keyId)
      expect(yield* a.status("/who", { token: key })).toBe(401)
      yield* b.auth.signOutEverywhere(id)
      expect(yield* a.status("/who", { token })).toBe(401)
      const again = yield* a.auth.issueAccessToken(id)
      expect(yield* b.status("/who", { token: again.token })).toBe(200)
      yield* a.call("/identities/ada::delete")
      expect(yield* b.status("/who", { token: again.token })).toBe(401)
    })
  )
})
