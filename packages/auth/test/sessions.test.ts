import { describe, expect, it } from "@effect/vitest"
import type { TestResponse } from "@portico/gate/testing"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { newWorld, startIn } from "./support/start.ts"

const password = "correct horse battery"

const withAda = (config: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const app = yield* startIn(yield* newWorld, config)
    const ada = yield* app.user("ada")
    yield* app.auth.setPassword(ada.id, password)
    const signIn = Effect.gen(function* () {
      const answer = yield* app.request("/auth/login", { json: { identity: "ada", password, session: true } })
      const { csrfToken, session } = answer.json as { csrfToken: string; session: string }
      return { answer, csrf: csrfToken, id: session, cookie: cookieOf(answer) }
    })
    return { app, ada, signIn }
  })

const cookieOf = ({ headers }: TestResponse): string => (headers["set-cookie"] ?? "").split(";")[0] ?? ""

describe("a session", () => {
  it.effect("is a cookie that scripts do not see and other sites do not send, and stands for who signed in", () =>
    Effect.gen(function* () {
      const { ada, app, signIn } = yield* withAda()
      const { answer, cookie, id } = yield* signIn
      expect(answer.headers["set-cookie"]).toMatch(
        /^portico_session=[^;]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/
      )
      expect(answer.headers["cache-control"]).toBe("no-store")
      expect(JSON.stringify(answer.json)).not.toContain(cookie.split("=")[1])
      const who = yield* app.request("/who", { headers: { cookie } })
      expect(who.json).toMatchObject({ caller: { id: ada.id, credential: { kind: "session", id } } })
    })
  )

  it.effect("is sent over TLS only where the instance is not on loopback", () =>
    Effect.gen(function* () {
      for (const url of ["https://portico.example", "http://portico.example"]) {
        const { signIn } = yield* withAda({ "gate.publicUrl": url })
        expect((yield* signIn).answer.headers["set-cookie"]).toMatch(/^__Host-portico_session=[^;]+;.*; Secure$/)
      }
    })
  )

  it.effect("is stored as a hash", () =>
    Effect.gen(function* () {
      const { app, signIn } = yield* withAda()
      const { cookie } = yield* signIn
      const rows = yield* app.rows("SELECT * FROM auth_sessions")
      const stored = rows.flatMap((row) => Object.values(row).map((value) => Buffer.from(String(value)).toString()))
      expect(stored.join(" ")).not.toContain(cookie.split(".")[1])
    })
  )

  it.effect("ends without use, and in the end however much it is used", () =>
    Effect.gen(function* () {
      const { app, signIn } = yield* withAda({ "auth.sessionIdle": 3_600, "auth.sessionLifetime": 9_000 })
      const used = yield* signIn
      const unused = yield* signIn
      const status = ({ cookie }: { readonly cookie: string }) => app.status("/who", { headers: { cookie } })
      for (let round = 0; round < 4; round++) {
        yield* TestClock.adjust("30 minutes")
        expect(yield* status(used)).toBe(200)
      }
      const refused = yield* app.request("/who", { headers: { cookie: unused.cookie } })
      expect(refused.status).toBe(401)
      expect(refused.headers["set-cookie"]).toContain("portico_session=; Path=/; Max-Age=0")
      yield* TestClock.adjust("30 minutes")
      expect(yield* status(used)).toBe(401)
    })
  )

  it.effect("is listed and ended by whose it is, and by nobody else", () =>
    Effect.gen(function* () {
      const { ada, app, signIn } = yield* withAda()
      const [one, two] = [yield* signIn, yield* signIn]
      const headers = { cookie: one.cookie }
      const listed = yield* app.request("/auth/sessions", { headers })
      expect(listed.json).toMatchObject({ current: one.id, csrfToken: one.csrf, sessions: [{}, {}] })
      const bob = yield* app.user("bob")
      expect(yield* app.status(`/auth/sessions/${two.id}`, { method: "DELETE", token: bob.key })).toBe(404)
      expect(yield* app.status(`/auth/sessions/${two.id}`, { method: "DELETE", token: ada.key })).toBe(204)
      expect(yield* app.status("/who", { headers: { cookie: two.cookie } })).toBe(401)
      expect(yield* app.status("/who", { headers })).toBe(200)
    })
  )

  it.effect("ends at sign-out, whose cookie is worth nothing afterwards", () =>
    Effect.gen(function* () {
      const { app, signIn } = yield* withAda()
      const { cookie, csrf } = yield* signIn
      const signOut = (headers: Record<string, string>) => app.request("/auth/logout", { method: "POST", headers })
      expect((yield* signOut({ cookie })).status).toBe(403)
      const out = yield* signOut({ cookie, "x-csrf-token": csrf })
      expect(out.status).toBe(204)
      expect(out.headers["set-cookie"]).toContain("Max-Age=0")
      expect(yield* app.status("/who", { headers: { cookie } })).toBe(401)
    })
  )

  it.effect("ends with all others and all access tokens when one signs out everywhere; API keys stay", () =>
    Effect.gen(function* () {
      const { ada, app, signIn } = yield* withAda()
      const { cookie } = yield* signIn
      const [seen, unseen] = [yield* app.auth.issueAccessToken(ada.id), yield* app.auth.issueAccessToken(ada.id)]
      expect(yield* app.status("/who", { token: seen.token })).toBe(200)
      expect(yield* app.status("/auth/sessions", { method: "DELETE", token: ada.key })).toBe(204)
      expect(yield* app.status("/who", { headers: { cookie } })).toBe(401)
      for (const { token } of [seen, unseen]) expect(yield* app.status("/who", { token })).toBe(401)
      const after = yield* app.auth.issueAccessToken(ada.id)
      for (const token of [after.token, ada.key]) expect(yield* app.status("/who", { token })).toBe(200)
    })
  )

  it.effect("stays where its password is changed with it, while others and access tokens end, restarts included", () =>
    Effect.gen(function* () {
      const world = yield* newWorld
      const before = yield* Effect.scoped(
        Effect.gen(function* () {
          const app = yield* startIn(world)
          const { id } = yield* app.user("ada")
          yield* app.auth.setPassword(id, password)
          const login = () => app.request("/auth/login", { json: { identity: "ada", password, session: true } })
          const [one, two] = [yield* login(), yield* login()]
          const { token } = yield* app.auth.issueAccessToken(id)
          const { csrfToken } = one.json as { csrfToken: string }
          const changed = yield* app.request("/auth/password", {
            json: { current: password, password: "another password" },
            headers: { cookie: cookieOf(one), "x-csrf-token": csrfToken }
          })
          expect(changed.status).toBe(204)
          return { mine: cookieOf(one), other: cookieOf(two), token }
        })
      )
      const app = yield* startIn(world)
      expect(yield* app.status("/who", { headers: { cookie: before.mine } })).toBe(200)
      expect(yield* app.status("/who", { headers: { cookie: before.other } })).toBe(401)
      expect(yield* app.status("/who", { token: before.token })).toBe(401)
    })
  )

  it.effect("counts as a cookie only, and never beside an Authorization header", () =>
    Effect.gen(function* () {
      const { ada, app, signIn } = yield* withAda()
      const { cookie } = yield* signIn
      const value = cookie.split("=")[1] ?? ""
      expect(yield* app.status("/who", { headers: { cookie } })).toBe(200)
      expect(yield* app.status("/who", { token: value })).toBe(401)
      expect(yield* app.status("/who", { headers: { cookie: `portico_session=${ada.key}` } })).toBe(401)
      expect(yield* app.status("/who", { headers: { cookie }, token: "portico_nonsense" })).toBe(401)
    })
  )

  it.effect("is not looked at below /d/ (abuse 62)", () =>
    Effect.gen(function* () {
      const { app, signIn } = yield* withAda()
      const { cookie } = yield* signIn
      expect((yield* app.request("/d/crm.example.dev/who", { headers: { cookie } })).json).toEqual({ caller: null })
    })
  )
})

describe("a request with a session's cookie", () => {
  const change = { method: "POST" }

  it.effect("that changes something needs the session's token (abuse 42)", () =>
    Effect.gen(function* () {
      const { app, signIn } = yield* withAda()
      const { cookie, csrf } = yield* signIn
      const other = yield* signIn
      const post = (headers: Record<string, string>) =>
        app.status("/who/changed", { ...change, headers: { cookie, ...headers } })
      expect(yield* post({})).toBe(403)
      expect(yield* post({ "x-csrf-token": `${csrf}x` })).toBe(403)
      expect(yield* post({ "x-csrf-token": other.csrf })).toBe(403)
      expect(yield* post({ "x-csrf-token": csrf })).toBe(200)
      expect(yield* post({ "x-csrf-token": csrf, origin: "http://localhost" })).toBe(200)
    })
  )

  it.effect("of a page elsewhere, or of a sandboxed one, is refused even with the token (abuse 42, abuse 62)", () =>
    Effect.gen(function* () {
      const { app, signIn } = yield* withAda()
      const { cookie, csrf } = yield* signIn
      const base = { cookie, "x-csrf-token": csrf }
      for (const origin of ["null", "https://evil.example", "http://localhost:81", "http://localhost.evil.example"]) {
        expect(yield* app.status("/who/changed", { ...change, headers: { ...base, origin } })).toBe(403)
        expect(yield* app.status("/who", { headers: { ...base, origin } })).toBe(403)
      }
      for (const site of ["cross-site", "same-site"]) {
        const headers = { ...base, "sec-fetch-site": site }
        expect(yield* app.status("/who/changed", { ...change, headers })).toBe(403)
        expect(yield* app.status("/who", { headers: { ...headers, "sec-fetch-mode": "no-cors" } })).toBe(403)
        expect(yield* app.status("/who", { headers: { ...headers, "sec-fetch-mode": "navigate" } })).toBe(200)
      }
    })
  )

  it.effect("of an origin that the settings let in is let in", () =>
    Effect.gen(function* () {
      const { app, signIn } = yield* withAda({ "gate.corsOrigins": ["https://app.example.com"] })
      const { cookie, csrf } = yield* signIn
      const headers = { cookie, "x-csrf-token": csrf, origin: "https://app.example.com" }
      expect(yield* app.status("/who/changed", { ...change, headers })).toBe(200)
    })
  )
})

describe("the sign-in page", () => {
  const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
    method: "POST",
    body: new URLSearchParams(fields).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers }
  })

  it.effect("signs in without scripts, and leads on to where one was going", () =>
    Effect.gen(function* () {
      const { app } = yield* withAda()
      const asked = yield* app.request("/auth/login?return_to=%2Fauth%2Fdevice%3Fuser_code%3DX")
      expect(asked.headers["content-security-policy"]).toContain("default-src 'none'")
      expect(asked.text).toContain('value="/auth/device?user_code=X"')
      const answer = yield* app.request(
        "/auth/login",
        form({ identity: "ada", password, return_to: "/auth/device?user_code=X" }, { origin: "http://localhost" })
      )
      expect(answer.status).toBe(303)
      expect(answer.headers.location).toBe("/auth/device?user_code=X")
      const page = yield* app.request("/auth/login", { headers: { cookie: cookieOf(answer) } })
      expect(page.text).toContain("You are signed in as <b>ada</b>")
    })
  )

  it.effect("leads nowhere else, and shows what was typed as text", () =>
    Effect.gen(function* () {
      const { app } = yield* withAda()
      for (const target of ["https://evil.example", "//evil.example", "/\\evil.example", "/d/x/ui", "javascript:1"]) {
        const answer = yield* app.request("/auth/login", form({ identity: "ada", password, return_to: target }))
        expect(answer.headers.location).toBe("/auth/login")
      }
      const wrong = yield* app.request("/auth/login", form({ identity: '"><script>', password: "wrong" }))
      expect(wrong.status).toBe(401)
      expect(wrong.text).not.toContain("<script>")
      expect(wrong.text).toContain('role="alert"')
    })
  )

  it.effect("takes no form from another site, so that nobody is signed in as somebody else", () =>
    Effect.gen(function* () {
      const { app } = yield* withAda()
      for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
        const answer = yield* app.request("/auth/login", form({ identity: "ada", password }, headers))
        expect(answer.status).toBe(403)
        expect(answer.headers["set-cookie"]).toBeUndefined()
      }
    })
  )
})
