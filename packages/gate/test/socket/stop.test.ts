import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { start } from "./notes.ts"
import { closedOf, connect } from "./peer.ts"

describe("a stop, with sockets open", () => {
  it.effect("tells them, lets what runs end, takes nothing new, and closes them when they are done", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const peer = yield* connect(instance, "ada")
      peer.request(1, "gateway.session")
      expect((yield* peer.next).values).toMatchObject([{ _tag: "Opened" }])
      peer.ack(1)
      peer.request(2, "notes.count", { to: 3 })
      expect((yield* peer.next).values).toEqual([1, 2, 3])
      const stop = yield* Effect.forkChild(instance.stop, { startImmediately: true })
      expect((yield* peer.next).values).toEqual([{ _tag: "Draining", millis: 10_000 }])
      peer.request(3, "notes.whoami")
      expect(yield* peer.failureOf(3)).toMatchObject({ code: "UNAVAILABLE" })
      peer.ack(2)
      expect(yield* peer.exitOf(2)).toMatchObject({ _tag: "Success" })
      expect(yield* closedOf(peer)).toMatchObject({ code: 1001 })
      yield* Fiber.join(stop)
    })
  )

  it.effect("cuts what does not end by the deadline, and says so", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const peer = yield* connect(instance, "ada")
      peer.request(1, "notes.never")
      peer.request(2, "notes.whoami")
      yield* peer.exitOf(2)
      const stop = yield* Effect.forkChild(instance.stop, { startImmediately: true })
      yield* TestClock.adjust(10_000)
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "UNAVAILABLE" })
      expect(yield* closedOf(peer)).toMatchObject({ code: 1001 })
      yield* TestClock.adjust(1_000)
      yield* Fiber.join(stop)
    })
  )

  it.effect("ends idle sockets and subscriptions at once", () =>
    Effect.gen(function* () {
      const instance = yield* start()
      const idle = yield* connect(instance, "ada")
      const watching = yield* connect(instance, "ada")
      watching.request(1, "notes.watch", { size: 1 })
      expect((yield* watching.next).values).toMatchObject([{ position: "1" }])
      const stop = yield* Effect.forkChild(instance.stop, { startImmediately: true })
      expect(yield* watching.failureOf(1)).toMatchObject({ code: "UNAVAILABLE", details: { resume: "1" } })
      expect(yield* closedOf(idle)).toMatchObject({ code: 1001 })
      expect(yield* closedOf(watching)).toMatchObject({ code: 1001 })
      yield* Fiber.join(stop)
    })
  )
})
