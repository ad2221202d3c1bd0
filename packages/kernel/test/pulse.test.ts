import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Pulse } from "../src/internal/store/Pulse.ts"

it.effect("whoever waits for a beat that came between their look and their waiting does not wait", () =>
  Effect.gen(function* () {
    const pulse = new Pulse()
    const { count } = pulse
    pulse.beat()
    yield* pulse.after(count)
    expect(pulse.isAwaited).toBe(false)
    const waiting = yield* Effect.forkChild(pulse.after(pulse.count), { startImmediately: true })
    expect(pulse.isAwaited).toBe(true)
    pulse.beat()
    yield* Effect.yieldNow
    expect([waiting.pollUnsafe() === undefined, pulse.isAwaited]).toEqual([false, false])
  })
)
