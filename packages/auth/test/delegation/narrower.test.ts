import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { world } from "./world.ts"

describe("a credential wider than its minter (abuse 14)", () => {
  it.effect("is refused where its mask is none", () =>
    Effect.gen(function* () {
      const { ada, mint, rows } = yield* world
      const before = yield* rows("SELECT * FROM auth_delegations")
      for (const perms of [0xffffffff, -1, 2 ** 31, 2 ** 53 + 1, 16, 1.5, "3", "READ", null, {}, ["ALL"], [1]]) {
        const answer = yield* mint(ada.key, ada.path, { scope: { perms }, ttl: 60 })
        expect([perms, answer.status, answer.code]).toEqual([perms, 400, "INVALID_PARAMS"])
      }
      expect(yield* rows("SELECT * FROM auth_delegations")).toEqual(before)
    })
  )

  it.effect("is worth no more than its minter, whatever it names", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const narrow = yield* minted(ada.key, ada.path, {
        scope: { nodes: ["/projects/apollo"], perms: ["READ"] },
        ttl: 600
      })
      const wide = yield* minted(narrow.credential, ada.path, {
        scope: { nodes: ["/projects/apollo/plan"], perms: 15 },
        ttl: 600
      })
      const whole = yield* minted(narrow.credential, ada.path, { scope: { perms: 15 }, ttl: 600 })
      expect(yield* status(wide.credential, "/projects/apollo/plan::get")).toBe(200)
      expect(yield* status(wide.credential, "/projects/apollo::get")).toBe(404)
      expect(yield* status(whole.credential, "/projects/apollo::get")).toBe(200)
      for (const { credential } of [wide, whole]) {
        expect(yield* status(credential, "/projects/apollo/plan::update", { props: {} })).toBe(403)
        expect(yield* status(credential, "/projects::get")).toBe(404)
        expect(yield* status(credential, "/secrets::get")).toBe(404)
      }
    })
  )

  it.effect("cannot name what its minter may not see", () =>
    Effect.gen(function* () {
      const { ada, mint, minted } = yield* world
      const narrow = yield* minted(ada.key, ada.path, { scope: { nodes: ["/projects/apollo"] }, ttl: 600 })
      const answer = yield* mint(narrow.credential, ada.path, { scope: { nodes: ["/secrets"] }, ttl: 60 })
      expect(answer.code).toBe("NOT_FOUND")
    })
  )
})

describe("a child (abuse 15)", () => {
  it.effect("ends with its parent at the latest, whatever it asks for", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const parent = yield* minted(ada.key, ada.path, { ttl: 60 })
      const child = yield* minted(parent.credential, ada.path, { ttl: 31_536_000 })
      expect(child.expiresAt).toBe(parent.expiresAt)
      yield* TestClock.setTime(parent.expiresAt - 1)
      expect(yield* status(child.credential, "/projects::get")).toBe(200)
      yield* TestClock.setTime(parent.expiresAt)
      expect(yield* status(child.credential, "/projects::get")).toBe(401)
    })
  )

  it.effect("ends with the instance's limit at the latest", () =>
    Effect.gen(function* () {
      const { ada, minted } = yield* world
      const { expiresAt } = yield* minted(ada.key, ada.path, { ttl: 31_536_000 })
      expect(expiresAt).toBe(86_400_000)
    })
  )

  it.effect("keeps every limit of its parent: nodes, bits and functions", () =>
    Effect.gen(function* () {
      const { ada, minted, send, status } = yield* world
      const limits = {
        nodes: ["/projects"],
        perms: ["READ", "USE"],
        functions: ["/kernel.portico.dev/interface.Node/get", "/kernel.portico.dev/interface.Identity"]
      }
      const parent = yield* minted(ada.key, ada.path, { scope: limits, ttl: 600 })
      const child = yield* minted(parent.credential, ada.path, { ttl: 600 })
      expect(yield* status(child.credential, "/projects::get")).toBe(200)
      expect(yield* status(child.credential, "/secrets::get")).toBe(404)
      expect((yield* send(child.credential, "/projects::listChildren", {})).code).toBe("PERMISSION_DENIED")
      expect((yield* send(child.credential, "/projects::update", { props: {} })).code).toBe("PERMISSION_DENIED")
    })
  )

  it.effect("refuses a time that is none", () =>
    Effect.gen(function* () {
      const { ada, mint } = yield* world
      for (const ttl of [0, -1, 1.5, 1e308, "60", null, undefined]) {
        expect((yield* mint(ada.key, ada.path, { ttl })).status).toBe(400)
      }
    })
  )
})

describe("a credential that has to be all that was asked for", () => {
  it.effect("is refused where what is shown, or what is held there, reaches less; nothing is minted", () =>
    Effect.gen(function* () {
      const { ada, mint, minted, rows } = yield* world
      const reads = yield* minted(ada.key, ada.path, { scope: { perms: ["READ"] }, ttl: 600 })
      const before = yield* rows("SELECT * FROM auth_delegations")
      const exact = { exact: true, ttl: 60 }
      const beyond = yield* mint(reads.credential, ada.path, { ...exact, scope: { perms: ["READ", "EDIT"] } })
      expect(beyond.code).toBe("PERMISSION_DENIED")
      expect(beyond.details).toMatchObject({ needs: ["EDIT"], phase: "credential" })
      const there = { nodes: ["/projects", "/secrets"], perms: ["READ", "EDIT"] }
      const more = yield* mint(ada.key, ada.path, { ...exact, scope: there })
      expect(more.details).toMatchObject({ needs: ["EDIT"], on: "/secrets", phase: "resource" })
      expect(yield* rows("SELECT * FROM auth_delegations")).toEqual(before)
      for (const scope of [{ nodes: ["/projects"], perms: 15 }, { nodes: ["/secrets"] }, {}]) {
        expect((yield* mint(ada.key, ada.path, { ...exact, scope })).status).toBe(200)
      }
    })
  )
})
