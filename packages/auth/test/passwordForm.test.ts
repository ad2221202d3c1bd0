import { describe, expect, it } from "@effect/vitest"
import type { TestResponse } from "@portico/gate/testing"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { start } from "./support/start.ts"

const password = "correct horse battery"
const another = "violet otter runs"
const cookieOf = ({ headers }: TestResponse): string => (headers["set-cookie"] ?? "").split(";")[0] ?? ""

describe("the password on one's page", () => {
  it.effect("is changed with the one before, which ends all other sessions", () =>
    Effect.gen(function* () {
      const app = yield* start
      const ada = yield* app.user("ada")
      yield* app.auth.setPassword(ada.id, password)
      const signIn = (password: string) =>
        app.request("/auth/login", { json: { identity: "ada", password, session: true } })
      const session = yield* signIn(password)
      const other = yield* signIn(password)
      const { csrfToken } = session.json as { readonly csrfToken: string }
      const change = (values: Readonly<Record<string, string>>) =>
        app.request("/auth/password/change", {
          method: "POST",
          body: new URLSearchParams({
            csrf_token: csrfToken,
            current: password,
            password: another,
            ...values
          }).toString(),
          headers: { "content-type": "application/x-www-form-urlencoded", cookie: cookieOf(session) }
        })
      expect((yield* change({ csrf_token: "" })).status).toBe(403)
      expect((yield* change({ current: "something else" })).status).toBe(401)
      for (const weak of ["short", "password1234"]) {
        const refused = yield* change({ password: weak })
        expect(refused.status).toBe(400)
        expect(refused.text).toContain("The password stays as it was")
      }
      expect((yield* signIn(another)).status).toBe(401)
      expect((yield* change({})).status).toBe(200)
      expect((yield* signIn(another)).status).toBe(200)
      expect(yield* app.status("/who", { headers: { cookie: cookieOf(session) } })).toBe(200)
      expect(yield* app.status("/who", { headers: { cookie: cookieOf(other) } })).toBe(401)
      yield* TestClock.adjust("1 hour")
      expect((yield* change({ current: another, password })).status).toBe(200)
    })
  )
})
