import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { Gateway, ModuleSettings } from "../../src/index.ts"

const Config = Schema.Struct({ size: Schema.Int })

describe("Gateway.config", () => {
  it.effect("gives a module its own settings", () =>
    Effect.gen(function* () {
      const { size } = yield* Gateway.config(Config)
      expect(size).toBe(3)
    }).pipe(Effect.provideService(ModuleSettings, { module: "crm", schema: Config, value: { size: 3 } }))
  )

  it.effect("another schema than the module's is a defect that says so", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(Gateway.config(Schema.Struct({ size: Schema.Int })))
      expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain(
        'Module "crm" reads settings with a schema that is not its `config`.'
      )
    }).pipe(Effect.provideService(ModuleSettings, { module: "crm", schema: Config, value: { size: 3 } }))
  )
})
