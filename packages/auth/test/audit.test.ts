import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { newWorld, startIn } from "./support/start.ts"

const password = "violet otter runs"
const route = "/gateway/v1/internal/auth/audit"

interface Line {
  readonly id: number
  readonly event: string
  readonly identity: { readonly id: string; readonly path: string | null } | null
}

const setup = Effect.gen(function* () {
  const app = yield* startIn(yield* newWorld, { "auth.auditRetention": 7_200, "auth.callsPerIdentity": 20 })
  const ada = yield* app.user("ada")
  const list = (query = "") =>
    Effect.map(app.request(`${route}${query}`, { token: app.operatorToken() }), ({ json }) => {
      // Boundary: the shape of the route's answer.
      return json as { readonly lines: ReadonlyArray<Line>; readonly next?: number }
    })
  const events = (query = "") => Effect.map(list(query), ({ lines }) => lines.map(({ event }) => event))
  return { ...app, ada, list, events }
})

describe("the audit log", () => {
  it.effect("says who did what, from where and through what, the newest first", () =>
    Effect.gen(function* () {
      const { ada, events, list, operatorToken, request } = yield* setup
      yield* request("/auth/password", { token: ada.key, json: { password } })
      const login = (password: string) =>
        request("/auth/login", { json: { identity: "ada", password }, headers: { "user-agent": "otter/1" } })
      yield* login("wrong otter runs")
      yield* login(password)
      yield* request("/auth/keys", { token: operatorToken(), json: { name: "ci", identity: ada.path } })
      expect(yield* events(`?identity=${ada.path}`)).toEqual([
        "api-key.created",
        "sign-in",
        "sign-in.refused",
        "password.set"
      ])
      const { lines } = yield* list("?identity=ada&event=sign-in")
      expect(lines).toMatchObject([
        {
          event: "sign-in",
          identity: { id: ada.id, path: ada.path },
          userAgent: "otter/1",
          details: { with: "password" }
        },
        { event: "sign-in.refused", identity: { id: ada.id }, through: null }
      ])
      const [set] = (yield* list("?event=password.set")).lines
      expect(set).toMatchObject({ through: { kind: "api-key", id: ada.keyId } })
      const [made] = (yield* list("?event=api-key.created")).lines
      expect(made).toMatchObject({ identity: { path: ada.path }, through: { kind: "operator-token" } })
      expect(JSON.stringify(yield* list())).not.toMatch(/otter runs|portico_[0-9a-f]{20}_/)
    })
  )

  it.effect("has what was minted, registered and refused, and who went over a limit, once a minute", () =>
    Effect.gen(function* () {
      const { ada, events, list, request } = yield* setup
      const mint = { path: `${ada.path}::mintDelegationCredential`, params: { ttl: 60 } }
      expect((yield* request("/api/call", { token: ada.key, json: mint })).status).toBe(200)
      const [minted] = (yield* list("?event=delegation")).lines
      expect(minted).toMatchObject({
        event: "delegation.minted",
        identity: { path: ada.path },
        through: { kind: "api-key", id: ada.keyId }
      })
      yield* request("/auth/register", { json: { redirect_uris: ["https://app.example/cb"] } })
      yield* request("/auth/token", { body: new URLSearchParams({ grant_type: "x" }), method: "POST" })
      for (let call = 0; call < 30; call++) yield* request("/who", { token: ada.key })
      yield* request("/who", { token: "portico_x" })
      expect(yield* events("?limit=4")).toEqual([
        "credential.refused",
        "rate-limited",
        "token.refused",
        "client.registered"
      ])
      expect((yield* list("?event=rate-limited")).lines).toMatchObject([
        { identity: { path: ada.path }, details: { limit: "calls" } }
      ])
    })
  )

  it.effect("is read in pages, by kind, time, address and who", () =>
    Effect.gen(function* () {
      const { ada, events, list, operatorToken, status } = yield* setup
      for (let line = 0; line < 5; line++) yield* status("/auth/keys", { token: ada.key, json: { name: `k${line}` } })
      const first = yield* list("?event=api-key.created&limit=2")
      const second = yield* list(`?event=api-key.created&limit=2&before=${first.next}`)
      const third = yield* list(`?event=api-key.created&limit=2&before=${second.next}`)
      const ids = [first, second, third].flatMap(({ lines }) => lines.map(({ id }) => id))
      expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => b - a))
      expect([ids.length, third.next]).toEqual([5, undefined])
      expect(yield* events("?event=api-key.creat")).toEqual([])
      expect(yield* events("?address=203.0.113.7")).toEqual([])
      expect(yield* events("?event=api-key&since=1")).toEqual([])
      expect((yield* events("?event=api-key&until=1")).length).toBe(5)
      for (const wrong of ["?limit=0", "?limit=1001", "?event=%25", "?since=x", "?before=-1"]) {
        expect([wrong, yield* status(`${route}${wrong}`, { token: operatorToken() })]).toEqual([wrong, 400])
      }
      expect(yield* status(`${route}?identity=nobody`, { token: operatorToken() })).toBe(404)
      expect(yield* status(route, { token: ada.key })).toBe(403)
      expect(yield* status(route)).toBe(401)
    })
  )
})
