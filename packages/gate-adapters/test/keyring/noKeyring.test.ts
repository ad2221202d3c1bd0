import { describe, expect, it } from "@effect/vitest"
import { Gateway } from "@portico/gate"
import { GatewayTest } from "@portico/gate/testing"
import { KeyringModule } from "@portico/gate-adapters/keyring"
import { Effect } from "effect"
import { vi } from "vitest"

// A machine without a keyring.
vi.mock("@napi-rs/keyring", () => ({
  AsyncEntry: class {
    constructor() {
      throw new Error("no Secret Service answers")
    }
  },
  findCredentialsAsync: () => Promise.resolve([])
}))

describe("a product with the keyring's module where there is no keyring", () => {
  it.effect("does not start, and says why", () =>
    Effect.gen(function* () {
      const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [KeyringModule] })
      const error = String(yield* Effect.flip(GatewayTest.make(product)))
      expect(error).toContain("No keyring can be used here.")
      expect(error).toContain("no Secret Service answers")
    })
  )
})
