import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { decodeJwt } from "jose"
import { pkce, world } from "./world.ts"

const { challenge: code_challenge } = pkce()
const ours = "http://localhost"

describe("whoever is asked for consent", () => {
  it.effect("is not asked with prompt=none, which says what there would have been to do", () =>
    Effect.gen(function* () {
      const { open, query, sentTo, signIn } = yield* world()
      const asked = `/auth/authorize?${query({ code_challenge, prompt: "none" })}`
      expect(sentTo(yield* open(asked, "")).searchParams.get("error")).toBe("login_required")
      expect(sentTo(yield* open(asked, yield* signIn)).searchParams.get("error")).toBe("consent_required")
      const old = yield* signIn
      yield* TestClock.adjust("2 minutes")
      const aged = `/auth/authorize?${query({ code_challenge, prompt: "none", max_age: "60" })}`
      expect(sentTo(yield* open(aged, old)).searchParams.get("error")).toBe("login_required")
    })
  )

  for (const change of [{ prompt: "login" }, { max_age: "60" }, { max_age: "0" }] as const) {
    it.effect(`signs in again, which was two minutes ago, with ${JSON.stringify(change)}`, () =>
      Effect.gen(function* () {
        const { fieldsOf, open, query, sentTo, signIn, submit } = yield* world()
        const cookie = yield* signIn
        yield* TestClock.adjust("2 minutes")
        const login = sentTo(yield* open(`/auth/authorize?${query({ code_challenge, ...change })}`, cookie))
        expect(login.pathname).toBe("/auth/login")
        const again = yield* signIn
        const page = yield* open(login.searchParams.get("return_to") ?? "", again)
        expect(page.status).toBe(200)
        const form = { ...fieldsOf(page.text), decision: "deny" }
        const denied = yield* submit("/auth/authorize", form, { cookie: again, origin: ours })
        expect(sentTo(denied).searchParams.get("error")).toBe("access_denied")
        const fresh = yield* open(`/auth/authorize?${query({ code_challenge, max_age: "600" })}`, cookie)
        expect(fresh.status).toBe(200)
      })
    )
  }

  it.effect("is asked each time, and the client is told when they signed in", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(1_750_000_000_000)
      const { open, query, signIn, tokens } = yield* world()
      const { body } = yield* tokens({ scope: "openid read", nonce: "n" })
      expect(decodeJwt(body.id_token ?? "")).toMatchObject({ auth_time: 1_750_000_000, nonce: "n" })
      const page = yield* open(`/auth/authorize?${query({ code_challenge, prompt: "consent" })}`, yield* signIn)
      expect(page.text).toContain('name="decision"')
    })
  )

  it.effect("decides on our page alone: not from elsewhere, nor with another session's token, nor in a frame", () =>
    Effect.gen(function* () {
      const { fieldsOf, open, query, rows, sentTo, signIn, submit } = yield* world()
      const [cookie, other] = [yield* signIn, yield* signIn]
      const asked = `/auth/authorize?${query({ code_challenge })}`
      const page = yield* open(asked, cookie)
      const { csrf_token = "", ...form } = { ...fieldsOf(page.text), decision: "allow" } as Record<string, string>
      const otherToken = fieldsOf((yield* open(asked, other)).text).csrf_token ?? ""
      expect(page.headers["content-security-policy"]).toContain("frame-ancestors 'none'")
      const tries = [
        [{ ...form }, { cookie, origin: ours }],
        [
          { ...form, csrf_token: "x" },
          { cookie, origin: ours }
        ],
        [
          { ...form, csrf_token: otherToken },
          { cookie, origin: ours }
        ],
        [
          { ...form, csrf_token },
          { cookie, origin: "https://evil.example" }
        ],
        [
          { ...form, csrf_token },
          { cookie, origin: "null" }
        ],
        [
          { ...form, csrf_token },
          { cookie, "sec-fetch-site": "cross-site" }
        ]
      ] as const
      for (const [body, headers] of tries) {
        const answer = yield* submit("/auth/authorize", body, headers)
        expect([headers, answer.status]).toEqual([headers, 403])
      }
      // Whose session has gone is sent to sign in, and nothing is granted.
      const nobody = yield* submit("/auth/authorize", { ...form, csrf_token }, { cookie: "", origin: ours })
      expect(sentTo(nobody).pathname).toBe("/auth/login")
      expect(yield* rows("SELECT id FROM auth_grants")).toEqual([])
      const good = yield* submit("/auth/authorize", { ...form, csrf_token }, { cookie, origin: ours })
      expect(sentTo(good).searchParams.get("code")).not.toBeNull()
    })
  )

  it.effect("is on record with what they let do, and deny, and end, and with what came of it", () =>
    Effect.gen(function* () {
      const { ada, auth, client, fieldsOf, open, post, query, refresh, request, signIn, submit, tokens } =
        yield* world()
      const cookie = yield* signIn
      const page = yield* open(`/auth/authorize?${query({ code_challenge })}`, cookie)
      yield* submit("/auth/authorize", { ...fieldsOf(page.text), decision: "deny" }, { cookie, origin: ours })
      const { body } = yield* tokens()
      const next = (yield* refresh(body.refresh_token ?? "")).body
      yield* refresh(body.refresh_token ?? "")
      const third = (yield* tokens()).body
      yield* post("/auth/revoke", { client_id: client, token: third.refresh_token ?? "" })
      yield* request("/auth/sessions", { token: ada.key, method: "DELETE" })
      const lines = yield* auth.audited({ identity: ada.id, limit: 100 })
      const seen = lines.map(({ event }) => event).filter((event) => !/^(password|permission|api-key)/.test(event))
      expect(seen.toReversed()).toEqual([
        "sign-in",
        "grant.denied",
        "sign-in",
        "grant",
        "token.issued",
        "token.issued",
        "refresh-token.reused",
        "sign-in",
        "grant",
        "token.issued",
        "token.revoked",
        "sign-out"
      ])
      for (const { details, event, through } of lines) {
        if (/^(grant|token.issued)/.test(event)) expect([event, details]).toMatchObject([event, { client }])
        if (/^grant/.test(event)) expect([event, through?.kind]).toEqual([event, "session"])
      }
      expect(JSON.stringify(lines)).not.toContain(next.refresh_token)
    })
  )
})
