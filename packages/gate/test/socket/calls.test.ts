import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { notesClient } from "./client.ts"
import { start } from "./notes.ts"

describe("calls over the socket", () => {
  it.live("are answered as the caller of the socket's token", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const ada = yield* notesClient(instance, "ada")
      const root = yield* notesClient(instance, "root")
      const names = Effect.all([ada["notes.whoami"](), root["notes.whoami"](), ada["notes.whoami"]()], {
        concurrency: "unbounded"
      })
      expect(yield* names).toEqual(["Ada", "Root", "Ada"])
    })
  )

  it.live("stream their results, many at once on one connection", () =>
    Effect.gen(function* () {
      const client = yield* notesClient(yield* start(), "ada")
      const totals = yield* Effect.forEach(
        [1, 10, 1_000],
        (to) =>
          Stream.runFold(
            client["notes.count"]({ to }),
            () => 0,
            (sum, n) => sum + n
          ),
        { concurrency: "unbounded" }
      )
      expect(totals).toEqual([1, 55, 500_500])
    })
  )

  it.live("fail without telling more than a request id when something breaks", () =>
    Effect.gen(function* () {
      const client = yield* notesClient(yield* start(), "ada")
      const failure = yield* Effect.flip(client["notes.broken"]())
      expect(failure).toMatchObject({ _tag: "SocketFailure", code: "INTERNAL" })
      expect(JSON.stringify(failure)).not.toContain("hunter2")
      // Everything else on the connection goes on.
      expect(yield* client["notes.add"]({ one: 1, other: 2 })).toBe(3)
    })
  )
})
