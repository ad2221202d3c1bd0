import { describe, expect, it } from "@effect/vitest"
import { type Fetch, PorticoClient } from "@portico/client"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** An instance with one answer, and what it was sent. */
const instance = (answer: () => Response) => {
  const asked: Array<{ readonly url: URL; readonly body: string; readonly type: string | null }> = []
  const fetch: Fetch = async (url, init) => {
    const body = init.body instanceof ReadableStream ? await new Response(init.body).text() : String(init.body)
    asked.push({ url: new URL(url), body, type: new Headers(init.headers).get("content-type") })
    return answer()
  }
  return { asked, client: PorticoClient.make({ url: "http://portico.test", fetch }) }
}

const lines = (text: string) => new Response(text, { headers: { "content-type": "application/x-ndjson" } })
const path = "/a::items"

describe("client.stream", () => {
  it.effect("gives items until the last line, and fails where there is none", () =>
    Effect.gen(function* () {
      const { client } = instance(() => lines('\n{"item":1}\n\n{"item":null}\n{"end":true}\n'))
      expect(yield* Stream.runCollect(client.effect.stream(path))).toEqual([1, null])
      const cut = instance(() => lines('{"item":1}\n')).client
      expect(yield* Effect.flip(Stream.runCollect(cut.effect.stream(path)))).toMatchObject({ code: "UNAVAILABLE" })
      const failed = instance(() =>
        lines('{"item":1}\n{"error":{"code":"CONSTRAINT_VIOLATED","message":"no"}}\n')
      ).client
      expect(yield* Effect.flip(Stream.runCollect(failed.effect.stream(path)))).toMatchObject({
        code: "CONSTRAINT_VIOLATED"
      })
      const value = instance(() => Response.json({ result: 1, seq: 1 })).client
      expect(yield* Effect.flip(Stream.runCollect(value.effect.stream(path)))).toMatchObject({
        code: "INVALID_PARAMS"
      })
    })
  )
})

describe("client.export and client.import", () => {
  it.effect("carry files both ways", () =>
    Effect.gen(function* () {
      const out = instance(() => lines("file\n"))
      expect(yield* Stream.mkString(Stream.decodeText(out.client.effect.export({ under: "/a", format: "csv" })))).toBe(
        "file\n"
      )
      expect(JSON.parse(out.asked[0]?.body ?? "")).toEqual({
        path: "/:kernel.portico.dev:interface.Node:export",
        params: { under: "/a", format: "csv" }
      })
      const back = instance(() => Response.json({ result: { rows: 1 }, seq: 1 }))
      const pieces = async function* () {
        yield Buffer.from("a,")
        yield Buffer.from("b\n")
      }
      const imported = yield* Effect.promise(() => back.client.import(pieces(), { format: "csv", class: "x:class.Y" }))
      expect(imported).toEqual({ rows: 1 })
      const [sent] = back.asked
      expect([sent?.body, sent?.type, sent?.url.searchParams.get("path")]).toEqual([
        "a,b\n",
        "text/csv",
        "/:kernel.portico.dev:interface.Node:import"
      ])
      expect(JSON.parse(sent?.url.searchParams.get("params") ?? "")).toEqual({ format: "csv", class: "x:class.Y" })
    })
  )

  it("rejects with what the instance says", async () => {
    const error = { code: "PATH_CONFLICT", message: "line 2: /a exists", details: { line: 2 } }
    const { client } = instance(() => Response.json({ error }, { status: 409 }))
    await expect(client.import("{}\n")).rejects.toMatchObject(error)
    await expect(client.import("{}\n", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "CANCELLED" })
  })
})
