import { describe, expect, it, layer } from "@effect/vitest"
import type { TestResponse } from "@portico/gate/testing"
import { Clock, Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { Secret, TOTP } from "otpauth"
import { newWorld, startIn, type World } from "../support/start.ts"

const password = "correct horse battery"
const cookieOf = ({ headers }: TestResponse): string => (headers["set-cookie"] ?? "").split(";")[0] ?? ""
const fieldOf = ({ text }: TestResponse, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1]?.replaceAll("&amp;", "&") ?? ""
const keyOf = ({ text }: TestResponse): string => (/Key: <code>([A-Z2-7 ]+)</.exec(text)?.[1] ?? "").replaceAll(" ", "")
const codesOf = ({ text }: TestResponse): ReadonlyArray<string> =>
  [...text.matchAll(/<li><code>([A-Z2-9-]+)<\/code><\/li>/g)].map(([, code = ""]) => code)

const form = (values: Readonly<Record<string, string>>, cookie = "") => ({
  method: "POST" as const,
  body: new URLSearchParams(values).toString(),
  headers: { "content-type": "application/x-www-form-urlencoded", cookie }
})

/** What an app shows, `steps` later than now. */
const codeOf = (secret: string, steps = 0) =>
  Effect.map(Clock.currentTimeMillis, (now) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now + steps * 30_000 })
  )

type App = Effect.Success<ReturnType<typeof startIn>>

const started = (where: World) =>
  Effect.gen(function* () {
    const app = yield* startIn(where, { "auth.signInsPerAddress": 0 })
    // A step before the first would be less than none.
    yield* TestClock.adjust("1 hour")
    return app
  })

/** One instance for most tests of this file; each has somebody of its own. */
class Shared extends Context.Service<Shared, App>()("test/Shared") {}

/** What somebody with a password does. */
const personIn = (app: App, name: string) => {
  const post = (path: string, values: Readonly<Record<string, string>>, cookie?: string) =>
    app.request(path, form(values, cookie))
  const login = (code?: string) =>
    app.request("/auth/login", { json: { identity: name, password, ...(code === undefined ? {} : { code }) } })

  /** Their page, and the session that sees it. */
  const page = Effect.gen(function* () {
    const signedIn = yield* app.request("/auth/login", { json: { identity: name, password, session: true } })
    const { csrfToken } = signedIn.json as { csrfToken: string }
    return { cookie: cookieOf(signedIn), csrf: csrfToken }
  })
  const begin = Effect.gen(function* () {
    const session = yield* page
    const shown = yield* post("/auth/second-factor/begin", { csrf_token: session.csrf }, session.cookie)
    return { ...session, shown, secret: keyOf(shown) }
  })
  const enrol = Effect.gen(function* () {
    const begun = yield* begin
    const values = { csrf_token: begun.csrf, code: yield* codeOf(begun.secret) }
    const confirmed = yield* post("/auth/second-factor/confirm", values, begun.cookie)
    return { ...begun, confirmed, codes: codesOf(confirmed) }
  })
  /** As far as the question for a code. */
  const half = Effect.gen(function* () {
    const asked = yield* post("/auth/login", { identity: name, password, return_to: "/auth/device" })
    const cookie = cookieOf(asked)
    const challenge = fieldOf(asked, "challenge")
    const answer = (code: string, as = cookie) =>
      post("/auth/login/code", { challenge, code, return_to: fieldOf(asked, "return_to") }, as)
    return { asked, answer }
  })
  return { app, name, post, login, page, begin, enrol, half }
}

let people = 0

const personOf = (app: App) =>
  Effect.gen(function* () {
    const name = `ada-${++people}`
    const ada = yield* app.user(name)
    yield* app.auth.setPassword(ada.id, password)
    return { ada, ...personIn(app, name) }
  })

const withAda = Effect.flatMap(Shared, personOf)

layer(Layer.effect(Shared, Effect.flatMap(newWorld, started)), { timeout: "60 seconds" })("a second factor", (it) => {
  it.effect("is on once a code of the app has been shown, and not before", () =>
    Effect.gen(function* () {
      const { ada, app, begin, login, post } = yield* withAda
      const { cookie, csrf, secret, shown } = yield* begin
      expect(secret).toMatch(/^[A-Z2-7]{32}$/)
      expect(shown.text).toContain("<svg")
      expect(shown.headers["cache-control"]).toBe("no-store")
      expect((yield* login()).status).toBe(200)
      const confirm = (code: string) => post("/auth/second-factor/confirm", { csrf_token: csrf, code }, cookie)
      const wrong = yield* confirm("000000")
      expect(wrong.status).toBe(401)
      expect(keyOf(wrong)).toBe(secret)
      expect((yield* login()).status).toBe(200)
      const confirmed = yield* confirm(yield* codeOf(secret))
      expect(confirmed.status).toBe(200)
      expect(codesOf(confirmed)).toHaveLength(10)
      expect(new Set(codesOf(confirmed)).size).toBe(10)
      expect((yield* login()).status).toBe(401)
      const events = yield* app.rows(
        `SELECT event FROM auth_audit WHERE event LIKE 'second%' AND identity = '${ada.id}'`
      )
      expect(events).toEqual([{ event: "second-factor.on" }])
    })
  )

  it.effect("is asked for after the password, by programs all at once", () =>
    Effect.gen(function* () {
      const { enrol, login } = yield* withAda
      const { secret } = yield* enrol
      const without = yield* login()
      expect(without.status).toBe(401)
      expect(without.json).toMatchObject({ error: { details: { secondFactor: ["totp", "recovery code"] } } })
      yield* TestClock.adjust("30 seconds")
      const code = yield* codeOf(secret)
      expect((yield* login(`${code.slice(0, 3)} ${code.slice(3)}`)).status).toBe(200)
    })
  )

  it.effect("is asked for on a page of its own, and nobody is signed in before it is answered", () =>
    Effect.gen(function* () {
      const { app, enrol, half } = yield* withAda
      const { secret } = yield* enrol
      yield* TestClock.adjust("30 seconds")
      const { answer, asked } = yield* half
      expect(asked.status).toBe(200)
      expect(asked.headers["set-cookie"]).not.toContain("portico_session")
      const wrong = yield* answer("123456")
      expect(wrong.status).toBe(401)
      expect(wrong.text).toContain("This code is wrong")
      const code = yield* codeOf(secret)
      expect((yield* answer(code, "")).status).toBe(401)
      const signedIn = yield* answer(code)
      expect(signedIn.status).toBe(303)
      expect(signedIn.headers.location).toBe("/auth/device")
      const cookie = cookieOf(signedIn)
      expect((yield* app.request("/who", { headers: { cookie } })).status).toBe(200)
      const listed = yield* app.request("/auth/sessions", { headers: { cookie } })
      expect(JSON.stringify(listed.json)).toContain(`"password and totp"`)
      const [line] = yield* app.rows("SELECT details FROM auth_audit WHERE event = 'sign-in' ORDER BY id DESC LIMIT 1")
      expect(line).toEqual({ details: `{"with":"password and totp"}` })
      // The question was answered.
      yield* TestClock.adjust("30 seconds")
      expect((yield* answer(yield* codeOf(secret))).text).toContain("took too long")
    })
  )

  it.effect("takes a code once, and those of a clock that is half a minute off (abuse 11)", () =>
    Effect.gen(function* () {
      const { enrol, login } = yield* withAda
      const { secret } = yield* enrol
      expect((yield* login(yield* codeOf(secret))).status).toBe(401)
      yield* TestClock.adjust("2 minutes")
      const ahead = yield* codeOf(secret, 1)
      expect((yield* login(ahead)).status).toBe(200)
      expect((yield* login(ahead)).status).toBe(401)
      expect((yield* login(yield* codeOf(secret))).status).toBe(401)
      yield* TestClock.adjust("2 minutes")
      expect((yield* login(yield* codeOf(secret, -1))).status).toBe(200)
      yield* TestClock.adjust("2 minutes")
      const tries = yield* Effect.all(
        [codeOf(secret, -2), codeOf(secret, 2)].map((code) => Effect.flatMap(code, login))
      )
      expect(tries.map(({ status }) => status)).toEqual([401, 401])
      const code = yield* codeOf(secret)
      const together = yield* Effect.all([login(code), login(code), login(code)], { concurrency: "unbounded" })
      expect(together.map(({ status }) => status).sort()).toEqual([200, 401, 401])
    })
  )

  it.effect("is answered by a recovery code as well, each of which works once and is kept as a hash", () =>
    Effect.gen(function* () {
      const { ada, app, enrol, half, login } = yield* withAda
      const { codes } = yield* enrol
      const [one = "", two = ""] = codes
      expect((yield* login(one.toLowerCase().replaceAll("-", " "))).status).toBe(200)
      expect((yield* login(one)).status).toBe(401)
      const { answer } = yield* half
      expect((yield* answer(two)).status).toBe(303)
      const rows = yield* app.rows(`SELECT hash FROM auth_recovery_codes WHERE identity = '${ada.id}'`)
      expect(rows).toHaveLength(8)
      const kept = rows.flatMap((row) => Object.values(row).map((value) => Buffer.from(value as string).toString()))
      for (const code of codes) expect(kept.join(" ")).not.toContain(code.slice(0, 9))
    })
  )

  it.effect("locks whoever guesses out, for longer each time, also with the right code", () =>
    Effect.gen(function* () {
      const { enrol, login } = yield* withAda
      const { secret } = yield* enrol
      yield* TestClock.adjust("1 minute")
      for (let guess = 0; guess < 6; guess++) expect((yield* login(`00000${guess}`)).status).toBe(401)
      const locked = yield* login(yield* codeOf(secret))
      expect(locked.status).toBe(429)
      expect(locked.headers["retry-after"]).toBe("30")
      yield* TestClock.adjust("30 seconds")
      expect((yield* login("000000")).status).toBe(401)
      expect((yield* login("000000")).headers["retry-after"]).toBe("60")
      yield* TestClock.adjust("60 seconds")
      expect((yield* login(yield* codeOf(secret))).status).toBe(200)
    })
  )

  it.effect("is turned off by its person's own password, and by nothing less", () =>
    Effect.gen(function* () {
      const { enrol, login, post } = yield* withAda
      const { cookie, csrf } = yield* enrol
      const off = (values: Readonly<Record<string, string>>) =>
        post("/auth/second-factor/off", { csrf_token: csrf, ...values }, cookie)
      expect((yield* off({ password: "something else" })).status).toBe(401)
      expect((yield* off({ password, csrf_token: "" })).status).toBe(403)
      expect((yield* login()).status).toBe(401)
      expect((yield* off({ password })).status).toBe(303)
      expect((yield* login()).status).toBe(200)
    })
  )

  it.effect("is set up only by who has just signed in, and never in the place of one that is on", () =>
    Effect.gen(function* () {
      const { enrol, page, post } = yield* withAda
      const early = yield* page
      const { codes } = yield* enrol
      expect(codes).toHaveLength(10)
      const again = yield* post("/auth/second-factor/begin", { csrf_token: early.csrf }, early.cookie)
      expect(again.text).not.toContain("<svg")
      expect((yield* post("/auth/second-factor/begin", {}, early.cookie)).status).toBe(403)
      yield* TestClock.adjust("15 minutes")
      const stale = yield* post("/auth/second-factor/begin", { csrf_token: early.csrf }, early.cookie)
      expect(stale.status).toBe(303)
    })
  )

  it.effect("is set up, renewed and turned off by programs in JSON, with the session that has just begun", () =>
    Effect.gen(function* () {
      const { ada, app, login, page } = yield* withAda
      const { cookie, csrf } = yield* page
      const ask = (what: string, json: unknown, headers: Readonly<Record<string, string>> = {}) =>
        app.request(`/auth/second-factor/${what}`, { json, headers: { cookie, "x-csrf-token": csrf, ...headers } })
      const state = Effect.map(app.request("/auth/second-factor", { token: ada.key }), ({ json }) => json)
      expect(yield* state).toEqual({ on: false, recoveryCodes: 0 })
      const { secret, uri } = (yield* ask("begin", {})).json as { secret: string; uri: string }
      expect(uri).toContain(`secret=${secret}`)
      expect((yield* ask("confirm", { code: "000000" })).status).toBe(401)
      expect((yield* ask("confirm", {})).status).toBe(400)
      const confirmed = yield* ask("confirm", { code: yield* codeOf(secret) })
      const { recoveryCodes: first } = confirmed.json as { recoveryCodes: ReadonlyArray<string> }
      expect(yield* state).toEqual({ on: true, recoveryCodes: 10 })
      expect((yield* ask("begin", {})).status).toBe(400)

      expect((yield* ask("recovery-codes", { code: "000000" })).status).toBe(401)
      yield* TestClock.adjust("30 seconds")
      const renewed = yield* ask("recovery-codes", { code: yield* codeOf(secret) })
      const { recoveryCodes: second } = renewed.json as { recoveryCodes: ReadonlyArray<string> }
      expect(second).toHaveLength(10)
      expect((yield* login(first[0])).status).toBe(401)
      expect((yield* login(second[0])).status).toBe(200)
      // The last one left is enough, for whoever has lost the app.
      expect((yield* ask("recovery-codes", { code: second[1] })).status).toBe(200)

      // A key, a page elsewhere, a form without its token and a session that was left open change nothing.
      const key = yield* app.request("/auth/second-factor/off", { token: ada.key, json: { password } })
      expect(key.status).toBe(401)
      expect((yield* ask("off", { password }, { origin: "https://evil.example" })).status).toBe(403)
      expect((yield* ask("off", { password }, { "x-csrf-token": "" })).status).toBe(403)
      yield* TestClock.adjust("15 minutes")
      expect((yield* ask("recovery-codes", { code: yield* codeOf(secret) })).status).toBe(403)
      expect((yield* ask("off", { password: "something else" })).status).toBe(401)
      expect((yield* ask("off", { password })).status).toBe(204)
      expect(yield* state).toEqual({ on: false, recoveryCodes: 0 })
      const events = yield* app.rows(
        `SELECT event FROM auth_audit WHERE event LIKE 'second%' AND identity = '${ada.id}' ORDER BY id`
      )
      expect(events.map(({ event }) => event)).toEqual([
        "second-factor.on",
        "second-factor.codes-renewed",
        "second-factor.codes-renewed",
        "second-factor.off"
      ])
    })
  )

  it.effect("has other recovery codes once its person asks for them on the page", () =>
    Effect.gen(function* () {
      const { app, codes, cookie, csrf, login, post, secret } = yield* Effect.flatMap(withAda, (person) =>
        Effect.map(person.enrol, (enrolled) => ({ ...person, ...enrolled }))
      )
      expect((yield* app.request("/auth/login", { headers: { cookie } })).text).toContain("Get other recovery codes")
      const renew = (code: string) => post("/auth/second-factor/recovery-codes", { csrf_token: csrf, code }, cookie)
      expect((yield* renew("000000")).text).toContain("stay as they are")
      yield* TestClock.adjust("30 seconds")
      const shown = yield* renew(yield* codeOf(secret))
      expect(codesOf(shown)).toHaveLength(10)
      expect((yield* login(codes[0])).status).toBe(401)
      expect((yield* login(codesOf(shown)[0])).status).toBe(200)
    })
  )

  it.effect("that is sealed with a key that is gone lets nobody in, and says so", () =>
    Effect.gen(function* () {
      const { ada, app, enrol, login } = yield* withAda
      const { codes, secret } = yield* enrol
      const [row] = yield* app.rows(`SELECT secret FROM auth_totp WHERE identity = '${ada.id}'`)
      const sealed = Buffer.from(String(row?.secret), "base64url")
      sealed[20] = (sealed[20] ?? 0) ^ 1
      yield* app.database.sql`UPDATE auth_totp SET secret = ${sealed.toString("base64url")} WHERE identity = ${ada.id}`
      yield* TestClock.adjust("30 seconds")
      expect((yield* login(yield* codeOf(secret))).status).toBe(503)
      expect((yield* login(codes[0])).status).toBe(200)
    })
  )
})

describe("a second factor of before", () => {
  it.effect("is there after a restart, and gone when an operator lets its person in again", () =>
    Effect.gen(function* () {
      const where = yield* newWorld
      const { name, secret } = yield* Effect.scoped(
        Effect.gen(function* () {
          const { app, enrol, name } = yield* Effect.flatMap(started(where), personOf)
          const { secret } = yield* enrol
          expect(JSON.stringify(yield* app.rows("SELECT secret FROM auth_totp"))).not.toContain(secret)
          return { name, secret }
        })
      )
      const { app, login } = personIn(yield* started(where), name)
      expect((yield* login(yield* codeOf(secret))).status).toBe(200)
      yield* app.auth.administrators.reset({ identity: name, password })
      expect((yield* login()).status).toBe(200)
    })
  )
})
