import { describe, it } from "@effect/vitest"
import { FakeObservability, observabilityContract } from "../../src/testing.ts"

describe("the Observability that keeps everything in memory", () => {
  for (const { check, name } of observabilityContract(FakeObservability.layer)) it.effect(name, () => check)
})
