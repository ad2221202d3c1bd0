import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { decodeJwt, decodeProtectedHeader } from "jose"
import { issuer, world } from "./world.ts"

describe("a delegation", () => {
  it.effect("reaches what its scope names and its minter holds, and nothing else", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const { credential } = yield* minted(ada.key, ada.path, {
        scope: { nodes: ["/projects/apollo"], perms: ["READ"] },
        ttl: 600
      })
      expect(yield* status(credential, "/projects/apollo::get")).toBe(200)
      expect(yield* status(credential, "/projects/apollo/plan::get")).toBe(200)
      expect(yield* status(credential, "/projects/apollo::update", { props: {} })).toBe(403)
      expect(yield* status(credential, "/projects::get")).toBe(404)
      expect(yield* status(credential, "/secrets::get")).toBe(404)
      expect(yield* status(ada.key, "/secrets::get")).toBe(200)
    })
  )

  it.effect("says in its token what it is, for whom and until when, and is a kind of its own", () =>
    Effect.gen(function* () {
      const { ada, minted } = yield* world
      yield* TestClock.setTime(60_000)
      const { chain, credential, expiresAt, id, tokenType } = yield* minted(ada.key, ada.path, {
        scope: { perms: ["READ"] },
        ttl: 600
      })
      expect(decodeProtectedHeader(credential)).toMatchObject({ alg: "EdDSA", typ: "portico-delegation+jwt" })
      expect(decodeJwt(credential)).toEqual({
        iss: issuer,
        aud: issuer,
        sub: ada.id,
        jti: id,
        iat: 60,
        exp: 660,
        chain: [id],
        scope: { nodes: "all", perms: 1 }
      })
      expect([chain, expiresAt, tokenType]).toEqual([[id], 660_000, "Bearer"])
    })
  )

  it.effect("is worth what its root is granted now: a later revoke bites at once, and so does a later grant", () =>
    Effect.gen(function* () {
      const { ada, grant, minted, revokeGrant, status } = yield* world
      const { credential } = yield* minted(ada.key, ada.path, { scope: { perms: ["READ"] }, ttl: 600 })
      expect(yield* status(credential, "/projects/apollo::get")).toBe(200)
      yield* revokeGrant(ada.path, "/projects", ["READ"])
      expect(yield* status(credential, "/projects/apollo::get")).toBe(404)
      yield* grant(ada.path, "/projects/apollo", ["READ"])
      expect(yield* status(credential, "/projects/apollo::get")).toBe(200)
    })
  )

  it.effect("leaves SHARE out unless that is asked for by name", () =>
    Effect.gen(function* () {
      const { ada, grant, minted, status, user } = yield* world
      const bob = yield* user("bob")
      yield* grant(ada.path, bob.path, ["READ"])
      const share = { node: "/projects/apollo", perms: ["READ"] }
      const plain = yield* minted(ada.key, ada.path, { ttl: 600 })
      expect(yield* status(plain.credential, "/projects/apollo::update", { props: {} })).toBe(200)
      expect(yield* status(plain.credential, `${bob.path}::grantPerm`, share)).toBe(403)
      const named = yield* minted(ada.key, ada.path, { scope: { perms: ["READ", "SHARE"] }, ttl: 600 })
      expect(yield* status(named.credential, `${bob.path}::grantPerm`, share)).toBe(200)
      expect(yield* status(named.credential, "/projects/apollo::update", { props: {} })).toBe(403)
    })
  )

  it.effect("is minted by oneself only, by whoever may see oneself or not", () =>
    Effect.gen(function* () {
      const { ada, grant, mint, operatorToken, user } = yield* world
      const bob = yield* user("bob")
      expect((yield* mint(bob.key, bob.path, { ttl: 60 })).status).toBe(200)
      expect((yield* mint(bob.key, ada.path, { ttl: 60 })).status).toBe(404)
      yield* grant(bob.path, ada.path, ["READ", "EDIT", "USE", "SHARE"])
      expect((yield* mint(bob.key, ada.path, { ttl: 60 })).code).toBe("PERMISSION_DENIED")
      expect((yield* mint(operatorToken(), ada.path, { ttl: 60 })).code).toBe("PERMISSION_DENIED")
    })
  )

  it.effect("does not tell a hidden node from a missing one", () =>
    Effect.gen(function* () {
      const { call, mint, user } = yield* world
      yield* call(K.Node.createNode.path, { class: K.Folder.ref, path: "/hidden" })
      const bob = yield* user("bob")
      const answers = yield* Effect.forEach(["/hidden", "/nowhere"], (path) =>
        Effect.map(mint(bob.key, bob.path, { scope: { nodes: [path] }, ttl: 60 }), ({ code, status }) => ({
          code,
          status
        }))
      )
      expect(answers[0]).toEqual(answers[1])
      expect(answers[0]).toEqual({ code: "NOT_FOUND", status: 404 })
    })
  )

  it.effect("makes no password, no API key and no key of its root's, and opens no internal route", () =>
    Effect.gen(function* () {
      const { call, minted, operatorToken, request, status } = yield* world
      yield* call("/identities/operator::grantPerm", { node: "/", perms: 15 })
      const { credential: token } = yield* minted(operatorToken(), "/identities/operator", {
        scope: { perms: 15 },
        ttl: 60
      })
      expect(yield* status(token, "/::get")).toBe(200)
      for (const [path, method, json] of [
        ["/auth/keys", "POST", { name: "mine" }],
        ["/auth/keys", "GET", undefined],
        ["/auth/keys/x", "DELETE", undefined],
        ["/auth/password", "POST", { password: "correct horse battery" }],
        ["/auth/identity-keys/x", "DELETE", undefined],
        ["/gateway/v1/internal/who", "GET", undefined]
      ] as const) {
        const answer = yield* request(path, { method, token, ...(json === undefined ? {} : { json }) })
        expect([path, answer.status]).toEqual([path, 403])
      }
    })
  )

  it.effect("is in the audit log, without its secret", () =>
    Effect.gen(function* () {
      const { ada, minted, rows } = yield* world
      const { credential, id } = yield* minted(ada.key, ada.path, { ttl: 60 })
      const [line] = yield* rows("SELECT * FROM auth_audit WHERE event = 'delegation.minted'")
      expect(line).toMatchObject({ identity: ada.id })
      expect(JSON.parse(String(line?.details))).toMatchObject({ id, chain: [id], bound: { nodes: "all", perms: 7 } })
      expect(JSON.stringify(line)).not.toContain(credential)
    })
  )
})

describe("functions of a delegation", () => {
  it.effect("are the only ones that may be called, the kernel's own included", () =>
    Effect.gen(function* () {
      const { ada, minted, send, status } = yield* world
      const { credential } = yield* minted(ada.key, ada.path, {
        scope: { functions: ["/projects::get"] },
        ttl: 600
      })
      expect(yield* status(credential, "/projects/apollo::get")).toBe(200)
      const refused = yield* send(credential, "/projects::listChildren", {})
      expect([refused.code, refused.details]).toEqual([
        "PERMISSION_DENIED",
        { needs: ["USE"], on: "/kernel.portico.dev/interface.Node/listChildren", phase: "type" }
      ])
      expect(yield* status(credential, "/projects::update", { props: {} })).toBe(403)
      const batch = { ops: [{ op: "update", node: "/projects", props: {} }] }
      expect(yield* status(credential, K.Node.mutate.path, batch)).toBe(403)
    })
  )

  it.effect("limit what is made of it in turn, and whether anything is", () =>
    Effect.gen(function* () {
      const { ada, mint, minted, status } = yield* world
      const mintable = yield* minted(ada.key, ada.path, {
        scope: { functions: [methodNode("get"), methodNode("update"), mintNode] },
        ttl: 600
      })
      const child = yield* minted(mintable.credential, ada.path, {
        scope: { functions: [methodNode("get"), methodNode("delete")] },
        ttl: 600
      })
      expect(yield* status(child.credential, "/projects::get")).toBe(200)
      expect(yield* status(child.credential, "/projects/apollo/plan::delete")).toBe(403)
      expect(yield* status(child.credential, "/projects::update", { props: {} })).toBe(403)
      expect((yield* mint(child.credential, ada.path, { ttl: 60 })).code).toBe("PERMISSION_DENIED")
    })
  )

  it.effect("of a batch are each asked for", () =>
    Effect.gen(function* () {
      const { ada, minted, status } = yield* world
      const { credential } = yield* minted(ada.key, ada.path, {
        scope: { functions: [methodNode("mutate"), methodNode("update")] },
        ttl: 600
      })
      const update = { op: "update", node: "/projects", props: {} }
      expect(yield* status(credential, K.Node.mutate.path, { ops: [update] })).toBe(200)
      const both = { ops: [update, { op: "delete", node: "/projects/apollo/plan" }] }
      expect(yield* status(credential, K.Node.mutate.path, both)).toBe(403)
    })
  )
})

/** Where the Function node of a method of every node is. */
const methodNode = (name: string): string => `/kernel.portico.dev/interface.Node/${name}`
const mintNode = "/kernel.portico.dev/interface.Identity/mintDelegationCredential"
