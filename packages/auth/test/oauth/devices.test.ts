import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { world } from "./world.ts"

const client_id = "portico-cli"
const setup = Effect.gen(function* () {
  const app = yield* world()
  const begin = Effect.map(app.post("/auth/device", { client_id, scope: "read" }), ({ body }) => ({
    device: body.device_code ?? "",
    user: body.user_code ?? ""
  }))
  const poll = (device_code: string, client = client_id) =>
    Effect.map(
      app.post("/auth/token", {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        client_id: client,
        device_code
      }),
      ({ body }) => body.error ?? "tokens"
    )
  const decide = (user_code: string, decision: string) =>
    Effect.gen(function* () {
      const cookie = yield* app.signIn
      const page = yield* app.open(`/auth/device?user_code=${user_code}`, cookie)
      const form = { ...app.fieldsOf(page.text), user_code, decision }
      return yield* app.submit("/auth/device", form, { cookie, origin: "http://localhost" })
    })
  return { ...app, begin, poll, decide }
})

describe("a device that waits for somebody", () => {
  it.effect("is slowed down when it asks too often, more each time", () =>
    Effect.gen(function* () {
      const { begin, decide, poll } = yield* setup
      const { device, user } = yield* begin
      expect(yield* poll(device)).toBe("authorization_pending")
      expect(yield* poll(device)).toBe("slow_down")
      // Ten seconds now, and fifteen after that.
      yield* TestClock.adjust("6 seconds")
      expect(yield* poll(device)).toBe("slow_down")
      yield* TestClock.adjust("14 seconds")
      expect(yield* poll(device)).toBe("slow_down")
      yield* TestClock.adjust("20 seconds")
      expect(yield* poll(device)).toBe("authorization_pending")
      yield* decide(user, "allow")
      yield* TestClock.adjust("20 seconds")
      expect(yield* poll(device)).toBe("tokens")
      expect(yield* poll(device)).toBe("invalid_grant")
    })
  )

  it.effect("waits for ten minutes, and only its own client gets anything", () =>
    Effect.gen(function* () {
      const { begin, decide, open, poll, register, signIn } = yield* setup
      const { device, user } = yield* begin
      const other = (yield* register({
        grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
        redirect_uris: []
      })).body.client_id
      yield* decide(user, "allow")
      expect(yield* poll(device, other)).toBe("invalid_grant")
      expect(yield* poll(`${device.slice(0, 21)}${"A".repeat(43)}`)).toBe("invalid_grant")
      expect(yield* poll(device)).toBe("tokens")
      const late = yield* begin
      yield* TestClock.adjust("10 minutes")
      expect(yield* poll(late.device)).toBe("expired_token")
      expect((yield* open(`/auth/device?user_code=${late.user}`, yield* signIn)).status).toBe(404)
      expect(yield* poll(late.device)).toBe("expired_token")
    })
  )

  it.effect("cannot be found by guessing: ten wrong codes, and one has to wait", () =>
    Effect.gen(function* () {
      const { begin, open, signIn } = yield* setup
      const cookie = yield* signIn
      const guess = (code: string) => Effect.map(open(`/auth/device?user_code=${code}`, cookie), ({ status }) => status)
      for (let round = 0; round < 10; round++) expect(yield* guess("BBBB-BBBB")).toBe(404)
      expect(yield* guess("BBBB-BBBB")).toBe(429)
      // Who has the right one is not kept from it.
      expect(yield* guess((yield* begin).user)).toBe(200)
    })
  )

  it.effect("is told no by a page of ours alone", () =>
    Effect.gen(function* () {
      const { begin, poll, signIn, submit } = yield* setup
      const { device, user } = yield* begin
      const form = { user_code: user, decision: "allow", csrf_token: "x" }
      const forged = yield* submit("/auth/device", form, { cookie: yield* signIn, origin: "https://evil.example" })
      expect(forged.status).toBe(403)
      expect(yield* poll(device)).toBe("authorization_pending")
    })
  )
})
