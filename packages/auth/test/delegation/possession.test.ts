import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { decodeJwt } from "jose"
import { makeKey, world } from "./world.ts"

const get = "/projects::get"

describe("a delegation that is bound to a key", () => {
  it.effect("is shown with a proof by that key, and is worth nothing without", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const [key, other] = [yield* makeKey, yield* makeKey]
      const { credential, tokenType } = yield* minted(ada.key, ada.path, { cnf: { jkt: key.jkt }, ttl: 600 })
      expect([tokenType, decodeJwt(credential).cnf]).toEqual(["DPoP", { jkt: key.jkt }])
      expect(yield* status("", get, {}, yield* key.shown(credential))).toBe(200)
      expect(yield* status(credential, get)).toBe(401)
      expect(yield* status("", get, {}, yield* other.shown(credential))).toBe(401)
    })
  )

  it.effect("is refused with a proof for something else (abuse 11)", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const key = yield* makeKey
      const bound = { cnf: { jkt: key.jkt }, ttl: 600 }
      const { credential } = yield* minted(ada.key, ada.path, bound)
      const another = yield* minted(ada.key, ada.path, bound)
      yield* TestClock.adjust("10 minutes")
      const { credential: fresh } = yield* minted(ada.key, ada.path, bound)
      const now = 600
      for (const change of [
        { htm: "GET" },
        { htu: "http://localhost/api/batch" },
        { htu: "https://localhost/api/call" },
        { htu: "http://localhost.evil/api/call" },
        { ath: decodeJwt(another.credential).jti },
        { ath: undefined },
        { jti: undefined },
        { jti: "" },
        { iat: now - 61 },
        { iat: now + 61 },
        { iat: 1e308 },
        { iat: undefined }
      ]) {
        const answer = yield* status("", get, {}, yield* key.shown(fresh, change))
        expect([change, answer]).toEqual([change, 401])
      }
      expect(yield* status("", get, {}, yield* key.shown(fresh))).toBe(200)
      expect(yield* status("", get, {}, yield* key.shown(fresh, { htu: "http://localhost/api/call?a=b#c" }))).toBe(200)
      expect(yield* status("", get, {}, yield* key.shown(credential))).toBe(401)
    })
  )

  it.effect("abuse 11: is refused with a proof that was used before", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const key = yield* makeKey
      const { credential } = yield* minted(ada.key, ada.path, { cnf: { jkt: key.jkt }, ttl: 600 })
      const shown = yield* key.shown(credential)
      expect(yield* status("", get, {}, shown)).toBe(200)
      expect(yield* status("", get, {}, shown)).toBe(401)
      yield* TestClock.adjust("3 minutes")
      expect(yield* status("", get, {}, shown)).toBe(401)
      expect(yield* status("", get, {}, yield* key.shown(credential))).toBe(200)
    })
  )

  it.effect("has no child that is bound to none (abuse 15)", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const [key, second] = [yield* makeKey, yield* makeKey]
      const parent = yield* minted(ada.key, ada.path, { cnf: { jkt: key.jkt }, ttl: 600 })
      const plain = yield* minted("", ada.path, { ttl: 600 }, yield* key.shown(parent.credential))
      expect(plain.tokenType).toBe("DPoP")
      expect(yield* status(plain.credential, get)).toBe(401)
      expect(yield* status("", get, {}, yield* key.shown(plain.credential))).toBe(200)
      const handedOn = { cnf: { jkt: second.jkt }, ttl: 600 }
      const child = yield* minted("", ada.path, handedOn, yield* key.shown(parent.credential))
      expect(yield* status("", get, {}, yield* key.shown(child.credential))).toBe(401)
      expect(yield* status("", get, {}, yield* second.shown(child.credential))).toBe(200)
    })
  )
})

describe("a delegation to an identity", () => {
  it.effect("is shown with a key that this identity registered, until it takes that back", () =>
    Effect.gen(function* () {
      const { ada, grant, mint, minted, request, send, status, user } = yield* world
      const bob = yield* user("bob")
      const key = yield* makeKey
      const forBob = { audience: bob.path, ttl: 600 }
      yield* grant(ada.path, bob.path, ["READ"])
      expect((yield* mint(ada.key, ada.path, forBob)).details).toMatchObject({ issues: [{ path: ["audience"] }] })

      const signingKey = { publicKey: key.jwk, proof: yield* key.prove(bob.id) }
      expect((yield* send(bob.key, `${bob.path}::registerIdentity`, { signingKey })).status).toBe(200)
      const { audience, credential } = yield* minted(ada.key, ada.path, forBob)
      expect(audience).toBe(`@${bob.id}`)
      expect(decodeJwt(credential)).toMatchObject({ sub: ada.id, act: { sub: bob.id } })
      expect(yield* status(credential, get)).toBe(401)
      expect(yield* status("", get, {}, yield* key.shown(credential))).toBe(200)

      const stranger = yield* makeKey
      expect(yield* status("", get, {}, yield* stranger.shown(credential))).toBe(401)
      yield* request(`/auth/identity-keys/${key.jkt}`, { method: "DELETE", token: bob.key })
      expect(yield* status("", get, {}, yield* key.shown(credential))).toBe(401)
    })
  )

  it.effect("leaves in the history whose standing it was, and who used it", () =>
    Effect.gen(function* () {
      const { ada, call, grant, minted, send, status, user } = yield* world
      const bob = yield* user("bob")
      const key = yield* makeKey
      yield* grant(ada.path, bob.path, ["READ"])
      const signingKey = { publicKey: key.jwk, proof: yield* key.prove(bob.id) }
      yield* send(bob.key, `${bob.path}::registerIdentity`, { signingKey })
      const { credential } = yield* minted(ada.key, ada.path, { audience: bob.path, ttl: 600 })
      const shown = yield* key.shown(credential)
      expect(yield* status("", "/projects::update", { props: { name: "Projects" } }, shown)).toBe(200)
      const { changes } = (yield* call("/projects::history", { limit: 1 })) as unknown as { changes: unknown }
      expect(changes).toMatchObject([{ op: "update", actor: ada.id, via: bob.id, allowedBy: "caller" }])
    })
  )

  it.effect("is handed on to a third, who gets the part that both left", () =>
    Effect.gen(function* () {
      const { ada, grant, minted, send, status, user } = yield* world
      const [bob, cid] = [yield* user("bob"), yield* user("cid")]
      const [bobs, cids] = [yield* makeKey, yield* makeKey]
      for (const [who, key] of [[bob, bobs] as const, [cid, cids] as const]) {
        yield* grant(ada.path, who.path, ["READ"])
        const signingKey = { publicKey: key.jwk, proof: yield* key.prove(who.id) }
        yield* send(who.key, `${who.path}::registerIdentity`, { signingKey })
      }
      const first = yield* minted(ada.key, ada.path, { audience: bob.path, scope: { perms: ["READ"] }, ttl: 600 })
      const second = yield* minted(
        "",
        `@${ada.id}`,
        { audience: cid.path, scope: { nodes: ["/projects/apollo"] }, ttl: 600 },
        yield* bobs.shown(first.credential)
      )
      expect(yield* status("", "/projects/apollo::get", {}, yield* cids.shown(second.credential))).toBe(200)
      expect(yield* status("", get, {}, yield* cids.shown(second.credential))).toBe(404)
      const edit = { props: {} }
      expect(yield* status("", "/projects/apollo::update", edit, yield* cids.shown(second.credential))).toBe(403)
      expect(yield* status("", "/projects/apollo::get", {}, yield* bobs.shown(second.credential))).toBe(401)
    })
  )
})

describe("a delegation for a service elsewhere", () => {
  it.effect("is for that service to verify, and not accepted here (abuse 8)", () =>
    Effect.gen(function* () {
      const { ada, mint, minted, status } = yield* world
      const { credential } = yield* minted(ada.key, ada.path, { audience: "https://worker.example/", ttl: 600 })
      expect(decodeJwt(credential).aud).toBe("https://worker.example/")
      expect(yield* status(credential, get)).toBe(401)
      for (const audience of ["ftp://worker.example", "worker", "javascript:alert(1)", "https://w.example/#a", ""]) {
        expect((yield* mint(ada.key, ada.path, { audience, ttl: 600 })).status).toBe(400)
      }
    })
  )
})
