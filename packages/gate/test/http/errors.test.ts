import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { GatewayTest, type TestRequest } from "../../src/testing.ts"
import { shop } from "./product.ts"

interface Case {
  readonly name: string
  readonly path: string
  readonly init?: TestRequest
  readonly status: number
  readonly code: string
  readonly headers?: Readonly<Record<string, string>>
}

const cases: ReadonlyArray<Case> = [
  { name: "an address that does not exist", path: "/nope", status: 404, code: "NOT_FOUND" },
  {
    name: "a method that the address has no route for",
    path: "/echo",
    status: 405,
    code: "METHOD_NOT_ALLOWED",
    headers: { allow: "OPTIONS, POST" }
  },
  {
    name: "a body that is no JSON",
    path: "/echo",
    init: { method: "POST", body: "{" },
    status: 400,
    code: "INVALID_BODY"
  },
  {
    name: "a body that is no JSON, for an api",
    path: "/shop/items",
    init: { method: "POST", body: "{", headers: { "content-type": "application/json" } },
    status: 400,
    code: "INVALID_BODY"
  },
  {
    name: "a body that does not fit",
    path: "/shop/items",
    init: { json: { id: "x" } },
    status: 400,
    code: "INVALID_PARAMS"
  },
  { name: "a path parameter that does not fit", path: "/shop/items/x", status: 400, code: "INVALID_PARAMS" },
  {
    name: "a content type that is not accepted",
    path: "/shop/items",
    init: { method: "POST", body: "x", headers: { "content-type": "text/csv" } },
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE"
  },
  {
    name: "a body that says it is too long",
    path: "/echo",
    init: { method: "POST", body: "x".repeat(4_194_305), headers: { "content-length": "4194305" } },
    status: 413,
    code: "PAYLOAD_TOO_LARGE"
  },
  {
    name: "a body that is too long without saying so",
    path: "/echo",
    init: { method: "POST", body: `"${"x".repeat(4_194_305)}"` },
    status: 413,
    code: "PAYLOAD_TOO_LARGE"
  },
  { name: "a route without a handler", path: "/later", status: 501, code: "NOT_IMPLEMENTED" },
  { name: "a defect", path: "/broken", status: 500, code: "INTERNAL" },
  { name: "a failure with a code and a status", path: "/odd", status: 409, code: "REV_CONFLICT" },
  {
    name: "an error that an api declares",
    path: "/shop/items",
    init: { json: { id: 0, name: "x" } },
    status: 409,
    code: "OutOfStock"
  },
  {
    name: "no credential where one is needed",
    path: "/required",
    status: 401,
    code: "UNAUTHENTICATED",
    headers: { "www-authenticate": 'Bearer realm="shop"' }
  },
  {
    name: "a bad credential where none is needed",
    path: "/optional",
    init: { token: "stolen" },
    status: 401,
    code: "UNAUTHENTICATED",
    headers: { "www-authenticate": "Bearer" }
  },
  {
    name: "a user on an internal route",
    path: "/gateway/v1/internal/shop",
    init: { token: "ada" },
    status: 403,
    code: "PERMISSION_DENIED"
  },
  { name: "nobody on an internal route", path: "/gateway/v1/internal/plan", status: 401, code: "UNAUTHENTICATED" },
  {
    name: "a host name of somebody else",
    path: "/echo",
    init: { headers: { host: "evil.example" } },
    status: 421,
    code: "WRONG_HOST"
  },
  { name: "a credential in the query", path: "/optional?access_token=ada", status: 400, code: "INVALID_PARAMS" },
  { name: "a path with an empty segment", path: "/files//x", status: 400, code: "INVALID_PATH" },
  { name: "a path with an encoded slash", path: "/files/a%2fb", status: 400, code: "INVALID_PATH" },
  { name: "a path that encodes nothing", path: "/files/a%zz", status: 400, code: "INVALID_PATH" },
  { name: "a path that is not UTF-8", path: "/files/%ff", status: 400, code: "INVALID_PATH" }
]

describe("the one error shape", () => {
  for (const { code, headers, init, name, path, status } of cases) {
    it.effect(`answers ${name} with ${status} ${code}`, () =>
      Effect.gen(function* () {
        const gateway = yield* GatewayTest.make(shop)
        const response = yield* gateway.request(path, init)
        expect(response.status).toBe(status)
        expect(response.headers["content-type"]).toBe("application/json")
        expect(response.json).toMatchObject({ error: { code, requestId: response.headers["x-request-id"] } })
        expect(response.headers).toMatchObject(headers ?? {})
      })
    )
  }

  it.effect("says which parts of a request do not fit", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const response = yield* gateway.request("/shop/items", { json: { id: 1.5, name: "" } })
      expect(response.json).toMatchObject({
        error: { details: { issues: [{ path: ["payload", "id"], code: "invalid" }] } }
      })
    })
  )

  it.effect("tells the log what a defect was, and the caller nothing but the request id", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const response = yield* gateway.request("/broken", { headers: { "x-request-id": "find-me" } })
      expect(response.text).not.toContain("hunter2")
      expect(response.headers["x-request-id"]).toBe("find-me")
      const [line] = gateway.log
      expect(line?.annotations).toMatchObject({ requestId: "find-me", route: "route:broken", module: "shop" })
      expect(line?.cause).toContain("hunter2")
    })
  )

  it.effect("keeps the details of an error that an api declares", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      const response = yield* gateway.request("/shop/items", { json: { id: 0, name: "x" } })
      expect(response.json).toMatchObject({ error: { message: "none left", details: { left: 0 } } })
    })
  )

  it.effect("leaves an error of OAuth and a page as they are", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(shop)
      expect((yield* gateway.request("/oauth")).json).toEqual({ error: "invalid_grant" })
      expect((yield* gateway.request("/page")).text).toBe("<p>no</p>")
    })
  )
})
