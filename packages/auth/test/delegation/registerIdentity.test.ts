import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { issuer, makeKey, world } from "./world.ts"

const setup = Effect.gen(function* () {
  const app = yield* world
  const key = yield* makeKey
  const register = (token: string, path: string, publicKey: unknown, proof: string) =>
    app.send(token, `${path}::registerIdentity`, { signingKey: { publicKey, proof } })
  const keys = (token: string) => Effect.map(app.request("/auth/identity-keys", { token }), ({ json }) => json)
  return { ...app, key, register, keys }
})

describe("registering a key", () => {
  it.effect("binds it to the identity that proves to hold it, once and for all", () =>
    Effect.gen(function* () {
      const { ada, key, keys, register, rows } = yield* setup
      const proof = yield* key.prove(ada.id)
      for (let round = 0; round < 2; round++) {
        const { result } = yield* register(ada.key, ada.path, key.jwk, proof)
        expect(result).toEqual({ iss: issuer, sub: ada.id, jkt: key.jkt })
      }
      expect(yield* keys(ada.key)).toEqual({ keys: [{ jkt: key.jkt, x: key.jwk.x, createdAt: 0 }] })
      expect(yield* rows("SELECT * FROM auth_audit WHERE event = 'identity-key.registered'")).toHaveLength(2)
    })
  )

  it.effect("is refused without a good proof", () =>
    Effect.gen(function* () {
      const { ada, key, keys, register, user } = yield* setup
      const bob = yield* user("bob")
      yield* TestClock.adjust("1 hour")
      const other = yield* makeKey
      const proofs = {
        "by another key": yield* other.prove(ada.id),
        "for another identity": yield* key.prove(bob.id),
        "for another instance": yield* key.prove(ada.id, { aud: "http://localhost.evil" }),
        "for several": yield* key.prove(ada.id, { aud: [issuer, "http://x"] }),
        "of long ago": yield* key.prove(ada.id, { iat: 3_600 - 301 }),
        "of the future": yield* key.prove(ada.id, { iat: 3_600 + 61 }),
        "of no time": yield* key.prove(ada.id, { iat: undefined }),
        "of another type (abuse 9)": yield* key.prove(ada.id, {}, "dpop+jwt"),
        "that is none": "a.b.c"
      }
      for (const [name, proof] of Object.entries(proofs)) {
        expect([name, (yield* register(ada.key, ada.path, key.jwk, proof)).status]).toEqual([name, 400])
      }
      expect(yield* keys(ada.key)).toEqual({ keys: [] })
    })
  )

  it.effect("is refused for what is no Ed25519 public key", () =>
    Effect.gen(function* () {
      const { ada, key, register } = yield* setup
      const proof = yield* key.prove(ada.id)
      for (const publicKey of [
        { ...key.jwk, d: "A".repeat(43) },
        { ...key.jwk, kty: "oct" },
        { ...key.jwk, crv: "X25519" },
        { ...key.jwk, x: "short" },
        "text",
        null
      ]) {
        expect((yield* register(ada.key, ada.path, publicKey, proof)).status).toBe(400)
      }
    })
  )

  it.effect("is for the identity itself, with a credential that nothing narrows", () =>
    Effect.gen(function* () {
      const { ada, grant, key, minted, operatorToken, register, user } = yield* setup
      const bob = yield* user("bob")
      yield* grant(bob.path, ada.path, ["READ", "EDIT", "USE", "SHARE"])
      const proof = yield* key.prove(ada.id)
      const { credential } = yield* minted(ada.key, ada.path, { scope: { perms: 15 }, ttl: 60 })
      for (const token of [bob.key, operatorToken(), credential]) {
        expect((yield* register(token, ada.path, key.jwk, proof)).code).toBe("PERMISSION_DENIED")
      }
    })
  )

  it.effect("that is another's is refused", () =>
    Effect.gen(function* () {
      const { ada, key, register, user } = yield* setup
      const bob = yield* user("bob")
      yield* register(ada.key, ada.path, key.jwk, yield* key.prove(ada.id))
      const answer = yield* register(bob.key, bob.path, key.jwk, yield* key.prove(bob.id))
      expect(answer.code).toBe("CONSTRAINT_VIOLATED")
    })
  )

  it.effect("can be done twenty times", () =>
    Effect.gen(function* () {
      const { ada, register } = yield* setup
      for (let count = 0; count <= 20; count++) {
        const key = yield* makeKey
        const answer = yield* register(ada.key, ada.path, key.jwk, yield* key.prove(ada.id))
        expect(answer.code).toBe(count < 20 ? undefined : "LIMIT_EXCEEDED")
      }
    })
  )
})
