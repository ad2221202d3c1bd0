import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { served } from "../support/http.ts"
import { call, create, grant, user } from "../support/kernel.ts"

const code = (response: { json: unknown }) => (response.json as { error?: { code: string } }).error?.code

const setUp = Effect.gen(function* () {
  const { gateway, provide } = yield* served
  const ada = yield* provide(
    Effect.gen(function* () {
      yield* create("/a", { props: { name: "A" } })
      yield* create("/a/b")
      yield* create("/open")
      yield* grant("/identities/everyone", "/open", 1)
      const ada = yield* user("ada")
      yield* grant(ada.path, "/a", 3)
      return ada
    })
  )
  return { request: gateway.request, token: ada.id, provide, ada }
})

describe("POST /api/call", () => {
  it.effect("calls on behalf of whoever the credential says, or of nobody", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const answer = yield* request("/api/call", { json: { path: "/a::get" }, token })
      expect(answer.status).toBe(200)
      expect(answer.headers["content-type"]).toContain("application/json")
      expect(answer.json).toMatchObject({ result: { path: "/a", class: K.Folder.ref }, seq: expect.any(Number) })
      const update = { path: "/a::update", params: { props: { name: "B" } } }
      expect((yield* request("/api/call", { json: update, token })).json).toMatchObject({
        result: { props: { [K.Named.name.key]: "B" } }
      })
      expect((yield* request("/api/call", { json: { path: "/a::get" }, token })).json).toMatchObject({
        result: { props: { [K.Named.name.key]: "B" } }
      })
      expect((yield* request("/api/call", { json: { path: "/open::get" } })).status).toBe(200)
      const hidden = yield* request("/api/call", { json: { path: "/a::get" } })
      expect([hidden.status, code(hidden)]).toEqual([404, "NOT_FOUND"])
      const anonymous = yield* request("/api/call", { json: { path: "/open::update", params: { props: {} } } })
      expect([anonymous.status, code(anonymous)]).toEqual([401, "UNAUTHENTICATED"])
      expect(anonymous.headers["www-authenticate"]).toBeDefined()
      const denied = yield* request("/api/call", { json: { path: "/a::grantPerm", params: {} }, token })
      expect(code(denied)).toBe("METHOD_NOT_FOUND")
      expect(code(yield* request("/api/call", { json: { path: "/open::get" }, token: "bad" }))).toBe("UNAUTHENTICATED")
    }).pipe(Effect.scoped)
  )

  it.effect("answers what fails with the catalogue's status and the one error shape", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const answer = yield* request("/api/call", {
        json: { path: "/a::update", params: { props: { nope: 1 } } },
        token
      })
      expect(answer.status).toBe(400)
      expect(answer.json).toMatchObject({
        error: {
          code: "INVALID_PARAMS",
          details: { issues: [{ path: ["props", "nope"] }] },
          requestId: expect.any(String)
        }
      })
    }).pipe(Effect.scoped)
  )

  it.effect("refuses bodies that are not JSON in UTF-8, or not a call", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const post = (body: BodyInit, type = "application/json") =>
        Effect.map(
          request("/api/call", { method: "POST", body, token, headers: { "content-type": type } }),
          (response) => [response.status, code(response)]
        )
      const invalid = [400, "INVALID_BODY"]
      for (const body of [
        "",
        "{",
        "nul",
        "[1,]",
        '{"path":"/a::get"} x',
        "'a'",
        "\u0000",
        "{path:1}",
        '{"a":01}',
        "NaN"
      ]) {
        expect(yield* post(body)).toEqual(invalid)
      }
      for (const body of [
        "null",
        "1",
        '"a"',
        "[]",
        "{}",
        '{"path":1}',
        '{"path":"/a::get","self":1}',
        '{"path":"/a::get","extra":1}'
      ]) {
        expect(yield* post(body)).toEqual(invalid)
      }
      expect(yield* post(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))).toEqual(invalid)
      expect(yield* post('{"__proto__":{"path":"/a::get"}}')).toEqual(invalid)
      expect(yield* post('{"path":"/a::update","params":{"props":{"name":1e400}}}')).toEqual([400, "INVALID_PARAMS"])
      expect(yield* post('{"path":"/a::update","params":{"props":{"name":"\\ud800"}}}')).toEqual([
        400,
        "INVALID_PARAMS"
      ])
      const deep = `{"path":"/a::update","params":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
      expect(yield* post(deep)).toEqual(invalid)
      const nested = `{"path":"/a::update","params":${"[".repeat(100)}${"]".repeat(100)}}`
      expect(yield* post(nested)).toEqual([413, "LIMIT_EXCEEDED"])
      expect((yield* post('{"path":"/nope::get","path":"/a::get"}'))[0]).toBe(200)
      const call = '{"path":"/a::get"}'
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "multipart/form-data"
      ]) {
        expect(yield* post(call, type)).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"])
      }
      for (const type of ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"']) {
        expect((yield* post(call, type))[0]).toBe(200)
      }
      const { props } = (yield* request("/api/call", { json: { path: "/a::get" }, token })).json as { props?: unknown }
      expect(props).toBeUndefined()
    }).pipe(Effect.scoped)
  )
})

describe("an Idempotency-Key", () => {
  it.effect("gives the same answer again, and says that it is; in a batch it is refused", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const json = { path: K.Node.createNode.path, params: { class: K.Folder.ref, parent: "/a" } }
      const headers = { "idempotency-key": "k" }
      const [first, second] = [
        yield* request("/api/call", { json, token, headers }),
        yield* request("/api/call", { json, token, headers })
      ]
      expect(first.status).toBe(200)
      expect(second.json).toEqual(first.json)
      expect([first, second].map((each) => each.headers["idempotency-replayed"])).toEqual([undefined, "true"])
      const other = yield* request("/api/call", { json: { path: "/a::get" }, token, headers })
      expect([other.status, code(other)]).toEqual([422, "IDEMPOTENCY_MISMATCH"])
      expect(code(yield* request("/api/call", { json, headers }))).toBe("UNAUTHENTICATED")
      expect(code(yield* request("/api/batch", { json: { calls: [] }, token, headers }))).toBe("INVALID_PARAMS")
    }).pipe(Effect.scoped)
  )
})

describe("POST /api/batch", () => {
  it.effect("gives each call its own outcome, in order", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const calls = [
        { path: "/a::get" },
        { path: "/nope::get" },
        { path: K.Node.createNode.path, params: { class: K.Folder.ref, path: "/a/new" } },
        { path: "/a/new::get" },
        { nonsense: true }
      ]
      const { status, json } = yield* request("/api/batch", { json: { calls }, token })
      expect(status).toBe(200)
      expect(json).toMatchObject({
        results: [
          { result: { path: "/a" }, seq: expect.any(Number) },
          { error: { code: "NOT_FOUND" } },
          { result: { path: "/a/new", created: true } },
          { result: { path: "/a/new" } },
          { error: { code: "INVALID_BODY" } }
        ]
      })
      const many = { calls: Array.from({ length: 1_001 }, () => ({ path: "/a::get" })) }
      expect(code(yield* request("/api/batch", { json: many, token }))).toBe("LIMIT_EXCEEDED")
      for (const body of [{}, { calls: 1 }, { calls: [], more: 1 }]) {
        expect(code(yield* request("/api/batch", { json: body, token }))).toBe("INVALID_BODY")
      }
    }).pipe(Effect.scoped)
  )
})

describe("GET /api/nodes/*", () => {
  it.effect("gives the node with a tag, and nothing again to who has it", () =>
    Effect.gen(function* () {
      const { request, token, provide, ada } = yield* setUp
      const first = yield* request("/api/nodes/a", { token })
      expect(first.status).toBe(200)
      expect(first.json).toMatchObject({ path: "/a", class: K.Folder.ref })
      expect(first.headers["cache-control"]).toBe("private, no-cache")
      const etag = first.headers.etag ?? ""
      const again = (tag: string) => request("/api/nodes/a", { token, headers: { "if-none-match": tag } })
      for (const tag of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        const answer = yield* again(tag)
        expect([answer.status, answer.text]).toEqual([304, ""])
        expect(answer.headers.etag).toBe(etag)
      }
      expect((yield* again('"other"')).status).toBe(200)
      yield* request("/api/call", { json: { path: "/a::update", params: { props: { name: "new" } } }, token })
      expect((yield* again(etag)).status).toBe(200)
      const b = (yield* request("/api/nodes/a/b", { token })).headers.etag ?? ""
      const { id } = (yield* request("/api/nodes/a/b", { token })).json as { id: string }
      const byId = () => request(`/api/nodes/@${id}`, { token, headers: { "if-none-match": b } })
      expect((yield* byId()).status).toBe(304)
      yield* provide(grant(ada.path, "/open", 2))
      yield* request("/api/call", { json: { path: "/a::update", params: { props: { name: "x" } } }, token })
      expect((yield* byId()).status).toBe(304)
      // Its rev stays when what it is below moves, and its path does not.
      yield* provide(call("/a::move", { to: "/", slug: "moved" }))
      expect((yield* byId()).status).toBe(200)
    }).pipe(Effect.scoped)
  )

  it.effect("knows Root, ids and schema addresses, and asks for the same permission as get", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const status = (path: string, as: string | undefined = token) =>
        Effect.map(request(path, as === undefined ? {} : { token: as }), (response) => [
          response.status,
          code(response)
        ])
      expect(yield* status("/api/nodes")).toEqual([404, "NOT_FOUND"])
      expect(yield* status("/api/nodes/")).toEqual([404, "NOT_FOUND"])
      expect(yield* status("/api/nodes/nope")).toEqual([404, "NOT_FOUND"])
      expect(yield* status("/api/nodes/:kernel.portico.dev:class.Folder")).toEqual([200, undefined])
      expect(yield* status("/api/nodes/kernel.portico.dev/class.Folder")).toEqual([200, undefined])
      const open = yield* request("/api/nodes/open")
      expect(open.status).toBe(200)
      const { id } = open.json as { id: string }
      expect((yield* request(`/api/nodes/@${id}`)).json).toEqual(open.json)
      expect((yield* request(`/api/nodes/%40${id}`)).json).toEqual(open.json)
      expect((yield* request("/api/nodes/%6fpen")).json).toEqual(open.json)
      expect(yield* status("/api/nodes/a::get")).toEqual([400, "INVALID_PATH"])
    }).pipe(Effect.scoped)
  )

  it.effect("reads paths as the kernel does: no second spelling, no way around", () =>
    Effect.gen(function* () {
      const { gateway } = yield* served
      for (const path of [
        "/api/nodes/a%2Fb",
        "/api/nodes/a%5cb",
        "/api/nodes/a//b",
        "/api/nodes/a%00",
        "/api/nodes/a%ff",
        "/api/nodes/a%252fb",
        "/api/nodes/a%zz",
        `/api/nodes/${"x".repeat(9_000)}`,
        "/api/nodes/a:b",
        "/api/nodes/%D0%B0b"
      ]) {
        const { status } = yield* gateway.request(path)
        expect([path, status]).toEqual([path, 400])
      }
    }).pipe(Effect.scoped)
  )
})

describe("GET /api/describe", () => {
  it.effect("tells what a path is, to who may see it", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const described = yield* request("/api/describe?path=/a", { token })
      expect(described.json).toMatchObject({ kind: "node", node: { path: "/a" }, perms: ["READ", "EDIT"] })
      expect(code(yield* request("/api/describe?path=/a"))).toBe("NOT_FOUND")
      const callable = yield* request(`/api/describe?path=${encodeURIComponent(K.Node.get.path)}`, { token })
      expect(callable.json).toMatchObject({ kind: "callable", callable: { name: "get" } })
      expect(code(yield* request("/api/describe", { token }))).toBe("INVALID_PARAMS")
      expect(code(yield* request("/api/describe?path=/a&path=/b", { token }))).toBe("INVALID_PARAMS")
      expect(code(yield* request("/api/describe?path=..", { token }))).toBe("INVALID_PATH")
    }).pipe(Effect.scoped)
  )
})
