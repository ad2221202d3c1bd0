import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { start } from "./notes.ts"
import { closedOf, connect } from "./peer.ts"

describe("what a socket may not send", () => {
  const malformed: ReadonlyArray<readonly [string, string | Uint8Array<ArrayBuffer>, number]> = [
    ["is not JSON", "{", 4400],
    ["is no message", '"hello"', 4400],
    ["is null", "null", 4400],
    ["is of no kind that is known", '{"_tag":"Shout"}', 4400],
    ["has no id", '{"_tag":"Request","tag":"notes.whoami","headers":[]}', 4400],
    ["has an object for an id", '{"_tag":"Ack","requestId":{}}', 4400],
    ["has an endless id", JSON.stringify({ _tag: "Ack", requestId: "x".repeat(1_000) }), 4400],
    ["has one bad message in an array", '[{"_tag":"Ping"},{"_tag":"Shout"}]', 4400],
    ["expects no answer", '{"_tag":"Request","id":1,"tag":"notes.whoami","isNotification":true}', 4400],
    ["is binary", new Uint8Array([1, 2, 3]), 1003],
    ["is longer than the limit", JSON.stringify({ _tag: "Ping", more: "x".repeat(70_000) }), 1009]
  ]

  for (const [what, frame, code] of malformed) {
    it.live(`closes with ${code} for a frame that ${what}, and only this socket`, () =>
      Effect.gen(function* () {
        const instance = yield* start({ "gate.socketFrameLimit": 65_536 })
        const bad = yield* connect(instance, "ada")
        const good = yield* connect(instance, "ada")
        bad.raw(frame)
        expect(yield* closedOf(bad)).toMatchObject({ code })
        good.request(1, "notes.whoami")
        expect(yield* good.exitOf(1)).toEqual({ _tag: "Success", value: "Ada" })
      })
    )
  }

  it.live("fails the calls that run when it closes for a malformed frame", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "ada")
      peer.request(1, "notes.never")
      peer.raw("{")
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "INVALID_BODY" })
      expect(yield* closedOf(peer)).toMatchObject({ code: 4400 })
    })
  )

  it.live("does not let two calls that run have one id", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "ada")
      peer.request(1, "notes.never")
      peer.request(1, "notes.never")
      expect(yield* closedOf(peer)).toMatchObject({ code: 4400 })
    })
  )

  it.live("answers calls that are not known, not below a namespace, or not for the public", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "ada")
      for (const [id, tag] of ["notes.nothing", "nothing.here", "nothing", "constructor", "__proto__.x"].entries()) {
        peer.request(id, tag)
        expect(yield* peer.failureOf(id)).toMatchObject({ code: "NOT_FOUND" })
      }
      peer.request(9, "gateway.states", {})
      expect(yield* peer.failureOf(9)).toMatchObject({ code: "PERMISSION_DENIED" })
    })
  )

  it.live("answers params that do not fit with what is wrong with them", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start(), "ada")
      peer.request(1, "notes.add", { one: "1", other: 2 })
      expect(yield* peer.failureOf(1)).toMatchObject({
        code: "INVALID_PARAMS",
        message: expect.stringContaining("one")
      })
      peer.request(2, "notes.add")
      expect(yield* peer.failureOf(2)).toMatchObject({ code: "INVALID_PARAMS" })
      peer.request(3, "notes.add", { one: 1, other: 2 })
      expect(yield* peer.exitOf(3)).toEqual({ _tag: "Success", value: 3 })
    })
  )

  it.live("refuses more calls than may run, and takes others when one is cancelled", () =>
    Effect.gen(function* () {
      const peer = yield* connect(yield* start({ "gate.socketCalls": 2 }), "ada")
      for (const id of [1, 2, 3]) peer.request(id, "notes.never")
      expect(yield* peer.failureOf(3)).toMatchObject({ code: "RATE_LIMITED", details: { limit: 2 } })
      peer.interrupt(1)
      expect(yield* peer.exitOf(1)).toMatchObject({ _tag: "Failure", cause: [{ _tag: "Interrupt" }] })
      peer.request(4, "notes.whoami")
      expect(yield* peer.exitOf(4)).toEqual({ _tag: "Success", value: "Ada" })
    })
  )
})
