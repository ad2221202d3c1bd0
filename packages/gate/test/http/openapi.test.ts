import { describe, expect, it } from "@effect/vitest"
import { validate as validateAndResolve } from "@readme/openapi-parser"
import { Validator } from "@seriousme/openapi-schema-validator"
import * as Effect from "effect/Effect"
import { GatewayTest } from "../../src/testing.ts"
import { shop } from "./product.ts"

const validate = (text: string) =>
  Effect.promise(async () => {
    const validator = new Validator()
    const document: Record<string, unknown> = JSON.parse(text)
    const { errors, valid } = await validator.validate(document)
    // The second one puts what a reference names in its place, so it gets a copy.
    const second = await validateAndResolve(structuredClone(document) as Parameters<typeof validateAndResolve>[0])
    return { valid, errors, version: validator.version, second: second.valid ? "valid" : second.errors }
  })

const isValid = { valid: true, errors: undefined, version: "3.1", second: "valid" }

describe("the OpenAPI document", () => {
  it.effect("is valid OpenAPI 3.1, for public and for internal routes", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const open = yield* gateway.request("/openapi.json")
      expect(yield* validate(open.text)).toEqual(isValid)
      const internal = yield* gateway.request("/gateway/v1/internal/openapi.json", { token: "root" })
      expect(yield* validate(internal.text)).toEqual(isValid)
    })
  )

  it.effect("has apis and routes laid by hand, each with its auth and the one error shape", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const { json } = yield* gateway.request("/openapi.json")
      const error = { content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } }
      expect(json).toMatchObject({
        openapi: "3.1.0",
        info: { title: "Shop", version: "1.2.3", description: "A shop." },
        paths: {
          "/shop/items/{id}": { get: { security: [], responses: { default: error } } },
          "/shop/items": { post: { responses: { 409: error, 400: error } } },
          "/required": { get: { security: [{ bearer: [] }] } },
          "/optional": { get: { security: [{}, { bearer: [] }] } },
          "/files/{rest}": { get: { parameters: [{ name: "rest", in: "path", required: true }] } },
          "/healthz": { get: { security: [] } }
        }
      })
      expect(JSON.stringify(json)).not.toContain("/gateway/v1/internal")
    })
  )

  it.effect("need not be sent again to one who has it", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const { headers } = yield* gateway.request("/openapi.json")
      const again = yield* gateway.request("/openapi.json", { headers: { "if-none-match": headers.etag ?? "" } })
      expect(again.status).toBe(304)
      expect(again.text).toBe("")
    })
  )
})

describe("the API reference", () => {
  it.effect("is one page that fetches nothing from elsewhere", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const page = yield* gateway.request("/docs")
      expect(page.headers["content-type"]).toBe("text/html; charset=utf-8")
      expect(page.text).toContain('"withDefaultFonts":false')
      expect(page.text).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)="https?:/)
      expect(page.headers["content-security-policy"]).toContain("connect-src 'self'")
    })
  )

  it.effect("is sent packed to whoever can unpack it", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const response = yield* Effect.promise(() =>
        gateway.fetch("/docs", { headers: { "accept-encoding": "br;q=0.5, gzip" } })
      )
      expect(response.headers.get("content-encoding")).toBe("gzip")
      const packed = yield* Effect.promise(() => response.arrayBuffer())
      expect(packed.byteLength).toBeLessThan(1_200_000)
      const refused = yield* gateway.request("/docs", { headers: { "accept-encoding": "gzip;q=0" } })
      expect(refused.headers["content-encoding"]).toBeUndefined()
    })
  )
})
