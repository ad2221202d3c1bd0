import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { start } from "./notes.ts"
import { closedOf, connect, type Peer } from "./peer.ts"

const idle = 60_000

/** Whether the server answers, which also means that it has heard of everything before. */
const isAlive = (peer: Peer, id: number) =>
  Effect.sync(() => peer.request(id, "notes.whoami")).pipe(Effect.andThen(peer.exitOf(id)))

describe("a socket that says nothing", () => {
  it.effect("is closed after a time, and what it still runs is ended", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "ada")
      peer.request(1, "notes.never")
      yield* isAlive(peer, 2)
      yield* TestClock.adjust(idle)
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "TIMEOUT" })
      expect(yield* closedOf(peer)).toMatchObject({ code: 4408 })
    })
  )

  it.effect("is asked for a sign of life, and lives by its answer", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "ada")
      peer.request(1, "gateway.session")
      expect((yield* peer.next).values).toMatchObject([{ _tag: "Opened", expiresAt: null }])
      peer.ack(1)
      for (let round = 0; round < 5; round++) {
        yield* isAlive(peer, 10 + round)
        yield* TestClock.adjust(idle / 2)
        expect((yield* peer.next).values).toMatchObject([{ _tag: "Heartbeat" }])
        peer.ack(1)
      }
      yield* isAlive(peer, 3)
      yield* TestClock.adjust(idle)
      expect(yield* closedOf(peer)).toMatchObject({ code: 4408 })
    })
  )

  it.effect("lives by pings as well", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "ada")
      for (let round = 0; round < 5; round++) {
        peer.raw('{"_tag":"Ping"}')
        expect(yield* peer.next).toEqual({ _tag: "Pong" })
        yield* TestClock.adjust(idle * 0.9)
      }
      yield* isAlive(peer, 1)
    })
  )
})
