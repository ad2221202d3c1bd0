import { assert, describe, it } from "@effect/vitest"
import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { signStandardWebhook } from "@portico/domain/testing"
import { defineSchema, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { crm, D, webhookSecret } from "./crm.ts"
import { start } from "./product.ts"

const hookPath = "/d/crm.example.dev/functions/hook"

const signed = (id: string, body: string, time = new Date()) =>
  signStandardWebhook({ secret: webhookSecret, id, body, time })

describe("a webhook", () => {
  it.effect("that is delivered 1,000 times makes one node", () =>
    Effect.gen(function* () {
      const { gateway, system } = yield* start({ bundled: [crm] })
      const body = '{ "type": "delivered" }'
      const deliver = gateway.request(hookPath, { method: "POST", headers: signed("msg_1", body), body })
      const answers = yield* Effect.forEach(Array.from({ length: 1000 }), () => deliver, { concurrency: 50 })
      assert.deepStrictEqual([...new Set(answers.map(({ status }) => status))], [200])
      assert.deepStrictEqual(answers[0]?.json, { result: "/contacts/msg_1" })
      const { nodes } = yield* system.listChildren(D.Event, "/contacts")
      assert.lengthOf(nodes, 1)
      assert.strictEqual(nodes[0]?.rev, (yield* system.get("/contacts/msg_1")).rev)
    }).pipe(Effect.scoped)
  )

  it.effect("with a wrong signature, another body, an old time or a dot in its id is 401 and changes nothing", () =>
    Effect.gen(function* () {
      const { gateway, kernel, settled } = yield* start({ bundled: [crm] })
      yield* settled
      const before = yield* kernel.seq
      const body = "{}"
      const old = new Date(Date.now() - 301_000)
      for (const [headers, sent] of [
        [{ ...signed("msg_1", body), "webhook-signature": "v1,AAAA" }, body],
        [signed("msg_1", body), "{ }"],
        [signed("msg_1", body, old), body],
        [signed("msg_1.2", body), body],
        [{}, body]
      ] as const) {
        const answer = yield* gateway.request(hookPath, { method: "POST", headers, body: sent })
        assert.strictEqual(answer.status, 401)
      }
      assert.strictEqual(yield* kernel.seq, before)
    }).pipe(Effect.scoped)
  )
})

/** Functions of all kinds, that answer with what they were given. */
const echo = (() => {
  const described = (params: unknown, auth: { readonly principal: { readonly path: string } } | null) => ({
    params: params as Schema.Json,
    caller: auth?.principal.path ?? null
  })
  const returns = Schema.Json
  return defineDomain({
    schema: defineSchema("echo.example.dev", {}),
    functions: {
      closed: defineRemoteFunction({
        params: { name: Schema.String, times: Schema.optional(Schema.Int) },
        returns,
        execute: ({ auth, params }) => described(params, auth)
      }),
      open: defineRemoteFunction({
        auth: "optional",
        returns,
        execute: ({ auth, caller, kernel, params }) => ({
          ...described(params, auth),
          clients: [kernel === null, caller === null]
        })
      }),
      headers: defineRemoteFunction({
        auth: "public",
        returns,
        execute: ({ request }) => Object.fromEntries(request?.headers ?? [])
      }),
      page: defineRemoteFunction({
        auth: "public",
        route: { method: "GET", path: "/pages/:name" },
        params: { name: Schema.String, lang: Schema.optional(Schema.String) },
        returns,
        execute: ({ params }) =>
          new Response(`<script>alert(${JSON.stringify(params)})</script>`, {
            status: 203,
            headers: {
              "content-type": "text/html",
              "content-security-policy": "default-src *",
              "set-cookie": "session=stolen",
              "clear-site-data": '"*"',
              "x-mine": "1"
            }
          })
      }),
      broken: defineRemoteFunction({
        auth: "public",
        returns,
        execute: () => {
          throw new Error("password=hunter2")
        }
      })
    }
  })
})()

const call = (name: string) => `/d/echo.example.dev/functions/${name}`

describe("a function, by its URL,", () => {
  it.effect("takes its params from the JSON body and gives { result }", () =>
    Effect.gen(function* () {
      const { gateway, user } = yield* start({ bundled: [echo] })
      const { headers } = yield* user("ada")
      const answer = yield* gateway.request(call("closed"), { method: "POST", headers, json: { name: "x", times: 2 } })
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(answer.json, { result: { params: { name: "x", times: 2 }, caller: "/identities/ada" } })
      const query = yield* gateway.request(`${call("closed")}?name=y&unknown=1`, { method: "POST", headers })
      assert.deepStrictEqual(query.json, { result: { params: { name: "y" }, caller: "/identities/ada" } })
    }).pipe(Effect.scoped)
  )

  it.effect("refuses params that do not fit, other bodies and other methods", () =>
    Effect.gen(function* () {
      const { gateway, user } = yield* start({ bundled: [echo] })
      const { headers } = yield* user("ada")
      const post = (body: string, type = "application/json") =>
        Effect.map(
          gateway.request(call("closed"), { method: "POST", headers: { ...headers, "content-type": type }, body }),
          ({ json, status }) => [status, (json as { readonly error?: { readonly code: string } }).error?.code]
        )
      assert.deepStrictEqual(yield* post('{"name":1}'), [400, "INVALID_PARAMS"])
      assert.deepStrictEqual(yield* post('{"name":"x","more":1}'), [400, "INVALID_PARAMS"])
      assert.deepStrictEqual(yield* post('{"name":'), [400, "INVALID_BODY"])
      assert.deepStrictEqual(yield* post("[]"), [400, "INVALID_BODY"])
      assert.deepStrictEqual(yield* post("name=x", "application/x-www-form-urlencoded"), [
        415,
        "UNSUPPORTED_MEDIA_TYPE"
      ])
      const got = yield* gateway.request(call("closed"), { headers })
      assert.strictEqual(got.status, 405)
      assert.strictEqual(got.headers.allow, "POST")
    }).pipe(Effect.scoped)
  )

  it.effect("needs a credential where it says so, and USE on it; a bad one is refused where it is optional too", () =>
    Effect.gen(function* () {
      const guarded = defineDomain({
        schema: defineSchema("guarded.example.dev", {}),
        functions: {
          run: defineRemoteFunction({ execute: () => undefined }),
          hook: defineRemoteFunction({ auth: "public", execute: () => undefined })
        },
        grants: { authenticated: READ }
      })
      const { gateway, user } = yield* start({ bundled: [echo, guarded] })
      const { headers } = yield* user("ada")
      const status = (path: string, headers: Record<string, string> = {}) =>
        Effect.map(gateway.request(path, { method: "POST", headers }), (answer) => answer.status)
      assert.strictEqual(yield* status(call("closed")), 401)
      assert.strictEqual(yield* status(call("open"), { authorization: "Bearer nonsense" }), 401)
      assert.strictEqual(yield* status("/d/guarded.example.dev/functions/run", headers), 403)
      // Whoever knows the URL of a public one may call it, with any credential or none.
      assert.strictEqual(yield* status("/d/guarded.example.dev/functions/hook"), 200)
      assert.strictEqual(
        yield* status("/d/guarded.example.dev/functions/hook", { authorization: "Bearer nonsense" }),
        200
      )
    }).pipe(Effect.scoped)
  )

  it.effect("has no caller, and no authority of one, without a credential", () =>
    Effect.gen(function* () {
      const open = defineDomain({
        schema: echo.schema,
        functions: Object.fromEntries([
          [
            "open",
            defineRemoteFunction({
              auth: "optional",
              returns: Schema.Json,
              execute: ({ auth, caller, kernel }) => [auth === null, kernel === null, caller === null]
            })
          ]
        ]),
        grants: { everyone: 5, authenticated: 5 }
      })
      const { gateway, user } = yield* start({ bundled: [open] })
      const { headers } = yield* user("ada")
      const anonymous = yield* gateway.request(call("open"), { method: "POST" })
      assert.deepStrictEqual(anonymous.json, { result: [true, true, true] })
      const known = yield* gateway.request(call("open"), { method: "POST", headers })
      assert.deepStrictEqual(known.json, { result: [false, false, false] })
      // The session's cookie does not count here.
      const cookie = yield* gateway.request(call("open"), { method: "POST", headers: { cookie: "session=1" } })
      assert.deepStrictEqual(cookie.json, { result: [true, true, true] })
    }).pipe(Effect.scoped)
  )

  it.effect("sees no credential of the instance", () =>
    Effect.gen(function* () {
      const { gateway } = yield* start({ bundled: [echo] })
      const send = (headers: Record<string, string>) =>
        Effect.map(
          gateway.request(call("headers"), { method: "POST", headers }),
          ({ json }) => (json as { result: Record<string, string> }).result
        )
      const seen = yield* send({
        authorization: "Bearer secret",
        cookie: "session=secret",
        dpop: "secret",
        "x-mine": "1"
      })
      assert.strictEqual(seen["x-mine"], "1")
      assert.notInclude(JSON.stringify(seen), "secret")
      assert.notInclude(JSON.stringify([gateway.log, gateway.accessLog]), "secret")
      assert.strictEqual((yield* send({ authorization: "Basic c2VuZGVy" })).authorization, "Basic c2VuZGVy")
    }).pipe(Effect.scoped)
  )

  it.effect(
    "may answer with a Response on a route of its own, which speaks for the domain and not for the instance",
    () =>
      Effect.gen(function* () {
        const { gateway } = yield* start({ bundled: [echo] })
        const page = yield* gateway.request("/d/echo.example.dev/pages/caf%C3%A9?lang=fr")
        assert.strictEqual(page.status, 203)
        assert.strictEqual(page.text, '<script>alert({"name":"café","lang":"fr"})</script>')
        assert.strictEqual(page.headers["content-type"], "text/html")
        assert.strictEqual(page.headers["x-mine"], "1")
        assert.strictEqual(page.headers["content-security-policy"], "sandbox")
        for (const name of ["set-cookie", "clear-site-data"]) assert.isUndefined(page.headers[name])
        assert.strictEqual((yield* gateway.request(call("page"), { method: "POST" })).status, 404)
      }).pipe(Effect.scoped)
  )

  it.effect("is sandboxed whatever it answers, also with an error (abuse 62)", () =>
    Effect.gen(function* () {
      const { gateway, user } = yield* start({ bundled: [echo] })
      const { headers } = yield* user("ada")
      const answers = [
        yield* gateway.request(call("headers"), { method: "POST" }),
        yield* gateway.request(call("closed"), { method: "POST" }),
        yield* gateway.request(call("closed"), { method: "POST", headers, json: {} }),
        yield* gateway.request(call("nothing"), { method: "POST" }),
        yield* gateway.request("/d/nobody.example.dev/functions/x", { method: "POST" }),
        yield* gateway.request(call("headers")),
        yield* gateway.request(call("broken"), { method: "POST" })
      ]
      assert.deepStrictEqual(
        answers.map(({ status }) => status),
        [200, 401, 400, 404, 404, 405, 500]
      )
      for (const { headers } of answers) assert.strictEqual(headers["content-security-policy"], "sandbox")
      assert.notInclude(JSON.stringify(answers.at(-1)?.json), "hunter2")
    }).pipe(Effect.scoped)
  )
})
