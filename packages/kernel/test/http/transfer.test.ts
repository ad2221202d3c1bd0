import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { served } from "../support/http.ts"
import { create, get, grant, user } from "../support/kernel.ts"

const setUp = Effect.gen(function* () {
  const { gateway, provide } = yield* served
  const ada = yield* provide(
    Effect.gen(function* () {
      yield* create("/a")
      const ada = yield* user("ada")
      yield* grant(ada.path, "/a", 3)
      return ada
    })
  )
  return { request: gateway.request, token: ada.id, provide }
})

const query = (path: string, params: object = {}) =>
  `/api/call?path=${encodeURIComponent(path)}&params=${encodeURIComponent(JSON.stringify(params))}`

const send = (body: string, type: string | undefined) => ({
  method: "POST" as const,
  body,
  ...(type === undefined ? {} : { headers: { "content-type": type } })
})

describe("files over HTTP", () => {
  it.effect("come as what they are, and go back as a body with the call in the query", () =>
    Effect.gen(function* () {
      const { provide, request, token } = yield* setUp
      const file = `{"path":"/a/x","class":"${K.Folder.ref}","props":{"name":"X"}}\n`
      const made = yield* request(query(K.Node.import.path), { ...send(file, "application/x-ndjson"), token })
      expect([made.status, made.json]).toMatchObject([
        200,
        { result: { nodes: { created: 1 } }, seq: expect.any(Number) }
      ])
      expect((yield* provide(get("/a/x"))).slug).toBe("x")
      const csv = yield* request(query(K.Node.import.path, { class: K.Folder.ref, under: "/a" }), {
        ...send("slug,name\ny,Y\n", "text/csv; charset=utf-8"),
        token
      })
      expect(csv.json).toMatchObject({ result: { nodes: { created: 1 } } })
      const lines = yield* request("/api/call", { json: { path: K.Node.export.path, params: { under: "/a" } }, token })
      expect([lines.status, lines.headers["content-type"]]).toEqual([200, "application/x-ndjson"])
      expect(lines.text.trim().split("\n")).toHaveLength(5)
      const table = yield* request("/api/call", {
        json: { path: K.Node.export.path, params: { class: K.Folder.ref, format: "csv" } },
        token
      })
      expect(table.headers["content-type"]).toContain("text/csv")
      expect(table.text.split("\r\n")).toHaveLength(5)
    }).pipe(Effect.scoped)
  )

  it.effect("are refused with the catalogue's errors, also those that begin with an answer", () =>
    Effect.gen(function* () {
      const { request, token } = yield* setUp
      const code = (response: { json: unknown; status: number }) => [
        response.status,
        (response.json as { error?: { code: string } }).error?.code
      ]
      const bad = yield* request(query(K.Node.import.path), { ...send("{", "application/x-ndjson"), token })
      expect(code(bad)).toEqual([400, "INVALID_BODY"])
      expect(bad.json).toMatchObject({ error: { details: { line: 1, imported: { transactions: 0 } } } })
      const path = query(K.Node.import.path)
      // What a form of another site could send, or nothing that says what it is.
      for (const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        undefined
      ]) {
        expect([type, ...code(yield* request(path, { ...send("{}", type), token }))]).toEqual([
          type,
          415,
          "UNSUPPORTED_MEDIA_TYPE"
        ])
      }
      for (const wrong of [
        `${path}&more=1`,
        `${path}&path=/x`,
        "/api/call?path=/a::get&params={",
        "/api/call?path=/a::get&params=1"
      ]) {
        expect([wrong, (yield* request(wrong, { ...send("{}", "text/csv"), token })).status]).toEqual([wrong, 400])
      }
      expect(code(yield* request("/api/call?path=/a::get", { ...send("", "text/csv"), token }))).toEqual([
        400,
        "INVALID_PARAMS"
      ])
      expect(code(yield* request(path, send("", "text/csv")))).toEqual([401, "UNAUTHENTICATED"])
      const hidden = { path: K.Node.export.path, params: { under: "/none" } }
      expect(code(yield* request("/api/call", { json: hidden, token }))).toEqual([404, "NOT_FOUND"])
    }).pipe(Effect.scoped)
  )
})
