import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { Gateway, type Module } from "../../src/index.ts"
import { GatewayTest } from "../../src/testing.ts"
import { route } from "../support/planning.ts"

const productOf = (...modules: ReadonlyArray<Module.Any>) =>
  Gateway.make({ identity: { id: "test", name: "Test" }, modules })

describe("a stop that takes its time", () => {
  it.effect("is unready at once, and takes requests until the delay that was set is over", () =>
    Effect.gen(function* () {
      const Web = Gateway.module.define({
        id: "web",
        displayName: "Web",
        routes: [route("/web")]
      })
      const gateway = yield* GatewayTest.make(productOf(Web), { config: { "gate.shutdownDelay": 3_000 } })
      const stop = yield* Effect.forkChild(gateway.instance.stop, { startImmediately: true })
      const ready = yield* gateway.request("/readyz")
      expect(ready.status).toBe(503)
      expect((yield* gateway.request("/healthz")).status).toBe(200)
      yield* TestClock.adjust("2900 millis")
      const answer = yield* gateway.request("/web")
      expect([answer.status, answer.headers.connection]).toEqual([204, undefined])
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(stop)
      expect((yield* gateway.states).map(({ status }) => status)).toEqual(["stopped"])
    })
  )

  it.effect("is over when its deadline is, whatever modules do", () =>
    Effect.gen(function* () {
      const clinging = (id: string, after: ReadonlyArray<string> = []) =>
        Gateway.module.define({
          id,
          displayName: id,
          after,
          layer: Layer.effectDiscard(Effect.addFinalizer(() => Effect.never))
        })
      const chain = productOf(clinging("a"), clinging("b", ["a"]), clinging("c", ["b"]))
      const gateway = yield* GatewayTest.make(chain, { config: { "gate.stopDeadline": 12_000 } })
      const stop = yield* Effect.forkChild(gateway.instance.stop, { startImmediately: true })
      yield* TestClock.adjust("11900 millis")
      expect(stop.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(stop)
      expect(gateway.log.map(({ message }) => message)).toEqual([
        'Module "c" did not stop within 5000 ms; it is left behind.',
        'Module "b" did not stop within 5000 ms; it is left behind.',
        "The stop did not end within 12000 ms. Not released: a."
      ])
    })
  )
})
