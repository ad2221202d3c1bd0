import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { basic, password, world } from "./world.ts"

const bad = { status: 400, body: { error: "invalid_grant" } }

describe("a refresh token", () => {
  it.effect("ends with a new password, with signing out everywhere, and with its identity", () =>
    Effect.gen(function* () {
      const { ada, call, refresh, request, tokens, who } = yield* world()
      for (const end of [
        request("/auth/password", { token: ada.key, json: { current: password, password } }),
        request("/auth/sessions", { token: ada.key, method: "DELETE" })
      ]) {
        const { body } = yield* tokens()
        expect(yield* who(body.access_token)).toBe(200)
        expect((yield* end).status).toBe(204)
        expect(yield* refresh(body.refresh_token ?? "")).toMatchObject(bad)
        expect(yield* who(body.access_token)).toBe(401)
      }
      const { body } = yield* tokens()
      const next = yield* refresh(body.refresh_token ?? "")
      expect(next.status).toBe(200)
      yield* call(`${ada.path}::delete`)
      expect(yield* refresh(next.body.refresh_token ?? "")).toMatchObject(bad)
      expect(yield* who(next.body.access_token)).toBe(401)
    })
  )

  it.effect("ends with what was granted, and when it is not used for as long as the setting says", () =>
    Effect.gen(function* () {
      const { ada, client, post, refresh, request, tokens, who } = yield* world({ "auth.refreshTokenLifetime": 3_600 })
      const { body } = yield* tokens()
      const { grants } = (yield* request("/auth/grants", { token: ada.key })).json as {
        readonly grants: ReadonlyArray<{ readonly id: string }>
      }
      yield* request(`/auth/grants/${grants[0]?.id}`, { method: "DELETE", token: ada.key })
      expect(yield* refresh(body.refresh_token ?? "")).toMatchObject(bad)
      expect(yield* who(body.access_token)).toBe(401)
      const second = (yield* tokens()).body
      yield* post("/auth/revoke", { client_id: client, token: second.refresh_token ?? "" })
      expect(yield* refresh(second.refresh_token ?? "")).toMatchObject(bad)
      expect(yield* who(second.access_token)).toBe(401)
      const third = (yield* tokens()).body
      yield* TestClock.adjust("59 minutes")
      const used = yield* refresh(third.refresh_token ?? "")
      yield* TestClock.adjust("59 minutes")
      const usedAgain = yield* refresh(used.body.refresh_token ?? "")
      expect(usedAgain.status).toBe(200)
      yield* TestClock.adjust("61 minutes")
      expect(yield* refresh(usedAgain.body.refresh_token ?? "")).toMatchObject(bad)
    })
  )

  it.effect("is its client's alone, and a stranger who has it cannot end its family", () =>
    Effect.gen(function* () {
      const { refresh, register, tokens, who } = yield* world()
      const { body } = yield* tokens()
      const other = (yield* register()).body.client_id ?? ""
      for (let round = 0; round < 2; round++) {
        expect(yield* refresh(body.refresh_token ?? "", { client_id: other })).toMatchObject(bad)
      }
      expect(yield* who(body.access_token)).toBe(200)
      expect((yield* refresh(body.refresh_token ?? "")).status).toBe(200)
    })
  )

  it.effect("gives less where less is asked for, never more, and is whole the next time", () =>
    Effect.gen(function* () {
      const { refresh, tokens } = yield* world()
      const { body } = yield* tokens({ scope: "read edit" })
      const less = yield* refresh(body.refresh_token ?? "", { scope: "read" })
      expect(less.body.scope).toBe("read")
      const more = yield* refresh(less.body.refresh_token ?? "", { scope: "read edit share" })
      expect(more).toMatchObject({ status: 400, body: { error: "invalid_scope" } })
      // A refusal uses nothing up.
      expect((yield* refresh(less.body.refresh_token ?? "")).body.scope).toBe("read edit")
    })
  )
})

describe("a client's scope", () => {
  it.effect("bounds what it may ask for", () =>
    Effect.gen(function* () {
      const { ada, post, register } = yield* world()
      const { body } = yield* register(
        {
          token_endpoint_auth_method: "client_secret_basic",
          grant_types: ["client_credentials"],
          redirect_uris: [],
          scope: "read",
          identity: `@${ada.id}`
        },
        ada.key
      )
      const shown = basic(body.client_id ?? "", body.client_secret ?? "")
      const ask = (scope: string) => post("/auth/token", { grant_type: "client_credentials", scope }, shown)
      expect((yield* ask("read")).body.scope).toBe("read")
      expect(yield* ask("read edit")).toMatchObject({ status: 400, body: { error: "invalid_scope" } })
      expect(yield* ask("full")).toMatchObject({ status: 400, body: { error: "invalid_scope" } })
    })
  )
})
