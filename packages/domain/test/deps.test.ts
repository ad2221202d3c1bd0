import { assert, describe, it } from "@effect/vitest"
import { defineDomain } from "@portico/domain"
import { defineSchema, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

const schema = defineSchema("deps.example.dev", {})
const env = Schema.Struct({
  API_KEY: Schema.RedactedFromValue(Schema.String),
  API_PORT: Schema.NumberFromString.check(Schema.isInt()),
  API_NAME: Schema.optionalKey(Schema.String)
})

describe("the deps of a domain", () => {
  it.effect("are made from its decoded environment", () =>
    Effect.gen(function* () {
      const domain = defineDomain({
        schema,
        env,
        deps: async ({ API_KEY, API_PORT }) => ({ key: Redacted.value(API_KEY), port: API_PORT })
      })
      const deps = yield* Effect.scoped(domain.makeDeps({ API_KEY: "k", API_PORT: "80", HOME: "/root" }))
      assert.deepStrictEqual(deps, { key: "k", port: 80 })
    })
  )

  it.effect("are refused with the name of every variable that is wrong, and no value", () =>
    Effect.gen(function* () {
      const domain = defineDomain({ schema, env, deps: () => ({}) })
      const error = yield* Effect.flip(Effect.scoped(domain.makeDeps({ API_PORT: "hunter2" })))
      assert.strictEqual(error.code, "UNAVAILABLE")
      assert.strictEqual(
        error.message,
        "deps.example.dev is not configured: API_KEY is missing, API_PORT is not what it should be."
      )
    })
  )

  it.effect("are released with the scope that they were made in", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const domain = defineDomain({
        schema,
        deps: () => Effect.acquireRelease(Effect.succeed("pool"), () => Effect.sync(() => order.push("released")))
      })
      yield* Effect.scoped(
        Effect.andThen(
          domain.makeDeps({}),
          Effect.sync(() => order.push("used"))
        )
      )
      assert.deepStrictEqual(order, ["used", "released"])
    })
  )

  it.effect("that cannot be made leave the domain unavailable, without saying why to callers", () =>
    Effect.gen(function* () {
      const broken = defineDomain({ schema, deps: () => Promise.reject(new Error("password=hunter2")) })
      const error = yield* Effect.flip(Effect.scoped(broken.makeDeps({})))
      assert.strictEqual(error.code, "UNAVAILABLE")
      assert.notInclude(JSON.stringify(error), "hunter2")
      const told = defineDomain({
        schema,
        deps: () => {
          throw PorticoError.make("TIMEOUT", "The mail server did not answer.")
        }
      })
      assert.strictEqual((yield* Effect.flip(Effect.scoped(told.makeDeps({})))).code, "TIMEOUT")
    })
  )
})
