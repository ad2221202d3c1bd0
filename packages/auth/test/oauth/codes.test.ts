import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { pkce, redirect, world } from "./world.ts"

describe("an authorization code", () => {
  it.effect("that is used twice ends what the first use gave", () =>
    Effect.gen(function* () {
      const { code, exchange, refresh, rows, who } = yield* world()
      const got = yield* code({ scope: "openid read" })
      const first = yield* exchange(got)
      expect(first.status).toBe(200)
      expect(yield* who(first.body.access_token)).toBe(200)
      expect(yield* exchange(got)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
      expect(yield* who(first.body.access_token)).toBe(401)
      expect(yield* refresh(first.body.refresh_token ?? "")).toMatchObject({ body: { error: "invalid_grant" } })
      expect(yield* rows("SELECT event FROM auth_audit WHERE event = 'code.reused'")).toHaveLength(1)
    })
  )

  it.effect("is of no use to whoever else has it, who cannot end what it gave either", () =>
    Effect.gen(function* () {
      const { code, exchange, register, who } = yield* world()
      const got = yield* code()
      const other = (yield* register()).body.client_id ?? ""
      const stolen = [
        yield* exchange({ ...got, verifier: pkce().verifier }),
        yield* exchange(got, { client_id: other }),
        yield* exchange(got, { redirect_uri: "https://app.example/other" }),
        yield* exchange({ ...got, code: `${got.code.slice(0, 21)}${"A".repeat(43)}` }),
        // PKCE is not left out, nor weakened.
        yield* exchange(got, { code_verifier: "" }),
        yield* exchange(got, { code_verifier: "short" })
      ]
      expect(stolen.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400])
      const mine = yield* exchange(got)
      expect(mine.status).toBe(200)
      yield* exchange({ ...got, verifier: pkce().verifier })
      yield* exchange(got, { client_id: other })
      expect(yield* who(mine.body.access_token)).toBe(200)
    })
  )

  it.effect("is good for a minute", () =>
    Effect.gen(function* () {
      const { code, exchange } = yield* world()
      const got = yield* code()
      yield* TestClock.adjust("61 seconds")
      expect(yield* exchange(got)).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
    })
  )
})

describe("an authorization request", () => {
  it.effect("goes back to no address that was not registered, letter by letter", () =>
    Effect.gen(function* () {
      const { open, query, signIn } = yield* world()
      const cookie = yield* signIn
      const { challenge } = pkce()
      for (const wrong of [
        "https://app.example/callback/",
        "https://app.example/Callback",
        "https://app.example/callback?x=1",
        "https://app.example/callback#x",
        "https://app.example:443/callback",
        "https://APP.example/callback",
        "https://app.example/./callback",
        "https://app.example/%63allback",
        "https://app.example.evil/callback",
        "https://app.example@evil.example/callback",
        "https://evil.example/https://app.example/callback",
        "http://app.example/callback",
        "javascript:alert(1)",
        "//evil.example"
      ]) {
        const answer = yield* open(
          `/auth/authorize?${query({ code_challenge: challenge, redirect_uri: wrong })}`,
          cookie
        )
        expect([wrong, answer.status, answer.headers.location]).toEqual([wrong, 400, undefined])
      }
      const twice = `${query({ code_challenge: challenge })}&redirect_uri=${encodeURIComponent("https://evil.example")}`
      expect((yield* open(`/auth/authorize?${twice}`, cookie)).status).toBe(400)
    })
  )

  it.effect("is refused without PKCE by S256, for other flows, by reference, and for other resources", () =>
    Effect.gen(function* () {
      const { open, query, sentTo, signIn } = yield* world()
      const cookie = yield* signIn
      const { challenge: code_challenge } = pkce()
      for (const [change, error] of [
        [{}, "invalid_request"],
        [{ code_challenge, code_challenge_method: "plain" }, "invalid_request"],
        [{ code_challenge, code_challenge_method: "" }, "invalid_request"],
        [{ code_challenge: "short" }, "invalid_request"],
        [{ code_challenge, response_type: "token" }, "unsupported_response_type"],
        [{ code_challenge, response_type: "code id_token" }, "unsupported_response_type"],
        [{ code_challenge, response_mode: "fragment" }, "invalid_request"],
        [{ code_challenge, request: "a.b.c" }, "request_not_supported"],
        [{ code_challenge, request_uri: "https://evil.example/r" }, "request_uri_not_supported"],
        [{ code_challenge, scope: "read admin" }, "invalid_scope"],
        [{ code_challenge, prompt: "none login" }, "invalid_request"],
        [{ code_challenge, max_age: "-1" }, "invalid_request"],
        [{ code_challenge, resource: "https://localhost" }, "invalid_target"],
        [{ code_challenge, resource: "http://localhost.evil" }, "invalid_target"],
        [{ code_challenge, resource: "http://localhost:80.evil/" }, "invalid_target"],
        [{ code_challenge, resource: "http://LOCALHOST" }, "invalid_target"],
        [{ code_challenge, resource: "http://localhost/#x" }, "invalid_target"],
        [{ code_challenge, resource: "http://localhost@evil.example" }, "invalid_target"]
      ] as const) {
        const back = sentTo(yield* open(`/auth/authorize?${query(change)}`, cookie))
        const { error: told, iss, state } = Object.fromEntries(back.searchParams)
        expect([change, `${back.origin}${back.pathname}`, told, state, iss]).toEqual([
          change,
          redirect,
          error,
          "st",
          "http://localhost"
        ])
      }
      for (const resource of ["http://localhost", "http://localhost/mcp"]) {
        expect((yield* open(`/auth/authorize?${query({ code_challenge, resource })}`, cookie)).status).toBe(200)
      }
    })
  )
})

describe("a token request", () => {
  it.effect("is refused for another resource, and its tokens are for this instance exactly", () =>
    Effect.gen(function* () {
      const { code, exchange, who } = yield* world()
      const got = yield* code({ resource: "http://localhost/mcp" })
      const elsewhere = yield* exchange(got, { resource: "https://evil.example" })
      expect(elsewhere).toMatchObject({ status: 400, body: { error: "invalid_target" } })
      const { body } = yield* exchange(got, { resource: "http://localhost/mcp" })
      const claims = JSON.parse(Buffer.from(body.access_token?.split(".")[1] ?? "", "base64url").toString())
      expect(claims.aud).toBe("http://localhost")
      expect(yield* who(body.access_token)).toBe(200)
    })
  )
})
