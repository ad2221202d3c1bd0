import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { GateError, Gateway, RequestLimits } from "../../src/index.ts"
import { GatewayTest } from "../../src/testing.ts"
import { NotesModule, start } from "../socket/notes.ts"
import { connect } from "../socket/peer.ts"
import { AuthModule, ShopModule } from "./product.ts"

/** Counts by name, and refuses what is beyond two. */
const LimitsModule = Gateway.module.define({
  id: "limits",
  displayName: "Limits",
  provides: [RequestLimits],
  layer: Layer.sync(RequestLimits, () => {
    const counts = new Map<string, number>()
    return {
      take: (caller, _request, calls) =>
        Effect.suspend(() => {
          const name = Option.match(caller, { onNone: () => "nobody", onSome: ({ name }) => name })
          const count = (counts.get(name) ?? 0) + calls
          if (count > 2)
            return Effect.fail(GateError.make("RATE_LIMITED", `${count} of 2`, { headers: { "retry-after": "7" } }))
          counts.set(name, count)
          return Effect.void
        })
    }
  })
})

describe("limits that a module provides", () => {
  it.effect("bound who asks, on routes where the caller is asked for and that are not internal", () =>
    Effect.gen(function* () {
      const product = Gateway.make({
        identity: { id: "shop", name: "Shop" },
        modules: [AuthModule, LimitsModule, ShopModule]
      })
      const { request } = yield* GatewayTest.make(product)
      const statuses = (path: string, token?: string) =>
        Effect.forEach([1, 2, 3], () =>
          Effect.map(request(path, token === undefined ? {} : { token }), ({ status }) => status)
        )
      expect(yield* statuses("/optional")).toEqual([200, 200, 429])
      expect(yield* statuses("/optional", "ada")).toEqual([200, 200, 429])
      const refused = yield* request("/required", { token: "ada" })
      expect(refused).toMatchObject({
        status: 429,
        headers: { "retry-after": "7" },
        json: { error: { code: "RATE_LIMITED", message: "3 of 2" } }
      })
      expect(yield* statuses("/files/x")).toEqual([200, 200, 200])
      expect(yield* statuses("/gateway/v1/internal/shop", "root")).toEqual([200, 200, 200])
      // Who may not use a route is told that, and not counted.
      expect(yield* statuses("/required")).toEqual([401, 401, 401])
    })
  )

  it.live("bound calls over a socket", () =>
    Effect.gen(function* () {
      const product = Gateway.make({
        identity: { id: "notes", name: "Notes" },
        modules: [AuthModule, LimitsModule, NotesModule]
      })
      const peer = yield* connect(yield* start({}, product), "ada")
      // The handshake was the first.
      peer.request(1, "notes.whoami")
      expect(yield* peer.exitOf(1)).toMatchObject({ _tag: "Success", value: "Ada" })
      peer.request(2, "notes.whoami")
      expect(yield* peer.failureOf(2)).toMatchObject({ code: "RATE_LIMITED", message: "3 of 2" })
    })
  )
})
