import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Uploads } from "../../src/internal/socket/Uploads.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("what a call over the socket reads", () => {
  it.effect("comes in pieces, each taken when there is room, and from whoever began it only", () =>
    Effect.gen(function* () {
      const uploads = new Uploads()
      const { id, input } = yield* uploads.begin("ada")
      for (const [owner, name] of [
        ["eve", id],
        ["ada", "another"]
      ] as const) {
        expect((yield* Effect.flip(uploads.push(owner, name, bytes("x")))).code).toBe("NOT_FOUND")
      }
      const sent: Array<string> = []
      const sending = Effect.gen(function* () {
        for (const text of ["a", "b", "c"]) {
          yield* uploads.push("ada", id, bytes(text))
          sent.push(text)
        }
        yield* uploads.push("ada", id, undefined)
      })
      const sender = yield* Effect.forkChild(sending, { startImmediately: true })
      expect(sent).toEqual(["a"])
      expect(yield* Stream.mkString(Stream.decodeText(input))).toBe("abc")
      yield* Fiber.join(sender)
      expect((yield* Effect.flip(uploads.push("ada", id, bytes("late")))).code).toBe("NOT_FOUND")
    }).pipe(Effect.scoped)
  )

  it.effect("is given up where the next piece does not come, and is nobody's after the call", () =>
    Effect.gen(function* () {
      const uploads = new Uploads()
      const id = yield* Effect.scoped(
        Effect.gen(function* () {
          const { id, input } = yield* uploads.begin("ada")
          yield* uploads.push("ada", id, bytes("a"))
          const reading = yield* Effect.forkChild(Effect.flip(Stream.runDrain(input)), { startImmediately: true })
          yield* TestClock.adjust("31 seconds")
          expect((yield* Fiber.join(reading)).code).toBe("TIMEOUT")
          return id
        })
      )
      expect((yield* Effect.flip(uploads.push("ada", id, bytes("b")))).code).toBe("NOT_FOUND")
    })
  )
})
