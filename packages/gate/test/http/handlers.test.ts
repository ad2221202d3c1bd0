import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpEffect from "effect/http/HttpEffect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import { jsonBody } from "../../src/http.ts"
import { Authenticator, Gateway, GatewayInstance } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"
import { testModule } from "../../src/testing.ts"

type Handle = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest.HttpServerRequest | HttpRouter.RouteContext | HttpServerRequest.ParsedSearchParams
>

const moduleWith = (handle: Handle, mountPath: `/${string}` = "/x") =>
  Gateway.module.define({
    id: "one",
    displayName: "One",
    routes: [{ id: "route:one", scope: "public", mountPath, method: "*", auth: "public", handle }]
  })

const given = Effect.gen(function* () {
  const params = yield* HttpRouter.params
  const query = yield* HttpServerRequest.ParsedSearchParams
  return HttpServerResponse.jsonUnsafe({ params, query })
})

describe("a handler", () => {
  it.effect("gets parameters, the rest of the path, and the query", () =>
    Effect.gen(function* () {
      const one = yield* testModule(moduleWith(given, "/x/:id/*"))
      expect((yield* one.request("/x/a%20b/c/d?q=1&q=2&r=")).json).toEqual({
        params: { id: "a b", "*": "c/d" },
        query: { q: ["1", "2"], r: "" }
      })
      expect((yield* one.request("/x/1")).status).toBe(200)
      expect((yield* one.request("/X/1")).status).toBe(404)
    })
  )

  it.effect("can have cookies set on its answer by a part that does not make it", () =>
    Effect.gen(function* () {
      const handle = Effect.as(
        HttpEffect.appendPreResponseHandler((_request, response) =>
          Effect.orDie(HttpServerResponse.setCookie(response, "session", "1", { httpOnly: true }))
        ),
        HttpServerResponse.jsonUnsafe({})
      )
      const gateway = yield* testModule(moduleWith(handle))
      const response = yield* Effect.promise(() => gateway.fetch("/x"))
      expect(response.headers.getSetCookie()).toEqual(["session=1; HttpOnly"])
    })
  )

  it.effect("sets a header that beats the common one", () =>
    Effect.gen(function* () {
      const handle = Effect.sync(() =>
        HttpServerResponse.jsonUnsafe({}, { headers: { "cache-control": "private, no-cache" } })
      )
      const gateway = yield* testModule(moduleWith(handle))
      expect((yield* gateway.request("/x")).headers["cache-control"]).toBe("private, no-cache")
    })
  )

  it.effect("may read its body strictly", () =>
    Effect.gen(function* () {
      const gateway = yield* testModule(moduleWith(Effect.map(jsonBody, (body) => HttpServerResponse.jsonUnsafe(body))))
      const post = (body: BodyInit, type = "application/json; charset=utf-8") =>
        gateway.request("/x", { method: "POST", body, headers: { "content-type": type } })
      expect((yield* post('{"a":1}')).json).toEqual({ a: 1 })
      expect((yield* post("1", "application/vnd.api+json")).json).toBe(1)
      expect((yield* post("1", "text/plain")).status).toBe(415)
      expect((yield* post("")).status).toBe(400)
      expect((yield* post("{")).status).toBe(400)
      expect((yield* post(new Uint8Array([0x22, 0xff, 0x22]))).json).toMatchObject({
        error: { code: "INVALID_BODY", message: "The body is not valid UTF-8." }
      })
      const nested = (depth: number) => `${'[{"a]":'.repeat(depth)}"\\"["${"}]".repeat(depth)}`
      expect((yield* post(nested(100))).status).toBe(200)
      expect((yield* post(nested(101))).json).toMatchObject({
        error: { code: "INVALID_BODY", message: "The body is nested deeper than 200 levels." }
      })
      expect((yield* post("[".repeat(100_000))).status).toBe(400)
    })
  )

  it.effect("never sees a packed body, which could be of any length unpacked", () =>
    Effect.gen(function* () {
      const gateway = yield* testModule(moduleWith(given))
      const response = yield* gateway.request("/x", {
        method: "POST",
        body: "x",
        headers: { "content-encoding": "gzip" }
      })
      expect(response.json).toMatchObject({ error: { code: "UNSUPPORTED_MEDIA_TYPE" } })
    })
  )
})

describe("an authenticator that throws", () => {
  it.effect("is answered like any other defect", () =>
    Effect.gen(function* () {
      const module = Gateway.module.define({
        id: "one",
        displayName: "One",
        routes: [{ id: "route:one", scope: "public", mountPath: "/x", handle: given }]
      })
      const broken = Layer.succeed(Authenticator, {
        authenticate: () => {
          throw new Error("oh")
        }
      })
      // `provide` gives more than the module requires: an authenticator is what its routes need.
      const gateway = yield* testModule(module, { provide: broken })
      expect((yield* gateway.request("/x")).json).toMatchObject({ error: { code: "INTERNAL" } })
    })
  )
})

describe("a route that upgrades", () => {
  it.live("talks over a WebSocket", () =>
    Effect.gen(function* () {
      const handle = Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const socket = yield* request.upgrade
        const { pull } = yield* socket.reader
        const { write } = yield* socket.writer
        const [message] = yield* pull
        yield* write(`you said ${message}`)
        yield* Effect.ignore(pull)
        return HttpServerResponse.empty()
      }).pipe(Effect.scoped)
      const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [moduleWith(handle)] })
      const instance = yield* GatewayInstance.start(product, { settings: { flags: { "gate.port": "0" } } }).pipe(
        Effect.provide(NodeGateway.layer)
      )
      const answer = yield* Effect.callback<string>((resume) => {
        const socket = new WebSocket(`${instance.url.replace("http", "ws")}/x`)
        socket.onopen = () => socket.send("hello")
        socket.onmessage = ({ data }) => {
          resume(Effect.succeed(String(data)))
          socket.close()
        }
      })
      expect(answer).toBe("you said hello")
    })
  )
})
