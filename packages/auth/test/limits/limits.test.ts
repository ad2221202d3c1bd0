import { describe, expect, it } from "@effect/vitest"
import { Clock, Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Allowance } from "../../src/internal/limits/Allowance.ts"
import { type Taken, tooMany } from "../../src/internal/limits/limits.ts"
import { memoryStore, mostCounted } from "../../src/internal/limits/memoryStore.ts"
import { newWorld, startIn } from "../support/start.ts"

const second = Duration.seconds(1)

const startWith = (config: Readonly<Record<string, unknown>>) =>
  Effect.flatMap(newWorld, (world) => startIn(world, config))

describe("limits", () => {
  it.effect("bound the calls of an identity, whatever it shows, and of nobody else; operator.token has none", () =>
    Effect.gen(function* () {
      const app = yield* startWith({ "auth.callsPerIdentity": 5 })
      const [ada, bob] = [yield* app.user("ada"), yield* app.user("bob")]
      const { token } = yield* app.auth.issueAccessToken(ada.id)
      const asked = [ada.key, token, ada.key, token, ada.key]
      for (const shown of asked) expect(yield* app.status("/who", { token: shown })).toBe(200)
      const refused = yield* app.request("/who", { token })
      expect(refused).toMatchObject({
        status: 429,
        headers: { "retry-after": "60", "ratelimit-policy": '"calls";q=5;w=60', ratelimit: '"calls";r=0;t=60' },
        json: { error: { code: "RATE_LIMITED", details: { limit: "calls", max: 5, retryAfterSeconds: 60 } } }
      })
      expect(yield* app.status("/who", { token: bob.key })).toBe(200)
      expect(yield* app.status("/who/optional")).toBe(200)
      for (let call = 0; call < 10; call++) {
        expect(yield* app.status("/who", { token: app.operatorToken() })).toBe(200)
        expect(yield* app.status("/gateway/v1/internal/who", { token: app.operatorToken() })).toBe(200)
      }
      yield* TestClock.adjust("60 seconds")
      expect(yield* app.status("/who", { token })).toBe(200)
    })
  )

  it.effect("count each call of a batch; what is too much is refused whole, and leaves room for less", () =>
    Effect.gen(function* () {
      const app = yield* startWith({ "auth.callsPerIdentity": 10 })
      const { key } = yield* app.user("ada")
      const batch = (size: number) =>
        app.status("/api/batch", {
          token: key,
          json: { calls: Array.from({ length: size }, () => ({ path: "/::get" })) }
        })
      expect(yield* batch(6)).toBe(200)
      expect(yield* batch(6)).toBe(429)
      // The one that was refused has cost the request itself.
      expect(yield* batch(3)).toBe(200)
      expect(yield* batch(1)).toBe(429)
    })
  )

  it.effect("bound what comes from an address without a credential", () =>
    Effect.gen(function* () {
      const app = yield* startWith({ "auth.callsPerAddress": 3 })
      const { key } = yield* app.user("ada")
      for (let call = 0; call < 3; call++) expect(yield* app.status("/who/optional")).toBe(200)
      const refused = yield* app.request("/who/optional")
      expect(refused).toMatchObject({ status: 429, headers: { "ratelimit-policy": '"anonymous-calls";q=3;w=60' } })
      expect(yield* app.status("/who/optional", { token: key })).toBe(200)
    })
  )

  it.effect("bound bad credentials of an address, which keep out neither who is known nor operator.token", () =>
    Effect.gen(function* () {
      const app = yield* startWith({ "auth.refusalsPerAddress": 3 })
      const [ada, bob] = [yield* app.user("ada"), yield* app.user("bob")]
      const tries = [`${ada.key}x`, "x".repeat(5_000), "a.b.c"]
      const bob1 = app.status("/who", { token: bob.key })
      const isPostgres = app.database.dialect === "postgres"
      expect(yield* bob1).toBe(200)
      for (const token of tries) expect(yield* app.status("/who", { token })).toBe(401)
      expect(yield* app.status("/who", { token: "a.b.c" })).toBe(401)
      for (const token of [...tries, ada.key]) expect(yield* app.status("/who", { token })).toBe(429)
      // Where other processes may end a credential, none is known from before.
      expect(yield* bob1).toBe(isPostgres ? 429 : 200)
      expect(yield* app.status("/who", { token: app.operatorToken() })).toBe(200)
      yield* TestClock.adjust("60 seconds")
      expect(yield* app.status("/who", { token: ada.key })).toBe(200)
    })
  )

  it.effect("are none where the setting is 0", () =>
    Effect.gen(function* () {
      const app = yield* startWith({
        "auth.callsPerIdentity": 0,
        "auth.callsPerAddress": 0,
        "auth.signInsPerAddress": 0
      })
      const { key } = yield* app.user("ada")
      for (let call = 0; call < 100; call++) {
        expect(yield* app.status("/who", { token: key })).toBe(200)
        expect(yield* app.status("/who/optional")).toBe(200)
      }
    })
  )
})

describe("an allowance", () => {
  const rule = { name: "test", limit: 1_000, window: 60_000 }

  const limits = (granted: (tokens: number) => boolean) => {
    const asked: Array<number> = []
    const consume = (_rule: unknown, _key: string, tokens: number) =>
      Effect.map(Clock.currentTimeMillis, (now): Taken => {
        asked.push(tokens)
        return { granted: granted(tokens), until: now + 60_000 }
      })
    const refuse = (_rule: unknown, _key: string, wait: number) => Effect.fail(tooMany(rule, wait))
    return { asked, limits: { consume, refuse } }
  }
  it.effect("is taken in parts, so that the store is asked rarely", () =>
    Effect.gen(function* () {
      const store = limits(() => true)
      const allowance = new Allowance(rule, store.limits, yield* Clock.Clock)
      for (let call = 0; call < 200; call++) yield* allowance.take("k", 1)
      expect(store.asked).toEqual(Array.from({ length: 10 }, () => 20))
    })
  )

  it.effect("asks for the rest where there is no whole part left, and then no more until the time is over", () =>
    Effect.gen(function* () {
      let left = 50
      const store = limits((tokens) => {
        if (tokens > left) return false
        left -= tokens
        return true
      })
      const allowance = new Allowance(rule, store.limits, yield* Clock.Clock)
      for (let call = 0; call < 50; call++) yield* allowance.take("k", 1)
      expect(allowance.refusal("k")).toBeUndefined()
      yield* Effect.flip(allowance.take("k", 1))
      const asked = store.asked.length
      for (let call = 0; call < 100; call++) yield* Effect.flip(allowance.take("k", 1))
      expect(store.asked.length).toBe(asked)
      expect(allowance.refusal("k")).toMatchObject({ code: "RATE_LIMITED" })
      left = 50
      yield* TestClock.adjust("60 seconds")
      expect(allowance.refusal("k")).toBeUndefined()
      yield* allowance.take("k", 1)
    })
  )

  it.effect("remembers a bounded number of keys, however many ask", () =>
    Effect.gen(function* () {
      const store = limits(() => true)
      const allowance = new Allowance(rule, store.limits, yield* Clock.Clock)
      for (let key = 0; key <= mostCounted; key++) yield* allowance.take(`k${key}`, 1)
      store.asked.length = 0
      yield* allowance.take(`k${mostCounted}`, 1)
      expect(store.asked).toEqual([])
      yield* allowance.take("k0", 1)
      expect(store.asked).toEqual([20])
    })
  )
})

describe("counting in memory", () => {
  it.effect("keeps a bounded number of keys", () =>
    Effect.gen(function* () {
      const store = yield* memoryStore
      const count = (key: string) =>
        Effect.map(store.fixedWindow({ key, tokens: 1, limit: 10, refillRate: second }), ([count]) => count)
      expect(yield* count("first")).toBe(1)
      expect(yield* count("first")).toBe(2)
      for (let key = 0; key < mostCounted; key++) yield* count(`k${key}`)
      expect(yield* count(`k${mostCounted - 1}`)).toBe(2)
      expect(yield* count("first")).toBe(1)
    })
  )
})
