import { describe, expect, it } from "@effect/vitest"
import { makeIds } from "../src/internal/store/ids.ts"

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const noise = (bytes: Uint8Array<ArrayBuffer>) => {
  crypto.getRandomValues(bytes)
}

describe("ids", () => {
  it("abuse 56: are UUIDv7s of the clock, each after the one before, also when the clock stalls or steps back", () => {
    const times = [5_000_000_000, 5_000_000_000, 4_000_000_000, 5_000_000_001, 6_000_000_000]
    let at = 0
    const { next } = makeIds(() => times[Math.floor(at++ / 3_000)] ?? 7_000_000_000, noise)
    const ids = Array.from({ length: 20_000 }, next)
    for (const id of ids) expect(id).toMatch(uuidV7)
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    expect(Number.parseInt((ids[0] ?? "").replace("-", "").slice(0, 12), 16)).toBe(5_000_000_000)
  })

  it("abuse 56: come after those of an earlier process, even if the clock went back meanwhile", () => {
    const before = makeIds(() => 9_000_000_000, noise).next()
    for (const now of [0, 8_999_999_999, 9_000_000_000]) {
      const { next } = makeIds(() => now, noise, before)
      const ids = Array.from({ length: 100 }, next)
      expect([before, ...ids].sort()).toEqual([before, ...ids])
    }
  })

  it("go on in the next millisecond when the counter of one is used up", () => {
    const ones = (bytes: Uint8Array<ArrayBuffer>) => {
      bytes.fill(255)
    }
    const after = "00000000-0001-7fff-bfff-ffffffffffff"
    expect(makeIds(() => 1, ones, after).next() > after).toBe(true)
  })
})
