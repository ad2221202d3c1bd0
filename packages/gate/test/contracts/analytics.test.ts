import { describe, expect, it } from "@effect/vitest"
import { intervalStart, intervalStarts } from "../../src/contracts.ts"
import { analyticsContract, FakeAnalytics } from "../../src/testing.ts"

describe("the Analytics that keeps everything in memory", () => {
  for (const { check, name } of analyticsContract(FakeAnalytics.layer)) it.effect(name, () => check)
})

describe("an interval", () => {
  it("of a week begins on Monday, in UTC", () => {
    for (const day of [5, 8, 11]) {
      expect(intervalStart("week", Date.UTC(2026, 0, day, 23))).toBe(Date.UTC(2026, 0, 5))
    }
    expect(intervalStart("week", Date.UTC(2026, 0, 4, 23))).toBe(Date.UTC(2025, 11, 29))
    expect(intervalStart("week", 0)).toBe(Date.UTC(1969, 11, 29))
  })

  it("is there if a window touches it, and not if the window only ends where it begins", () => {
    const at = Date.UTC(2026, 0, 5)
    expect(intervalStarts("day", { from: at + 1, to: at + 86_400_001 })).toEqual([at, at + 86_400_000])
    expect(intervalStarts("day", { from: at, to: at + 86_400_000 })).toEqual([at])
  })
})
