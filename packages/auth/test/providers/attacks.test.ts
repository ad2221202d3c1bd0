import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { generateKeyPair } from "jose"
import type { Twist } from "./hostileProvider.ts"
import { Jar, withProviders } from "./world.ts"

const creating = { corp: { provisioning: "create", identity: { path: "/identities/{sub}", name: "{sub}" } } }
const now = Math.floor(Date.now() / 1_000)
const encoded = (json: unknown): string => Buffer.from(JSON.stringify(json)).toString("base64url")

describe("sign-in with a provider", () => {
  it.live("takes no id token that is not for this sign-in, of this provider, for us and now", () =>
    Effect.gen(function* () {
      const { app, provider, refusal, signIn, who } = yield* withProviders(creating)
      const other = yield* Effect.promise(() => generateKeyPair("ES256"))
      const unsigned = (good: string) => `${encoded({ alg: "none" })}.${good.split(".")[1]}.`
      const byPublicKey = (good: string) => `${encoded({ alg: "HS256", kid: "one" })}.${good.split(".")[1]}.AAAA`
      const bad: Readonly<Record<string, Twist>> = {
        "another issuer": { claims: { iss: "https://evil.example" } },
        "another audience": { claims: { aud: "another-client" } },
        "an audience beside us": { claims: { aud: ["portico", "another-client"], azp: "portico" } },
        "another party": { claims: { azp: "another-client", aud: ["portico", "x"] } },
        expired: { claims: { exp: now - 120, iat: now - 400 } },
        "from the future": { claims: { nbf: now + 600 } },
        "the nonce of another sign-in": { claims: { nonce: "x" } },
        "no nonce": { claims: { nonce: undefined } },
        "nobody's": { claims: { sub: undefined } },
        "an empty subject": { claims: { sub: "" } },
        "another kind of token (abuse 9)": { header: { typ: "at+jwt" } },
        "a logout token (abuse 9)": { header: { typ: "logout+jwt" } },
        "another key": { key: other.privateKey },
        "an unknown key": { header: { kid: "two" } },
        unsigned: { token: unsigned },
        "signed with the public key": { token: byPublicKey },
        missing: { token: () => undefined },
        "no token": { token: () => "x.y.z" }
      }
      for (const [name, twist] of Object.entries(bad)) {
        const jar = new Jar()
        const answer = yield* signIn(jar, twist)
        expect([name, answer.status]).toEqual([name, 403])
        expect(yield* who(jar)).toBeUndefined()
        // The page says the same whatever it was.
        expect(answer.text).toContain("You could not be signed in")
        expect(answer.text).not.toMatch(/issuer|audience|nonce|expired|key|token/i)
      }
      expect(["answer", "token", "trust"]).toContain((yield* refusal).step)
      expect(yield* app.rows("SELECT * FROM auth_links")).toEqual([])
      expect(provider.asked).toContain("/token")
      for (const good of [{}, { header: { typ: "JWT" } }, { header: { typ: "application/id+jwt" } }]) {
        const jar = new Jar()
        expect((yield* signIn(jar, good)).status).toBe(303)
        expect(yield* who(jar)).toBe("ada")
      }
    })
  )

  it.live("cannot be ended in another browser, twice, or with another state: no login CSRF", () =>
    Effect.gen(function* () {
      const { begin, comeBack, provider, refusal, who } = yield* withProviders(creating)
      const [ada, eve] = [new Jar(), new Jar()]
      const hers = provider.authorize(yield* begin(eve), { claims: { sub: "eve" } })
      // Eve leads Ada's browser to the end of a sign-in of her own.
      expect((yield* comeBack(ada, { ...hers })).status).toBe(403)
      expect((yield* refusal).step).toBe("state")
      const location = yield* begin(ada)
      const own = provider.authorize(location)
      for (const state of ["", "x", hers.state, `${own.state}x`, own.state.replace(/.$/, "_")]) {
        expect((yield* comeBack(ada, { ...hers, state })).status).toBe(403)
      }
      expect(yield* who(ada)).toBeUndefined()
      const kept = ada.header
      expect((yield* comeBack(ada, { ...own })).status).toBe(303)
      expect(yield* who(ada)).toBe("ada")
      // The same answer again, with the cookies of before.
      const again = new Jar()
      again.keep({ status: 0, headers: {}, text: "", json: null, cookies: kept.cookie.split("; ") })
      const before = provider.asked.length
      expect((yield* comeBack(again, { ...provider.authorize(location) })).status).toBe(403)
      expect(provider.asked).toHaveLength(before)
    })
  )

  it.live("takes no code that another browser has got, though it is good", () =>
    Effect.gen(function* () {
      const { begin, comeBack, provider, who } = yield* withProviders(creating)
      const [ada, eve] = [new Jar(), new Jar()]
      const stolen = provider.authorize(yield* begin(ada))
      const own = provider.authorize(yield* begin(eve))
      expect((yield* comeBack(eve, { ...own, code: stolen.code })).status).toBe(403)
      expect(yield* who(eve)).toBeUndefined()
    })
  )

  it.live("takes no answer of one provider for another: no mix-up (RFC 9207)", () =>
    Effect.gen(function* () {
      const two = { corp: creating.corp, other: creating.corp }
      const { begin, comeBack, provider, refusal } = yield* withProviders(two)
      const jar = new Jar()
      const first = provider.authorize(yield* begin(jar, "corp"))
      expect((yield* comeBack(jar, { ...first }, "other")).status).toBe(403)
      expect((yield* refusal).reason).toBe("it was begun with another provider")
      for (const iss of ["https://evil.example", ""]) {
        const again = provider.authorize(yield* begin(jar, "corp"))
        const { code, state } = again
        const answer = yield* comeBack(jar, iss === "" ? { code, state } : { code, state, iss })
        expect(answer.status).toBe(403)
        expect(provider.asked).not.toContain("/token")
      }
    })
  )

  it.live("leads to pages of this instance only", () =>
    Effect.gen(function* () {
      const { signIn } = yield* withProviders(creating)
      const elsewhere = ["https://evil.example", "//evil.example", "/\\evil.example", "/d/x/ui", "javascript:1"]
      for (const target of elsewhere) {
        const answer = yield* signIn(new Jar(), {}, "corp", `?return_to=${encodeURIComponent(target)}`)
        expect(answer.headers.location).toBe("/auth/login")
      }
      const answer = yield* signIn(new Jar(), {}, "corp", "?return_to=%2Fauth%2Fdevice%3Fuser_code%3DX")
      expect(answer.headers.location).toBe("/auth/device?user_code=X")
    })
  )

  it.live("never makes somebody of ours out of an email address or a name", () =>
    Effect.gen(function* () {
      const settings = { provisioning: "create", identity: { path: "/identities/{preferred_username}" } }
      const { app, refusal, signIn, who } = yield* withProviders({ corp: settings })
      const ada = yield* app.user("ada")
      const names = ["ada", "admin", "operator", "operators", "roles", "producers", "consumers", "ADMIN"]
      for (const preferred_username of names) {
        const jar = new Jar()
        const claims = {
          sub: `eve-${preferred_username}`,
          preferred_username,
          email: "ada@example.com",
          email_verified: true
        }
        expect([preferred_username, (yield* signIn(jar, { claims })).status]).toEqual([preferred_username, 403])
        expect((yield* refusal).step).toBe("identity")
        expect(yield* who(jar)).toBeUndefined()
      }
      expect(yield* app.rows("SELECT * FROM auth_links")).toEqual([])
      // A path in a claim is a name, not a place.
      const jar = new Jar()
      yield* signIn(jar, { claims: { sub: "eve", preferred_username: "../identities/x/y" } })
      const made = yield* app.rows("SELECT identity FROM auth_links")
      expect(made).toHaveLength(1)
      expect(made[0]?.identity).not.toBe(ada.id)
    })
  )

  it.live("asks a provider that is away once, and says so; passwords go on", () =>
    Effect.gen(function* () {
      const { app, get, provider } = yield* withProviders(creating)
      provider.answer(true)
      for (let round = 0; round < 20; round++) {
        const answer = yield* get(new Jar(), "/auth/providers/corp")
        expect(answer.status).toBe(503)
        expect(answer.text).toContain("cannot be reached")
      }
      expect(provider.asked).toHaveLength(1)
      const { id } = yield* app.user("ada")
      yield* app.auth.setPassword(id, "correct horse battery")
      const login = { identity: "ada", password: "correct horse battery", session: true }
      expect(yield* app.status("/auth/login", { json: login })).toBe(200)
    })
  )

  it.live("calls no private address unless the operator has named it (abuse 36)", () =>
    Effect.gen(function* () {
      const { get, provider, refusal } = yield* withProviders(creating, { "gate.egressAllowed": [] })
      expect((yield* get(new Jar(), "/auth/providers/corp")).status).toBe(503)
      expect(provider.asked).toEqual([])
      expect((yield* refusal).reason).toContain("gate.egressAllowed")
    })
  )

  it.live("believes no metadata of another issuer", () =>
    Effect.gen(function* () {
      const { get, provider } = yield* withProviders(creating)
      provider.publish({ issuer: "https://evil.example" })
      expect((yield* get(new Jar(), "/auth/providers/corp")).status).toBe(503)
    })
  )

  it.live("keeps no more sign-ins in a browser than somebody has under way", () =>
    Effect.gen(function* () {
      const { begin } = yield* withProviders(creating)
      const jar = new Jar()
      for (let round = 0; round < 20; round++) yield* begin(jar)
      expect(jar.names.length).toBeLessThanOrEqual(4)
    })
  )
})
