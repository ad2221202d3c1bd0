import { describe, expect, it } from "@effect/vitest"
import { type Change, type Fetch, PorticoClient } from "@portico/client"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

const change = (seq: number, part: number) => ({ seq, part, op: "update", at: 0, actor: null, rev: seq })
const item = (seq: number, part: number) => `{"item":${JSON.stringify(change(seq, part))}}\n`
const lines = (...text: ReadonlyArray<string>) => new Response(text.join(""))

/** An instance whose connections give these answers, one after the other. */
const instance = (...answers: ReadonlyArray<() => Response>) => {
  const asked: Array<readonly [url: string, last: string | null]> = []
  const fetch: Fetch = async (url, init) => {
    const answer = answers[asked.length]
    asked.push([url.slice("http://portico.test".length), new Headers(init.headers).get("last-event-id")])
    if (answer === undefined) throw new Error("refused")
    return answer()
  }
  return { asked, client: PorticoClient.make({ url: "http://portico.test", fetch }) }
}

const expired = '{"error":{"code":"CHANGES_EXPIRED","message":"gone","details":{"seq":9}}}\n'

describe("client.changes", () => {
  it.effect("goes on behind the last change that arrived, whichever way the connection was lost", () =>
    Effect.gen(function* () {
      const { asked, client } = instance(
        () => lines("\n", item(3, 0), item(3, 1)),
        () => lines(item(4, 0), '{"item":{"se'),
        () => new Response("starting", { status: 503 }),
        () => lines(item(5, 0), expired)
      )
      const seen: Array<Change> = []
      const watching = yield* Effect.forkChild(
        Effect.flip(
          Stream.runForEach(client.effect.changes({ since: 2, under: "/a" }), (each) =>
            Effect.sync(() => seen.push(each))
          )
        )
      )
      for (let tries = 0; tries < 4; tries++) {
        yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* TestClock.adjust("10 seconds")
      }
      expect((yield* Fiber.join(watching)).code).toBe("CHANGES_EXPIRED")
      expect(seen.map(({ part, seq }) => [seq, part])).toEqual([
        [3, 0],
        [3, 1],
        [4, 0],
        [5, 0]
      ])
      const path = "/api/changes?since=2&under=%2Fa"
      expect(asked).toEqual([
        [path, null],
        [path, "3.1"],
        [path, "4.0"],
        [path, "4.0"]
      ])
    })
  )

  it("is a loop, which throws what refused it", async () => {
    const { client } = instance(() => lines(item(1, 0), expired))
    const seen: Array<number> = []
    const loop = async () => {
      for await (const { seq } of client.changes()) seen.push(seq)
    }
    await expect(loop()).rejects.toMatchObject({ code: "CHANGES_EXPIRED", details: { seq: 9 } })
    expect(seen).toEqual([1])
  })

  it("that misses its first connection says so rather than miss changes", async () => {
    const { asked, client } = instance()
    await expect(client.changes()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "UNAVAILABLE" })
    expect(asked).toHaveLength(1)
  })
})
