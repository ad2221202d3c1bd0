import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { newWorld, startIn } from "./support/start.ts"

const route = "/gateway/v1/internal/auth/audit"

interface Line {
  readonly id: number
  readonly event: string
  readonly details: Readonly<Record<string, unknown>>
}

const world = Effect.gen(function* () {
  const app = yield* startIn(yield* newWorld)
  const ada = yield* app.user("ada")
  const bob = yield* app.user("bob")
  yield* app.call(K.Node.createNode.path, { class: K.Folder.ref, path: "/projects" })
  yield* app.call(K.Node.createNode.path, { class: K.Group.ref, path: "/staff" })
  for (const node of ["/projects", "/staff", bob.path]) {
    yield* app.call(`${ada.path}::grantPerm`, { node, perms: ["READ", "SHARE"] })
  }
  const list = (query: string) =>
    Effect.map(app.request(`${route}${query}`, { token: app.operatorToken() }), ({ json }) => {
      // Boundary: the shape of the route's answer.
      return json as { readonly lines: ReadonlyArray<Line>; readonly next?: number }
    })
  const since = (yield* list("?limit=1")).lines[0]?.id ?? 0
  /** What was written since, the oldest first. */
  const lines = (query = "?limit=100") =>
    Effect.map(list(query), (page) => page.lines.filter(({ id }) => id > since).toReversed())
  /** The same, once there are so many of them: nobody who is refused waits for it. */
  const written = (count: number) =>
    Effect.gen(function* () {
      for (;;) {
        const found = yield* lines()
        if (found.length >= count) return found
        yield* Effect.yieldNow
      }
    })
  const asked = (token: string, path: string, params: unknown) =>
    app.status("/api/call", { token, json: { path, params }, headers: { "user-agent": "otter/1" } })
  return { ...app, ada, bob, list, lines, written, asked }
})

describe("the audit log has who may do what", () => {
  it.effect("each grant and membership: who, from where, through what, in one order with all else", () =>
    Effect.gen(function* () {
      const { ada, asked, bob, lines, list, request } = yield* world
      const perms = ["READ", "SHARE"]
      expect(yield* asked(ada.key, `${bob.path}::grantPerm`, { node: "/projects", perms })).toBe(200)
      yield* request("/auth/keys", { token: ada.key, json: { name: "ci" } })
      yield* asked(ada.key, `${bob.path}::revokePerm`, { node: "/projects", perms: 8 })
      yield* asked(ada.key, "/staff::addMember", { member: bob.path })
      yield* asked(ada.key, "/staff::removeMember", { member: bob.path })
      const by = {
        identity: { id: bob.id, path: bob.path },
        actor: { id: ada.id, path: ada.path },
        userAgent: "otter/1",
        through: { kind: "api-key", id: ada.keyId }
      }
      const whom = { whom: bob.path }
      expect(yield* lines()).toMatchObject([
        {
          ...by,
          event: "permission.granted",
          details: { ...whom, on: "/projects", before: [], after: perms }
        },
        { event: "api-key.created" },
        {
          ...by,
          event: "permission.revoked",
          details: { ...whom, on: "/projects", before: perms, after: ["READ"] }
        },
        { ...by, event: "member.added", details: { ...whom, on: "/staff" } },
        { ...by, event: "member.removed", details: { ...whom, on: "/staff" } }
      ])
      const events = (query: string) => Effect.map(lines(query), (found) => found.map(({ event }) => event))
      expect(yield* events("?event=permission")).toEqual(["permission.granted", "permission.revoked"])
      expect(yield* events(`?identity=${bob.path}&event=member`)).toEqual(["member.added", "member.removed"])
      expect(yield* events("?address=203.0.113.7")).toEqual([])
      const first = yield* list("?event=permission&limit=1")
      const second = yield* list(`?event=permission&limit=1&before=${first.next}`)
      expect([...first.lines, ...second.lines].map(({ event }) => event)).toEqual([
        "permission.revoked",
        "permission.granted"
      ])
    })
  )

  it.effect("nothing of what changed nothing, nor of what was undone", () =>
    Effect.gen(function* () {
      const { ada, asked, bob, lines } = yield* world
      yield* asked(ada.key, `${bob.path}::revokePerm`, { node: "/projects", perms: ["READ"] })
      yield* asked(ada.key, "/staff::removeMember", { member: bob.path })
      yield* asked(ada.key, "/staff::addMember", { member: "/projects" })
      expect(yield* lines()).toEqual([])
    })
  )

  it.effect("what cannot be put on record does not happen", () =>
    Effect.gen(function* () {
      const { ada, asked, bob, database, kernel, rows } = yield* world
      yield* Effect.orDie(database.sql`ALTER TABLE auth_audit RENAME TO elsewhere`)
      const before = yield* kernel.seq
      expect(yield* asked(ada.key, `${bob.path}::grantPerm`, { node: "/projects", perms: ["READ"] })).toBe(500)
      expect(yield* asked(ada.key, "/staff::addMember", { member: bob.path })).toBe(500)
      yield* Effect.orDie(database.sql`ALTER TABLE elsewhere RENAME TO auth_audit`)
      expect(yield* kernel.seq).toBe(before)
      const select = `SELECT 1 AS one FROM node_changes WHERE op IN ('grant', 'addMember') AND node_id = '${bob.id}'`
      expect(yield* rows(select)).toEqual([])
      expect(yield* asked(ada.key, `${bob.path}::grantPerm`, { node: "/projects", perms: ["READ"] })).toBe(200)
      expect(yield* rows(select)).toHaveLength(1)
    })
  )

  it.effect("who asked for what is the operators', at which address of theirs", () =>
    Effect.gen(function* () {
      const { ada, status, written } = yield* world
      expect(yield* status("/gateway/v1/internal/who?token=x", { token: ada.key })).toBe(403)
      expect(yield* status("/gateway/v1/internal/who")).toBe(401)
      expect(yield* written(1)).toMatchObject([
        {
          event: "permission.refused",
          identity: { id: ada.id },
          through: { kind: "api-key", id: ada.keyId },
          details: { needs: "operator", on: "/gateway/v1/internal/who" }
        }
      ])
    })
  )

  it.effect("who was refused, the first of a minute for each identity, also where a module refuses", () =>
    Effect.gen(function* () {
      const { ada, asked, bob, written } = yield* world
      const refused = [
        asked(ada.key, `${bob.path}::grantPerm`, { node: "/projects", perms: ["EDIT"] }),
        asked(ada.key, "/projects::delete", {}),
        asked(ada.key, `${bob.path}::mintDelegationCredential`, { ttl: 60 })
      ]
      for (const call of refused) expect(yield* call).toBe(403)
      yield* written(1)
      expect(yield* asked(bob.key, `${bob.path}::mintDelegationCredential`, { ttl: 60 })).toBe(200)
      expect(yield* asked(bob.key, `${ada.path}::mintDelegationCredential`, { ttl: 60 })).toBe(404)
      yield* TestClock.adjust("2 minutes")
      for (const call of refused.toReversed()) expect(yield* call).toBe(403)
      const by = { identity: { id: ada.id }, through: { kind: "api-key", id: ada.keyId }, userAgent: "otter/1" }
      expect(yield* written(3)).toMatchObject([
        { ...by, event: "permission.refused", details: { needs: ["EDIT"], on: "/projects" } },
        { event: "delegation.minted", userAgent: "otter/1" },
        { ...by, event: "permission.refused", details: { on: bob.path, unwrittenBefore: 2 } }
      ])
    })
  )
})
