import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { integrity, violations } from "../support/integrity.ts"
import { onKernel } from "../support/kernel.ts"
import { livelyStore } from "../support/livelyStore.ts"

describe("a check of the store", () => {
  it.effect(
    "finds nothing wrong with what the operations themselves have written",
    () =>
      onKernel(
        Effect.gen(function* () {
          expect(yield* violations).toEqual([])
          yield* livelyStore
          const report = yield* integrity
          expect(report.violations).toEqual([])
          expect(report).toMatchObject({ more: false })
          expect(report.nodes).toBeGreaterThan(100)
          expect(report.edges).toBeGreaterThan(100)
          expect(report.changes).toBeGreaterThan(20)
          yield* TestClock.adjust("31 days")
          expect(yield* violations).toEqual([])
        })
      ),
    60_000
  )
})
