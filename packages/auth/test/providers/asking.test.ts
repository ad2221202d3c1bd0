import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify } from "jose"
import { Jar, withProviders } from "./world.ts"

const creating = { provisioning: "create", identity: { path: "/identities/{sub}" } }
const now = () => Math.floor(Date.now() / 1_000)

describe("how long ago somebody has shown their provider who they are", () => {
  it.live("is asked for and counts, where the settings say how long it may be", () =>
    Effect.gen(function* () {
      const { begin, refusal, signIn, who } = yield* withProviders({ corp: { ...creating, maxAge: 300 } })
      const jar = new Jar()
      expect(new URL(yield* begin(jar)).searchParams.get("max_age")).toBe("300")
      for (const auth_time of [undefined, now() - 300 - 62, "soon", -1]) {
        const answer = yield* signIn(new Jar(), { claims: { auth_time } })
        expect([auth_time, answer.status, (yield* refusal).step]).toEqual([auth_time, 403, "answer"])
      }
      yield* signIn(jar, { claims: { auth_time: now() - 200 } })
      expect(yield* who(jar)).toBe("ada")
    })
  )

  it.live("is now for whoever is asked again, because they have a session already", () =>
    Effect.gen(function* () {
      const { app, begin, refusal, signIn } = yield* withProviders({ corp: { ...creating, maxAge: 300 } })
      const jar = new Jar()
      yield* signIn(jar, { claims: { auth_time: now() } })
      const asked = new URL(yield* begin(jar)).searchParams
      expect([asked.get("prompt"), asked.get("max_age")]).toEqual(["login", "0"])
      const sessions = app.rows("SELECT id FROM auth_sessions")
      const before = yield* sessions
      // Within five minutes, but not because of this sign-in.
      expect((yield* signIn(jar, { claims: { auth_time: now() - 90 } })).status).toBe(403)
      expect(yield* refusal).toMatchObject({ step: "token", reason: "its person was not asked again who they are" })
      expect(yield* sessions).toEqual(before)
      expect((yield* signIn(jar, { claims: { auth_time: now() } })).status).toBe(303)
    })
  )

  it.live("does not matter where nothing says so", () =>
    Effect.gen(function* () {
      const { begin, signIn, who } = yield* withProviders({ corp: creating })
      const jar = new Jar()
      yield* signIn(jar, { claims: { auth_time: 1 } })
      expect(yield* who(jar)).toBe("ada")
      const asked = new URL(yield* begin(jar)).searchParams
      expect([asked.get("prompt"), asked.has("max_age")]).toEqual(["login", false])
    })
  )
})

describe("a private key in the place of a secret", () => {
  const keyed = { corp: { ...creating, clientAuth: "private_key_jwt" } }

  for (const [alg, crv] of [["RS256"], ["ES384"], ["EdDSA", "Ed25519"]] as const) {
    it.live(`signs an assertion that is for this provider, soon over and never the same (RFC 7523), ${alg}`, () =>
      Effect.gen(function* () {
        const { privateKey, publicKey } = yield* Effect.promise(() =>
          generateKeyPair(alg, { extractable: true, ...(crv === undefined ? {} : { crv }) })
        )
        const secret = JSON.stringify({ ...(yield* Effect.promise(() => exportJWK(privateKey))), alg, kid: "mine" })
        const { provider, signIn, who } = yield* withProviders(keyed, { "auth.providerSecrets": { corp: secret } })
        for (let round = 0; round < 2; round++) {
          const jar = new Jar()
          yield* signIn(jar)
          expect(yield* who(jar)).toBe("ada")
        }
        const ids: Array<string | undefined> = []
        for (const form of provider.forms) {
          expect(form.get("client_assertion_type")).toBe("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
          expect(form.has("client_secret")).toBe(false)
          const assertion = form.get("client_assertion") ?? ""
          expect(decodeProtectedHeader(assertion)).toEqual({ alg, kid: "mine" })
          const { payload } = yield* Effect.promise(() => jwtVerify(assertion, publicKey))
          expect(payload).toMatchObject({ iss: "portico", sub: "portico", aud: provider.issuer })
          expect(Number(payload.exp) - now()).toBeLessThanOrEqual(300)
          ids.push(payload.jti)
        }
        expect(new Set(ids).size).toBe(2)
      })
    )
  }

  it.live("that is none lets nobody in, and is told to nobody", () =>
    Effect.gen(function* () {
      const { publicKey } = yield* Effect.promise(() => generateKeyPair("ES256", { extractable: true }))
      const jwk = JSON.stringify(yield* Effect.promise(() => exportJWK(publicKey)))
      const shared = JSON.stringify({ kty: "oct", k: "aHVudGVyMg", alg: "HS256" })
      for (const secret of [undefined, "hunter2-hunter2", "{", jwk, shared]) {
        const secrets = secret === undefined ? {} : { "auth.providerSecrets": { corp: secret } }
        const { provider, refusal, signIn } = yield* withProviders(keyed, secrets)
        const answer = yield* Effect.exit(signIn(new Jar()))
        expect(answer._tag).toBe("Failure")
        expect((yield* refusal).reason).toBe("its secret is not the private key that private_key_jwt needs: a JWK")
        expect(provider.forms).toEqual([])
      }
    })
  )
})
