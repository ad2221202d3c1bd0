import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { GatewayTest } from "../../src/testing.ts"
import { shop } from "./product.ts"

describe("a request", () => {
  it.effect("reaches an api below the path that it is mounted at", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const response = yield* gateway.request("/shop/items/7?lang=de")
      expect(response.json).toEqual({ id: 7, name: "de" })
    })
  )

  it.effect("carries its caller into handlers of both kinds", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      expect((yield* gateway.request("/required", { token: "ada" })).json).toEqual({ caller: "Ada" })
      expect((yield* gateway.request("/optional")).json).toEqual({ caller: "nobody" })
      expect((yield* gateway.request("/shop/mine", { token: "ada" })).json).toEqual({ caller: "nobody" })
      const internal = yield* gateway.request("/gateway/v1/internal/shop", { token: "root" })
      expect(internal.json).toEqual({ caller: "Root" })
    })
  )

  it.effect("keeps the id of the trace it belongs to, or its own, or gets one", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const idOf = (headers: Record<string, string>) =>
        Effect.map(gateway.request("/healthz", { headers }), (response) => response.headers["x-request-id"])
      const trace = "0af7651916cd43dd8448eb211c80319c"
      expect(yield* idOf({ traceparent: `00-${trace}-b7ad6b7169203331-01`, "x-request-id": "mine" })).toBe(trace)
      expect(yield* idOf({ "x-request-id": "mine" })).toBe("mine")
      expect(yield* idOf({ "x-request-id": "no\tgood" })).not.toContain("good")
      expect(yield* idOf({ traceparent: `00-${"0".repeat(32)}-b7ad6b7169203331-01` })).not.toMatch(/^0+$/)
      expect(yield* idOf({})).not.toBe(yield* idOf({}))
    })
  )

  it.effect("with HEAD is answered like a GET without its body", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const response = yield* gateway.request("/shop/items/7", { method: "HEAD" })
      expect(response.status).toBe(200)
      expect(response.text).toBe("")
    })
  )

  it.effect("with OPTIONS is told what there is", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const response = yield* gateway.request("/shop/items/7", { method: "OPTIONS" })
      expect(response.status).toBe(204)
      expect(response.headers.allow).toBe("GET, HEAD, OPTIONS")
    })
  )

  it.effect("gets headers that keep a browser from guessing, and a page in bounds", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const common = { "x-content-type-options": "nosniff", "cache-control": "no-store" }
      expect((yield* gateway.request("/shop/items/7")).headers).toMatchObject(common)
      expect((yield* gateway.request("/page")).headers).toMatchObject({
        ...common,
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'"
      })
    })
  )

  it.effect("is written down without its query", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      yield* gateway.request("/required?secret=1", { token: "ada", headers: { "x-request-id": "r" } })
      expect(gateway.accessLog).toMatchObject([
        {
          requestId: "r",
          method: "GET",
          path: "/required",
          status: 200,
          module: "shop",
          route: "route:required",
          caller: "1"
        }
      ])
      expect(JSON.stringify(gateway.accessLog)).not.toContain("secret")
    })
  )
})

describe("pages of other origins", () => {
  const origin = "https://app.example.com"
  const config = { "gate.corsOrigins": [origin] }

  it.effect("are let in where the setting says so", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop, { config })
      const asked = { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-own" }
      const preflight = yield* gateway.request("/echo", { method: "OPTIONS", headers: asked })
      expect(preflight.status).toBe(204)
      expect(preflight.headers).toMatchObject({
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "OPTIONS, POST",
        "access-control-allow-headers": "x-own"
      })
      const response = yield* gateway.request("/echo", { json: 1, headers: { origin } })
      expect(response.headers["access-control-allow-origin"]).toBe(origin)
    })
  )

  it.effect("are let in without cookies by a route that says so, whatever the setting is", () =>
    Effect.gen(function* () {
      const from = { origin: "https://inspector.example" }
      const asked = { ...from, "access-control-request-method": "POST", "access-control-request-headers": "dpop" }
      for (const config of [{}, { "gate.corsOrigins": [origin] }]) {
        const gateway = yield* GatewayTest.make(shop, { config })
        const preflight = yield* gateway.request("/open", { method: "OPTIONS", headers: asked })
        expect(preflight.status).toBe(204)
        expect(preflight.headers).toMatchObject({
          "access-control-allow-origin": "*",
          "access-control-allow-methods": "OPTIONS, POST",
          "access-control-allow-headers": "dpop"
        })
        const response = yield* gateway.request("/open", { json: 1, headers: from })
        expect(response.headers["access-control-allow-origin"]).toBe("*")
        expect(response.headers["access-control-allow-credentials"]).toBeUndefined()
        const other = yield* gateway.request("/open", {
          method: "OPTIONS",
          headers: { ...asked, "access-control-request-method": "DELETE" }
        })
        expect(other.headers["access-control-allow-origin"]).toBeUndefined()
      }
    })
  )

  it.effect("are not, anywhere else", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop, { config })
      const other = { origin: "https://evil.example", "access-control-request-method": "POST" }
      const preflight = yield* gateway.request("/echo", { method: "OPTIONS", headers: other })
      expect(preflight.headers["access-control-allow-origin"]).toBeUndefined()
      const without = yield* GatewayTest.make(shop)
      const response = yield* without.request("/echo", { json: 1, headers: { origin } })
      expect(response.headers["access-control-allow-origin"]).toBeUndefined()
    })
  )
})
