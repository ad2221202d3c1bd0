import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { Feature, Gateway, HealthCheck } from "../../src/index.ts"
import { testModule } from "../../src/testing.ts"

const withCheck = (check: Effect.Effect<void, { readonly message: string }>) =>
  testModule(
    Gateway.module.define({ id: "disk", displayName: "Disk", contributes: [HealthCheck.of({ name: "space", check })] })
  )

describe("GET /readyz", () => {
  it.effect("says that all is well, module by module", () =>
    Effect.gen(function* () {
      const gateway = yield* withCheck(Effect.void)
      const response = yield* gateway.request("/readyz")
      expect(response.status).toBe(200)
      expect(response.json).toMatchObject({
        status: "ready",
        modules: [{ id: "disk", status: "ready", reason: null }],
        checks: [{ module: "disk", name: "space", ok: true }]
      })
    })
  )

  it.effect("is 503 with the reason if a check fails", () =>
    Effect.gen(function* () {
      const gateway = yield* withCheck(Effect.fail({ message: "no space is left" }))
      const response = yield* gateway.request("/readyz")
      expect(response.status).toBe(503)
      expect(response.json).toMatchObject({
        error: {
          code: "UNAVAILABLE",
          message: "Not ready: check space fails.",
          details: { checks: [{ ok: false, reason: "no space is left" }] }
        }
      })
    })
  )

  it.effect("does not wait for a check that hangs", () =>
    Effect.gen(function* () {
      const gateway = yield* withCheck(Effect.never)
      const asking = yield* Effect.forkChild(gateway.request("/readyz"))
      yield* TestClock.adjust("3 seconds")
      const response = yield* Fiber.join(asking)
      expect(response.status).toBe(503)
      expect(response.text).toContain("no answer within 2000 ms")
    })
  )

  it.effect("keeps to itself what a check that is broken says", () =>
    Effect.gen(function* () {
      const gateway = yield* withCheck(Effect.die(new Error("password=hunter2")))
      const response = yield* gateway.request("/readyz")
      expect(response.status).toBe(503)
      expect(response.text).not.toContain("hunter2")
    })
  )
})

describe("GET /meta", () => {
  it.effect("says what the instance is and can do", () =>
    Effect.gen(function* () {
      const module = Gateway.module.define({
        id: "feed",
        displayName: "Feed",
        contributes: [Feature.of("change-feed")]
      })
      const gateway = yield* testModule(module, { config: { "gate.publicUrl": "https://example.dev" } })
      const response = yield* gateway.request("/meta")
      expect(response.json).toEqual({
        product: "test",
        name: "Test of Feed",
        version: null,
        protocol: 1,
        issuer: "https://example.dev",
        features: ["change-feed"]
      })
      expect(response.headers["strict-transport-security"]).toBe("max-age=31536000")
    })
  )
})
