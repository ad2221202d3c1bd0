import { describe, expect, it, layer } from "@effect/vitest"
import type { TestResponse } from "@portico/gate/testing"
import { Clock, Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { relyingPartyOf } from "../../src/internal/passkeys/relyingParty.ts"
import { Authenticator, cbor, type Lies } from "../support/authenticator.ts"
import { newWorld, startIn } from "../support/start.ts"

const password = "correct horse battery"
const cookieOf = ({ headers }: TestResponse): string => (headers["set-cookie"] ?? "").split(";")[0] ?? ""

interface Options {
  readonly challenge: string
  readonly user: { readonly id: string; readonly name: string }
  readonly rp: { readonly id: string }
  readonly excludeCredentials: ReadonlyArray<{ readonly id: string }>
  readonly authenticatorSelection: unknown
}

const world = (config: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const app = yield* startIn(yield* newWorld, { "auth.signInsPerAddress": 0, ...config })
    let people = 0

    /** Somebody who has signed in with a password. */
    const person = (called: string) =>
      Effect.gen(function* () {
        const name = `${called}-${++people}`
        const user = yield* app.user(name)
        yield* app.auth.setPassword(user.id, password)
        const answer = yield* app.request("/auth/login", { json: { identity: name, password, session: true } })
        const { csrfToken } = answer.json as { csrfToken: string }
        return { ...user, name, headers: { cookie: cookieOf(answer), "x-csrf-token": csrfToken } }
      })
    type Person = Effect.Success<ReturnType<typeof person>>

    const askToAdd = ({ headers }: Pick<Person, "headers">) =>
      Effect.map(app.request("/auth/passkeys/challenge", { json: {}, headers }), ({ json }) => json as Options)
    const add = ({ headers }: Pick<Person, "headers">, credential: unknown, name?: string) =>
      app.request("/auth/passkeys", { json: { credential, ...(name === undefined ? {} : { name }) }, headers })
    /** Somebody with a passkey. */
    const withPasskey = (name: string) =>
      Effect.gen(function* () {
        const owner = yield* person(name)
        const key = new Authenticator()
        expect((yield* add(owner, key.create(yield* askToAdd(owner)))).status).toBe(201)
        return { owner, key }
      })

    /** A browser that nobody is signed in at, with a question. */
    const asked = Effect.gen(function* () {
      const answer = yield* app.request("/auth/passkeys/sign-in/challenge", { json: {} })
      return { options: answer.json as Options, headers: { cookie: cookieOf(answer) }, answer }
    })
    const answered = (headers: Record<string, string>, credential: unknown) =>
      app.request("/auth/passkeys/sign-in", { json: { credential, returnTo: "/auth/device" }, headers })
    const signIn = (key: Authenticator, lies: Lies = {}) =>
      Effect.flatMap(asked, ({ headers, options }) => answered(headers, key.get(options, lies)))

    const events = Effect.map(app.rows("SELECT event, details FROM auth_audit ORDER BY id"), (rows) =>
      rows.map(({ details, event }) => `${event} ${details}`)
    )
    return { app, person, askToAdd, add, withPasskey, asked, answered, signIn, events }
  })

/** One instance for all tests of this file; each has people of its own. */
class World extends Context.Service<World, Effect.Success<ReturnType<typeof world>>>()("test/World") {}

layer(Layer.effect(World, world()), { timeout: "60 seconds" })("a passkey", (it) => {
  it.effect("is added in a session, and signs in without a name", () =>
    Effect.gen(function* () {
      const { add, app, askToAdd, asked, answered, events, person } = yield* World
      const ada = yield* person("ada")
      const options = yield* askToAdd(ada)
      expect(options).toMatchObject({
        rp: { id: "localhost" },
        user: { id: Buffer.from(ada.id).toString("base64url"), name: ada.name },
        attestation: "none",
        excludeCredentials: [],
        authenticatorSelection: { residentKey: "required", userVerification: "required" }
      })
      const key = new Authenticator()
      const added = yield* add(ada, key.create(options), "laptop")
      expect(added.status).toBe(201)
      expect(added.json).toEqual({
        id: key.id,
        name: "laptop",
        isSynced: false,
        createdAt: yield* Clock.currentTimeMillis,
        usedAt: null
      })
      expect((yield* askToAdd(ada)).excludeCredentials).toMatchObject([{ id: key.id }])

      const question = yield* asked
      expect(question.answer.headers["set-cookie"]).toMatch(
        /^portico_browser=[\w-]{43}; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax$/
      )
      expect(question.options).toMatchObject({ rpId: "localhost", userVerification: "required" })
      const answer = yield* answered(question.headers, key.get(question.options))
      expect(answer.status).toBe(200)
      expect(answer.json).toMatchObject({ identity: { id: ada.id, path: ada.path }, returnTo: "/auth/device" })
      const who = yield* app.request("/who", { headers: { cookie: cookieOf(answer) } })
      expect(who.json).toMatchObject({ caller: { id: ada.id, credential: { kind: "session" } } })
      const listed = yield* app.request("/auth/sessions", { headers: { cookie: cookieOf(answer) } })
      const { sessions } = listed.json as { readonly sessions: ReadonlyArray<{ readonly method: string }> }
      expect(sessions.map(({ method }) => method).sort()).toEqual(["passkey", "password"])
      const told = (yield* events).join("\n")
      expect(told).toContain(`passkey.added {"passkey":"${key.id}","name":"laptop"}`)
      expect(told).toContain(`sign-in {"with":"passkey","passkey":"${key.id}"}`)
    })
  )

  it.effect("is listed, renamed and removed by whose it is, and by nobody else", () =>
    Effect.gen(function* () {
      const { app, events, person, signIn, withPasskey } = yield* World
      const { key, owner } = yield* withPasskey("ada")
      const bob = yield* person("bob")
      const path = `/auth/passkeys/${key.id}`
      const rename = { method: "PATCH", json: { name: "phone" } } as const
      expect(yield* app.status(path, { ...rename, headers: bob.headers })).toBe(404)
      expect(yield* app.status(path, { method: "DELETE", headers: bob.headers })).toBe(404)
      expect(yield* app.status(path, { ...rename, json: { name: " " }, headers: owner.headers })).toBe(400)
      expect(yield* app.status(path, { ...rename, headers: owner.headers })).toBe(204)
      const list = app.request("/auth/passkeys", { headers: owner.headers })
      expect((yield* list).json).toMatchObject({ passkeys: [{ name: "phone", usedAt: null }] })
      expect((yield* app.request("/auth/passkeys", { headers: bob.headers })).json).toEqual({ passkeys: [] })
      expect(yield* app.status(path, { method: "DELETE", headers: { cookie: owner.headers.cookie } })).toBe(403)
      expect(yield* app.status(path, { method: "DELETE", headers: owner.headers })).toBe(204)
      expect((yield* list).json).toEqual({ passkeys: [] })
      expect((yield* signIn(key)).status).toBe(401)
      expect((yield* events).join("\n")).toMatch(/passkey\.renamed .*"phone"[\s\S]*passkey\.removed/)
    })
  )

  it.effect("is added only by who has just signed in at that browser", () =>
    Effect.gen(function* () {
      const { add, app, askToAdd, person } = yield* World
      const ada = yield* person("ada")
      const ask = (init: Parameters<typeof app.status>[1]) =>
        app.status("/auth/passkeys/challenge", { json: {}, ...init })
      expect(yield* ask({ token: ada.key })).toBe(403)
      expect(yield* ask({})).toBe(401)
      expect(yield* ask({ headers: { cookie: ada.headers.cookie } })).toBe(403)
      const options = yield* askToAdd(ada)
      yield* TestClock.adjust("15 minutes")
      expect(yield* ask({ headers: ada.headers })).toBe(403)
      expect((yield* add(ada, new Authenticator().create(options))).status).toBe(403)
    })
  )

  it.effect("is not one of too many, and not twice the same", () =>
    Effect.gen(function* () {
      const { add, askToAdd, person } = yield* World
      const ada = yield* person("ada")
      const key = new Authenticator()
      expect((yield* add(ada, key.create(yield* askToAdd(ada)))).status).toBe(201)
      expect((yield* add(ada, key.create(yield* askToAdd(ada)))).status).toBe(409)
      for (let more = 1; more < 20; more++) {
        expect((yield* add(ada, new Authenticator().create(yield* askToAdd(ada)))).status).toBe(201)
      }
      expect((yield* add(ada, new Authenticator().create(yield* askToAdd(ada)))).status).toBe(413)
    })
  )

  it.effect("is gone with whom it stands for, and when an operator lets them in again", () =>
    Effect.gen(function* () {
      const { app, signIn, withPasskey } = yield* World
      const ada = yield* withPasskey("ada")
      const bob = yield* withPasskey("bob")
      yield* app.call(`${ada.owner.path}::delete`)
      expect((yield* signIn(ada.key)).status).toBe(401)
      yield* app.auth.administrators.reset({ identity: bob.owner.name, password: "violet otter runs" })
      expect((yield* signIn(bob.key)).status).toBe(401)
    })
  )

  describe("an answer with a passkey is refused", () => {
    it.effect("when its question was asked of another browser, or answered before, or long ago (abuse 11)", () =>
      Effect.gen(function* () {
        const { answered, asked, withPasskey } = yield* World
        const { key } = yield* withPasskey("ada")
        const mine = yield* asked
        const theirs = yield* asked
        const stolen = key.get(mine.options)
        expect((yield* answered(theirs.headers, stolen)).status).toBe(401)
        expect((yield* answered({}, stolen)).status).toBe(401)
        const good = key.get(mine.options)
        expect((yield* answered(mine.headers, good)).status).toBe(200)
        expect((yield* answered(mine.headers, good)).status).toBe(401)
        expect((yield* answered(theirs.headers, key.get({ challenge: "A".repeat(43) }))).status).toBe(401)
        yield* TestClock.adjust("5 minutes")
        expect((yield* answered(theirs.headers, key.get(theirs.options))).status).toBe(401)
      })
    )

    it.effect("and uses its question up all the same", () =>
      Effect.gen(function* () {
        const { answered, asked, withPasskey } = yield* World
        const { key } = yield* withPasskey("ada")
        const { headers, options } = yield* asked
        expect((yield* answered(headers, key.get(options, { origin: "http://evil.example" }))).status).toBe(401)
        expect((yield* answered(headers, key.get(options))).status).toBe(401)
      })
    )

    it.effect("when it was made for another site, without its person, with another key or for another name", () =>
      Effect.gen(function* () {
        const { events, signIn, withPasskey } = yield* World
        // Of refusals the first of a minute is written.
        yield* TestClock.adjust("2 minutes")
        const before = (yield* events).length
        const { key, owner } = yield* withPasskey("ada")
        const bob = yield* withPasskey("bob")
        const other = new Authenticator()
        Object.assign(other, { id: key.id, userHandle: key.userHandle })
        const refused: ReadonlyArray<readonly [Authenticator, Lies]> = [
          [key, { origin: "http://localhost:81" }],
          [key, { origin: "http://localhost.evil.example" }],
          [key, { rpId: "evil.example" }],
          [key, { flags: 0x01 }],
          [key, { flags: 0x00 }],
          [key, { type: "webauthn.create" }],
          [key, { userHandle: bob.key.userHandle }],
          [other, {}],
          [new Authenticator(), { userHandle: Buffer.from(owner.id).toString("base64url") }]
        ]
        const answers = new Set<string>()
        for (const [each, lies] of refused) {
          const { json, status } = yield* signIn(each, lies)
          const { code, message } = (json as { error: { code: string; message: string } }).error
          answers.add(`${status} ${code} ${message}`)
        }
        // The caller is told the same whatever was wrong; the audit log has it.
        expect([...answers]).toHaveLength(1)
        expect((yield* events).slice(before).find((line) => line.startsWith("sign-in.refused"))).toContain("Unexpected")
        expect((yield* signIn(key)).status).toBe(200)
      })
    )

    it.effect("when its counter does not go on, as that of a copy", () =>
      Effect.gen(function* () {
        const { signIn, withPasskey } = yield* World
        const { key } = yield* withPasskey("ada")
        expect((yield* signIn(key, { counter: 7 })).status).toBe(200)
        for (const counter of [7, 6, 0]) expect((yield* signIn(key, { counter })).status).toBe(401)
        expect((yield* signIn(key, { counter: 8 })).status).toBe(200)
      })
    )

    it.effect("when it is malformed, in bounded time and without a trace", () =>
      Effect.gen(function* () {
        const { answered, asked, withPasskey } = yield* World
        const { key } = yield* withPasskey("ada")
        const { headers, options } = yield* asked
        const good = key.get(options)
        const bad: ReadonlyArray<unknown> = [
          null,
          "x",
          { ...good, id: "" },
          { ...good, id: "x".repeat(2_000) },
          { ...good, type: "password" },
          { ...good, response: {} },
          { ...good, response: { ...good.response, clientDataJSON: "§" } },
          { ...good, response: { ...good.response, signature: "A".repeat(100_000) } }
        ]
        for (const credential of bad) expect((yield* answered(headers, credential)).status).toBe(400)
        const json = Buffer.from("{").toString("base64url")
        for (const response of [{ clientDataJSON: json }, { authenticatorData: "AAAA" }, { signature: "AAAA" }]) {
          const { headers, options } = yield* asked
          const credential = key.get(options)
          const answer = yield* answered(headers, { ...credential, response: { ...credential.response, ...response } })
          expect(answer.status).toBe(401)
        }
      })
    )

    it.effect("when it was asked for by another site's page (abuse 42)", () =>
      Effect.gen(function* () {
        const { app, asked, withPasskey } = yield* World
        const { key } = yield* withPasskey("ada")
        const { headers, options } = yield* asked
        const elsewhere = { ...headers, origin: "http://evil.example" }
        const json = { credential: key.get(options) }
        expect(yield* app.status("/auth/passkeys/sign-in", { json, headers: elsewhere })).toBe(403)
        expect(yield* app.status("/auth/passkeys/sign-in/challenge", { json: {}, headers: elsewhere })).toBe(403)
      })
    )
  })

  describe("a new passkey is refused", () => {
    it.effect("when its question was asked in another session, or answered before", () =>
      Effect.gen(function* () {
        const { add, askToAdd, person } = yield* World
        const [ada, bob] = [yield* person("ada"), yield* person("bob")]
        const options = yield* askToAdd(ada)
        expect((yield* add(bob, new Authenticator().create(options))).status).toBe(400)
        expect((yield* add(ada, new Authenticator().create(options))).status).toBe(201)
        expect((yield* add(ada, new Authenticator().create(options))).status).toBe(400)
      })
    )

    it.effect("when it takes the id of another's", () =>
      Effect.gen(function* () {
        const { add, askToAdd, person, signIn, withPasskey } = yield* World
        const { key } = yield* withPasskey("ada")
        const eve = yield* person("eve")
        const copy = new Authenticator()
        Object.assign(copy, { id: key.id })
        expect((yield* add(eve, copy.create(yield* askToAdd(eve)))).status).toBe(409)
        expect((yield* signIn(key)).status).toBe(200)
      })
    )

    it.effect(
      "when it was made for another site or without its person, or brings certificates that lead elsewhere",
      () =>
        Effect.gen(function* () {
          const { add, askToAdd, person } = yield* World
          const ada = yield* person("ada")
          const certificates = cbor.map([
            [cbor.text("alg"), cbor.int(-7)],
            [cbor.text("sig"), cbor.bytes(Buffer.alloc(70))],
            [cbor.text("x5c"), Buffer.from([0x81, 0x41, 0x30])]
          ])
          const refused: ReadonlyArray<Lies> = [
            { origin: "http://evil.example" },
            { rpId: "evil.example" },
            { flags: 0x41 },
            { type: "webauthn.get" },
            { attestation: { fmt: "packed", attStmt: certificates } },
            { attestation: { fmt: "fido-u2f", attStmt: certificates } },
            { attestation: { fmt: "tpm", attStmt: certificates } }
          ]
          for (const lies of refused) {
            expect((yield* add(ada, new Authenticator().create(yield* askToAdd(ada), lies))).status).toBe(400)
          }
        })
    )

    it.effect("when its CBOR is malformed, endless or deep", () =>
      Effect.gen(function* () {
        const { add, askToAdd, person } = yield* World
        const ada = yield* person("ada")
        const malformed = [
          Buffer.from([0xff]),
          Buffer.from([0xa3]),
          Buffer.from([0xbf, 0xff]),
          Buffer.from([0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
          Buffer.alloc(16_000, 0x81),
          Buffer.alloc(16_000, 0xa1),
          Buffer.concat([Buffer.from([0xa1, 0x63]), Buffer.from("fmt"), Buffer.from([0x64]), Buffer.from("none")]),
          cbor.map([
            [cbor.text("fmt"), cbor.text("none")],
            [cbor.text("attStmt"), cbor.map([])],
            [cbor.text("authData"), cbor.bytes(Buffer.alloc(37, 0x41))]
          ])
        ]
        for (const attestationObject of malformed) {
          const credential = new Authenticator().create(yield* askToAdd(ada), { attestationObject })
          expect((yield* add(ada, credential)).status).toBe(400)
        }
        const huge = new Authenticator().create(yield* askToAdd(ada), { attestationObject: Buffer.alloc(40_000) })
        expect((yield* add(ada, huge)).status).toBe(400)
      })
    )
  })
})

describe("passkeys", () => {
  it.effect("are there only where browsers have them: for names, and where nobody is in between", () =>
    Effect.gen(function* () {
      const { app } = yield* world({ "gate.publicUrl": "http://127.0.0.1:4000" })
      expect(yield* app.status("/auth/passkeys/sign-in/challenge", { json: {} })).toBe(501)
      expect((yield* app.request("/auth/login")).text).not.toContain("passkey")
    })
  )

  it.each([
    ["https://portico.example", "portico.example"],
    ["https://portico.example:8443/below", "portico.example"],
    ["http://localhost:4000", "localhost"],
    ["http://portico.localhost", "portico.localhost"],
    ["http://portico.example", undefined],
    ["http://127.0.0.1:4000", undefined],
    ["https://10.0.0.7", undefined],
    ["https://[::1]:4000", undefined]
  ])("of %s are for %s", (url, id) => expect(relyingPartyOf(url)?.id).toBe(id))
})
