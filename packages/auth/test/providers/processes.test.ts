import { expect, it } from "@effect/vitest"
import { describeWithPostgres, freshDatabase } from "@portico/test-support/postgres"
import { Effect } from "effect"
import { startIn } from "../support/start.ts"
import { temporaryFolder } from "../support/temporaryFolder.ts"
import { hostileProvider } from "./hostileProvider.ts"
import { Jar, settingsOf } from "./world.ts"

describeWithPostgres("a sign-in with a provider, behind a balancer", () => {
  it.live("is begun on one process and ended on another, once in all", () =>
    Effect.gen(function* () {
      const { url } = yield* Effect.acquireRelease(
        Effect.promise(() => freshDatabase()),
        ({ drop }) => Effect.promise(drop)
      )
      const provider = yield* hostileProvider
      const corp = settingsOf(provider, { provisioning: "create", identity: { path: "/identities/{sub}" } })
      const start = Effect.flatMap(temporaryFolder, (folder) =>
        startIn(
          { folder, database: { "database.url": url } },
          { "auth.providers": { corp }, "gate.egressAllowed": ["loopback"] }
        )
      )
      const [a, b] = [yield* start, yield* start]
      const jar = new Jar()
      const begun = yield* a.request("/auth/providers/corp")
      jar.keep(begun)
      const asked = jar.header
      const back = () => ({ ...provider.authorize(begun.headers.location ?? "") })
      const path = () => `/auth/providers/corp/callback?${new URLSearchParams(back())}`
      const ended = yield* b.request(path(), { headers: asked })
      expect(ended.status).toBe(303)
      jar.keep(ended)
      for (const app of [a, b]) expect(yield* app.status("/who", { headers: jar.header })).toBe(200)
      expect(yield* a.status(path(), { headers: asked })).toBe(403)
      expect(provider.asked.filter((each) => each === "/token")).toHaveLength(1)
    })
  )
})
