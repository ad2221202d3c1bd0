import { describe, expect, it } from "@effect/vitest"
import { Throttle } from "../src/internal/throttle.ts"

const rule = { free: 3, base: 1_000, max: 8_000 }

describe("a throttle", () => {
  it("lets the first failures pass, then doubles the wait up to a maximum", () => {
    const throttle = new Throttle(rule)
    const waits = Array.from({ length: 9 }, () => {
      throttle.fail("k", 0)
      return throttle.wait("k", 0)
    })
    expect(waits).toEqual([0, 0, 0, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
    expect(throttle.wait("other", 0)).toBe(0)
  })

  it("counts the wait down, and forgets a key that was quiet for long enough", () => {
    const throttle = new Throttle(rule)
    for (let i = 0; i < 5; i++) throttle.fail("k", 0)
    expect(throttle.wait("k", 500)).toBe(1_500)
    expect(throttle.wait("k", 2_000)).toBe(0)
    throttle.fail("k", 8_000)
    expect(throttle.wait("k", 8_000)).toBe(0)
  })

  it("starts afresh after a success, or takes one failure back", () => {
    const throttle = new Throttle(rule)
    for (let i = 0; i < 3; i++) throttle.fail("k", 0)
    throttle.refund("k")
    throttle.fail("k", 0)
    expect(throttle.wait("k", 0)).toBe(0)
    throttle.forget("k")
    for (let i = 0; i < 3; i++) throttle.fail("k", 0)
    expect(throttle.wait("k", 0)).toBe(0)
  })

  it("remembers a bounded number of keys", () => {
    const throttle = new Throttle({ free: 0, base: 1_000, max: 8_000 }, 2)
    for (const key of ["a", "b", "c"]) throttle.fail(key, 0)
    expect(["a", "b", "c"].map((key) => throttle.wait(key, 0))).toEqual([0, 1_000, 1_000])
  })
})
