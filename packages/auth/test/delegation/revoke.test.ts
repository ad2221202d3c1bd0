import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { newWorld, startIn } from "../support/start.ts"
import { world } from "./world.ts"

const revokeAt = (id: string) => `/auth/delegations/${id}`

describe("revoking a delegation", () => {
  it.effect("ends it and all that came of it, from the next request on, and leaves its parent", () =>
    Effect.gen(function* () {
      const { ada, minted, request, rows, status } = yield* world
      const first = yield* minted(ada.key, ada.path, { ttl: 600 })
      const second = yield* minted(first.credential, ada.path, { ttl: 600 })
      const third = yield* minted(second.credential, ada.path, { ttl: 600 })
      for (const { credential } of [first, second, third]) expect(yield* status(credential, "/projects::get")).toBe(200)
      expect((yield* request(revokeAt(second.id), { method: "DELETE", token: ada.key })).status).toBe(204)
      expect(yield* status(first.credential, "/projects::get")).toBe(200)
      for (const { credential } of [second, third]) expect(yield* status(credential, "/projects::get")).toBe(401)
      const [line] = yield* rows("SELECT * FROM auth_audit WHERE event = 'delegation.revoked'")
      expect(line).toMatchObject({ identity: ada.id, actor: ada.id, details: JSON.stringify({ id: second.id }) })
    })
  )

  it.effect("holds after a restart", () =>
    Effect.gen(function* () {
      const place = yield* newWorld
      const credential = yield* Effect.scoped(
        Effect.gen(function* () {
          const app = yield* startIn(place)
          const ada = yield* app.user("ada")
          const json = { path: `${ada.path}::mintDelegationCredential`, params: { ttl: 600 } }
          const answer = yield* app.request("/api/call", { method: "POST", token: ada.key, json })
          const { result } = answer.json as { result: { id: string; credential: string } }
          expect(yield* app.status("/who", { token: result.credential })).toBe(200)
          expect(yield* app.status(revokeAt(result.id), { method: "DELETE", token: ada.key })).toBe(204)
          return result.credential
        })
      )
      const app = yield* startIn(place)
      expect(yield* app.status("/who", { token: credential })).toBe(401)
    })
  )

  it.effect("is for its root, for whoever narrowed it, and for who holds every bit on /", () =>
    Effect.gen(function* () {
      const { ada, minted, operatorToken, request, user } = yield* world
      const bob = yield* user("bob")
      const first = yield* minted(ada.key, ada.path, { ttl: 600 })
      const child = yield* minted(first.credential, ada.path, { ttl: 600 })
      const other = yield* minted(ada.key, ada.path, { ttl: 600 })
      const end = (token: string, id: string) =>
        Effect.map(request(revokeAt(id), { method: "DELETE", token }), ({ status }) => status)
      expect(yield* end(bob.key, first.id)).toBe(404)
      expect(yield* end(child.credential, first.id)).toBe(404)
      expect(yield* end(first.credential, other.id)).toBe(404)
      expect(yield* end(first.credential, child.id)).toBe(204)
      expect(yield* end(first.credential, child.id)).toBe(404)
      expect(yield* end(operatorToken(), other.id)).toBe(204)
      expect(yield* end(first.credential, first.id)).toBe(204)
    })
  )

  it.effect("can be done by whoever sees it in the list: one's own, or what came of the one that is shown", () =>
    Effect.gen(function* () {
      const { ada, minted, request } = yield* world
      const first = yield* minted(ada.key, ada.path, { ttl: 600 })
      const child = yield* minted(first.credential, ada.path, { scope: { nodes: ["/projects"] }, ttl: 300 })
      const other = yield* minted(ada.key, ada.path, { ttl: 600 })
      const listed = (token: string) =>
        Effect.map(request("/auth/delegations", { token }), ({ json }) =>
          (json as { delegations: ReadonlyArray<{ id: string }> }).delegations.map(({ id }) => id).sort()
        )
      expect(yield* listed(ada.key)).toEqual([first.id, child.id, other.id].sort())
      expect(yield* listed(first.credential)).toEqual([first.id, child.id].sort())
      expect(yield* listed(child.credential)).toEqual([child.id])
    })
  )

  it.effect("happens by itself when the API key that it was made with is revoked, or its root deleted", () =>
    Effect.gen(function* () {
      const { ada, auth, call, minted, status } = yield* world
      const spare = yield* auth.apiKeys.create(ada.id, { name: "spare" })
      const first = yield* minted(spare.key, ada.path, { ttl: 600 })
      const child = yield* minted(first.credential, ada.path, { ttl: 600 })
      const other = yield* minted(ada.key, ada.path, { ttl: 600 })
      expect(yield* status(child.credential, "/projects::get")).toBe(200)
      yield* auth.apiKeys.revoke(ada.id, spare.id)
      expect(yield* status(first.credential, "/projects::get")).toBe(401)
      expect(yield* status(child.credential, "/projects::get")).toBe(401)
      expect(yield* status(other.credential, "/projects::get")).toBe(200)
      yield* call(`${ada.path}::delete`)
      expect(yield* status(other.credential, "/projects::get")).toBe(401)
    })
  )

  it.effect("happens to those that were made after signing in, not by an API key, when one signs out everywhere", () =>
    Effect.gen(function* () {
      const { ada, auth, minted, status } = yield* world
      const { token } = yield* auth.issueAccessToken(ada.id)
      const bySignIn = yield* minted(token, ada.path, { ttl: 600 })
      const byKey = yield* minted(ada.key, ada.path, { ttl: 600 })
      expect(yield* status(bySignIn.credential, "/projects::get")).toBe(200)
      yield* auth.signOutEverywhere(ada.id)
      expect(yield* status(bySignIn.credential, "/projects::get")).toBe(401)
      expect(yield* status(byKey.credential, "/projects::get")).toBe(200)
    })
  )

  it.effect("ends a stream that was opened with it (abuse 21)", () =>
    Effect.gen(function* () {
      const { ada, fetch, minted, request } = yield* world
      const { credential, id } = yield* minted(ada.key, ada.path, { ttl: 600 })
      const headers = { authorization: `Bearer ${credential}`, accept: "application/x-ndjson" }
      const answer = yield* Effect.promise(() => fetch("/api/changes", { headers }))
      expect(answer.status).toBe(200)
      const text = yield* Effect.forkChild(Effect.promise(() => answer.text()))
      expect((yield* request(revokeAt(id), { method: "DELETE", token: ada.key })).status).toBe(204)
      yield* TestClock.adjust("1 minute")
      expect(yield* Fiber.join(text)).toContain("UNAUTHENTICATED")
    })
  )
})
