import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { Authenticator, type Caller, Gateway } from "../../src/index.ts"
import { FakeAuthenticator } from "../../src/testing.ts"
import { NotesModule, start } from "./notes.ts"
import { closedOf, connect } from "./peer.ts"

const minute = 60_000

const callerUntil = (id: string, expiresAt?: number): Caller => ({
  id,
  kind: "User",
  name: id,
  operator: false,
  credential: { kind: "test", ...(expiresAt === undefined ? {} : { expiresAt }) }
})

/** Ada has tokens for five minutes, for ten and for ever; Eve has one. */
const known = Effect.gen(function* () {
  const { revoke, service } = FakeAuthenticator.make({
    five: callerUntil("ada", 5 * minute),
    ten: callerUntil("ada", 10 * minute),
    ever: callerUntil("ada"),
    eve: callerUntil("eve")
  })
  const AuthModule = Gateway.module.define({
    id: "auth",
    displayName: "Auth",
    provides: [Authenticator],
    layer: Layer.succeed(Authenticator, service)
  })
  const product = Gateway.make({ identity: { id: "notes", name: "Notes" }, modules: [AuthModule, NotesModule] })
  return { instance: yield* start({ "gate.socketIdleTimeout": "1 hour" }, product), revoke }
})

describe("the credential of a socket", () => {
  it.effect("ends it when it expires, and tells the calls that run why", () =>
    Effect.gen(function* () {
      const { instance } = yield* known
      const peer = yield* connect(instance, "five")
      peer.request(1, "notes.never")
      peer.request(2, "notes.whoami")
      expect(yield* peer.exitOf(2)).toEqual({ _tag: "Success", value: "ada" })
      yield* TestClock.adjust(5 * minute)
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "UNAUTHENTICATED" })
      expect(yield* closedOf(peer)).toMatchObject({ code: 4401 })
    })
  )

  it.effect("can be renewed by another of the same identity, on the same connection", () =>
    Effect.gen(function* () {
      const { instance } = yield* known
      const peer = yield* connect(instance, "five")
      peer.request(1, "notes.never")
      peer.request(2, "gateway.renew", { token: "ten" })
      expect(yield* peer.exitOf(2)).toEqual({ _tag: "Success", value: { expiresAt: 10 * minute } })
      yield* TestClock.adjust(9 * minute)
      peer.request(3, "notes.whoami")
      expect(yield* peer.exitOf(3)).toEqual({ _tag: "Success", value: "ada" })
      yield* TestClock.adjust(minute)
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "UNAUTHENTICATED" })
    })
  )

  it.effect("is not renewed by somebody else's, nor by one that is not known", () =>
    Effect.gen(function* () {
      const { instance } = yield* known
      const peer = yield* connect(instance, "five")
      peer.request(1, "gateway.renew", { token: "eve" })
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "PERMISSION_DENIED" })
      peer.request(2, "gateway.renew", { token: "nobody" })
      expect(yield* peer.failureOf(2)).toMatchObject({ code: "UNAUTHENTICATED" })
      peer.request(3, "notes.whoami")
      expect(yield* peer.exitOf(3)).toEqual({ _tag: "Success", value: "ada" })
      yield* TestClock.adjust(5 * minute)
      expect(yield* closedOf(peer)).toMatchObject({ code: 4401 })
    })
  )

  it.effect("is refused at the next call once it is revoked", () =>
    Effect.gen(function* () {
      const { instance, revoke } = yield* known
      const peer = yield* connect(instance, "ever")
      const eve = yield* connect(instance, "eve")
      peer.request(1, "notes.never")
      revoke("ever")
      peer.request(2, "notes.whoami")
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "UNAUTHENTICATED" })
      expect(yield* closedOf(peer)).toMatchObject({ code: 4401 })
      eve.request(1, "notes.whoami")
      expect(yield* eve.exitOf(1)).toEqual({ _tag: "Success", value: "eve" })
    })
  )

  it.effect("ends what runs within a minute once it is revoked", () =>
    Effect.gen(function* () {
      const { instance, revoke } = yield* known
      const peer = yield* connect(instance, "ever")
      peer.request(1, "notes.never")
      peer.request(2, "notes.whoami")
      yield* peer.exitOf(2)
      revoke("ever")
      yield* TestClock.adjust(minute)
      expect(yield* peer.failureOf(1)).toMatchObject({ code: "UNAUTHENTICATED" })
    })
  )
})
