import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { revokedTokens, served } from "../support/http.ts"
import { call, create, grant, user } from "../support/kernel.ts"

const setUp = Effect.gen(function* () {
  const { gateway, kernel, provide } = yield* served
  const ada = yield* provide(
    Effect.gen(function* () {
      yield* create("/a")
      yield* create("/b")
      const ada = yield* user("ada")
      yield* grant(ada.path, "/a", 1)
      return ada
    })
  )
  const bearer = { authorization: `Bearer ${ada.id}` }
  /** Opens a response, and gives its text piece by piece as it comes. */
  const open = Effect.fnUntraced(function* (path: string, init: RequestInit = {}) {
    const response = yield* Effect.promise(() =>
      gateway.fetch(path, { ...init, headers: { ...bearer, ...init.headers } })
    )
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    yield* Effect.addFinalizer(() => Effect.promise(async () => reader?.cancel()))
    let text = ""
    /** Reads on until the text has what is looked for, or ends. */
    const until = (wanted: string) =>
      Effect.promise(async () => {
        while (!text.includes(wanted)) {
          const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
          if (done) return text
          text += value
        }
        const end = text.indexOf(wanted) + wanted.length
        const found = text.slice(0, end)
        text = text.slice(end)
        return found
      })
    return { response, until }
  })
  const watchCall = { method: "POST", body: JSON.stringify({ path: K.Node.changes.path }) }
  return { ...gateway, kernel, provide, ada, open, watchCall }
})

const json = { "content-type": "application/json" }

describe("GET /api/changes", () => {
  it.effect("sends an event per change, with an id that a lost connection goes on from", () =>
    Effect.gen(function* () {
      const { open, provide } = yield* setUp
      const { response, until } = yield* open("/api/changes?under=/a")
      expect([response.status, response.headers.get("content-type"), response.headers.get("cache-control")]).toEqual([
        200,
        "text/event-stream",
        "no-store"
      ])
      expect(yield* until("\n\n")).toBe(":\n\n")
      yield* provide(Effect.forEach(["/a/1", "/b/2", "/a/3"], (path) => create(path)))
      const first = yield* until("\n\n")
      const [, id, data] = /^id: (\d+\.\d+)\ndata: (.+)\n\n$/.exec(first) ?? []
      expect(JSON.parse(data ?? "")).toMatchObject({ op: "create", node: { path: "/a/1" } })
      expect(yield* until("\n\n")).toContain('"path":"/a/3"')

      const again = yield* open("/api/changes?under=/a&since=1", { headers: { "last-event-id": id ?? "" } })
      expect(yield* again.until('"path":"/a/3"')).not.toContain("/a/1")
    }).pipe(Effect.scoped)
  )

  it.effect("shows that it lives by comments, and asks each time whether the credential still holds", () =>
    Effect.gen(function* () {
      const { ada, open, provide } = yield* setUp
      const { until } = yield* open("/api/changes")
      yield* until(":\n\n")
      yield* TestClock.adjust("5 seconds")
      expect(yield* until("\n\n")).toBe(":\n\n")
      revokedTokens.add(ada.id)
      yield* TestClock.adjust("5 seconds")
      expect(yield* until("never")).toMatch(/^event: error\ndata: \{"code":"UNAUTHENTICATED".*\}\n\n$/)
      // And what happens sooner than the next heartbeat is not told, either.
      revokedTokens.clear()
      const other = yield* open("/api/changes")
      yield* other.until(":\n\n")
      revokedTokens.add(ada.id)
      yield* provide(create("/a/late"))
      expect(yield* other.until("never")).toMatch(/^event: error\ndata: \{"code":"UNAUTHENTICATED".*\}\n\n$/)
      revokedTokens.clear()
    }).pipe(Effect.scoped)
  )

  it.effect("ends when its caller is deleted", () =>
    Effect.gen(function* () {
      const { ada, open, provide } = yield* setUp
      const { until } = yield* open("/api/changes")
      yield* until(":\n\n")
      yield* provide(call(`${ada.path}::delete`))
      expect(yield* until("never")).toMatch(/^event: error\ndata: \{"code":"PERMISSION_DENIED"/)
    }).pipe(Effect.scoped)
  )

  it.effect("refuses before it streams: without a credential, from no commit, or from one that is not kept", () =>
    Effect.gen(function* () {
      const { ada, request } = yield* setUp
      const code = (path: string, token?: string) =>
        Effect.map(request(path, token === undefined ? {} : { token }), ({ json, status }) => [
          status,
          (json as { error: { code: string } }).error.code
        ])
      expect(yield* code("/api/changes")).toEqual([401, "UNAUTHENTICATED"])
      expect(yield* code("/api/changes?since=x", ada.id)).toEqual([400, "INVALID_PARAMS"])
      expect(yield* code("/api/changes?since=-1", ada.id)).toEqual([400, "INVALID_PARAMS"])
      expect(yield* code("/api/changes?clas=x", ada.id)).toEqual([400, "INVALID_PARAMS"])
      expect(yield* code("/api/changes?since=0", ada.id)).toEqual([410, "CHANGES_EXPIRED"])
      expect(yield* code("/api/changes?under=/b", ada.id)).toEqual([404, "NOT_FOUND"])
      expect(yield* code("/api/changes?class=x.example.dev:class.X", ada.id)).toEqual([404, "CLASS_NOT_FOUND"])
    }).pipe(Effect.scoped)
  )
})

describe("POST /api/call of a stream", () => {
  it.effect("answers with lines, or with events where the client accepts them", () =>
    Effect.gen(function* () {
      const { open, provide, watchCall } = yield* setUp
      const lines = yield* open("/api/call", { ...watchCall, headers: json })
      const events = yield* open("/api/call", { ...watchCall, headers: { ...json, accept: "text/event-stream" } })
      expect(lines.response.headers.get("content-type")).toBe("application/x-ndjson")
      expect(events.response.headers.get("content-type")).toBe("text/event-stream")
      yield* provide(create("/a/1"))
      const line = (yield* lines.until("}}\n")).trim()
      expect(JSON.parse(line)).toMatchObject({ item: { op: "create", node: { path: "/a/1" } } })
      expect(yield* events.until("}\n\n")).toContain("data: {")
    }).pipe(Effect.scoped)
  )

  it.effect("is not served in a batch", () =>
    Effect.gen(function* () {
      const { ada, request } = yield* setUp
      const answer = yield* request("/api/batch", { json: { calls: [{ path: K.Node.changes.path }] }, token: ada.id })
      expect(answer.json).toMatchObject({ results: [{ error: { code: "INVALID_PARAMS" } }] })
    }).pipe(Effect.scoped)
  )
})
