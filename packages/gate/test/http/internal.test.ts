import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { couldBeInternal, isPlain } from "../../src/internal/http/pathGuard.ts"
import { GatewayTest } from "../../src/testing.ts"
import { shop } from "./product.ts"

const spellings = [
  "/gateway/v1/internal/plan",
  "/gateway/v1/internal",
  "/Gateway/V1/Internal/plan",
  "//gateway/v1/internal/plan",
  "/gateway//v1/internal/plan",
  "/gateway%2fv1%2finternal%2fplan",
  "/gateway%252fv1%252finternal%252fplan",
  "/%67ateway/v1/internal/plan",
  "/x/../gateway/v1/internal/plan",
  "/x/%2e%2e/gateway/v1/internal/plan",
  "/gateway/./v1/internal/plan",
  "/gateway\\v1\\internal\\plan",
  "/gateway;x/v1/internal/plan",
  "/gateway/v1/internal/nothing-here"
]

describe("internal routes", () => {
  it.effect("answer operators", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const ask = (path: string) => gateway.request(`/gateway/v1/internal/${path}`, { token: "root" })
      expect((yield* ask("plan")).json).toMatchObject({ product: { id: "shop" }, hash: gateway.instance.plan.hash })
      expect((yield* ask("modules")).json).toMatchObject({ modules: [{ id: "auth" }, { id: "shop", status: "ready" }] })
      expect((yield* ask("routes")).text).toContain("route:echo")
      expect((yield* ask("config")).text).toContain("gate.port")
      expect((yield* ask("openapi.json")).text).toContain("/gateway/v1/internal/shop")
      const metrics = yield* ask("metrics")
      expect(metrics.headers["content-type"]).toContain("text/plain")
      expect(metrics.text).toContain('portico_module_state{module="shop",state="ready"} 1')
      expect(metrics.text).toContain('path="/gateway/v1/internal/plan",status="2xx"} 1')
    })
  )

  it.effect("restart a module for an operator, and say what that takes along", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const about = yield* gateway.request("/gateway/v1/internal/modules/auth", { token: "root" })
      expect(about.json).toMatchObject({ id: "auth", status: "ready", blastRadius: ["auth"] })
      const path = "/gateway/v1/internal/modules/auth/restart"
      expect((yield* gateway.request(path, { method: "POST", token: "ada" })).status).toBe(403)
      const restarted = yield* gateway.request(path, { method: "POST", token: "root" })
      expect(restarted.json).toMatchObject({ modules: [{ id: "auth", status: "ready" }] })
      const nobody = yield* gateway.request("/gateway/v1/internal/modules/nobody", { token: "root" })
      expect(nobody.json).toMatchObject({ error: { code: "NOT_FOUND" } })
    })
  )

  for (const path of spellings) {
    it.effect(`are not on the public listener once they have their own, spelled ${path}`, () =>
      Effect.gen(function* () {
        const gateway = yield* GatewayTest.make(shop, { config: { "gate.internalListen": "4001" } })
        // A URL that is normalised on its way would prove nothing, so the target is put in as it is.
        const response = yield* gateway.raw({ method: "GET", target: path, headers: { authorization: "Bearer root" } })
        expect(response.status).toBe(404)
        expect(response.json).toMatchObject({ error: { code: "NOT_FOUND" } })
      })
    )

    it(`are recognised in ${path}`, () => {
      expect(couldBeInternal(path)).toBe(true)
    })
  }

  it("are not seen in what only looks similar", () => {
    for (const path of ["/gateway/v1/internals", "/x/gateway/v1/internal", "/gateway/v1", "/"]) {
      expect(couldBeInternal(path)).toBe(false)
    }
  })
})

describe("a plain path", () => {
  it("is one that every reader reads alike", () => {
    for (const path of [
      "/",
      "/a/b",
      "/a/",
      "/:crm.example.dev:class.Contact/import",
      "/a%20b",
      "/%C3%A9",
      "/..a",
      "/a.."
    ]) {
      expect(isPlain(path), path).toBe(true)
    }
    for (const path of [
      "",
      "a",
      "//",
      "/a//b",
      "/.",
      "/a/..",
      "/a/../b",
      "/%2e%2E/b",
      "/a\\b",
      "/a%5Cb",
      "/a%2Fb",
      "/a%00",
      "/a%",
      "/a%f",
      "/%ff",
      "/a;b",
      "/a#b",
      "/é",
      "/a b"
    ]) {
      expect(isPlain(path), path).toBe(false)
    }
  })
})
