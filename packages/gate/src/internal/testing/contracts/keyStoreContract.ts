import assert from "node:assert/strict"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { KeyStore, KeyStoreError, type KeyStoreService } from "../../../contracts/KeyStore.ts"
import { type ContractCheck, makeSuite } from "./ContractCheck.ts"

const badNames = [
  "",
  ".",
  "..",
  ".hidden",
  "../up",
  "a/b",
  "a\\b",
  "UPPER",
  "sp ace",
  "nul\0",
  "é",
  "-x",
  "x".repeat(101)
]

/**
 * What every provider of `KeyStore` must do, as checks for any test runner. `layer` gives an empty store each time it is
 * built.
 *
 * @example
 * ```ts no-run
 * import { it } from "@effect/vitest"
 * import { FakeKeyStore, keyStoreContract } from "@portico/gate/testing"
 *
 * for (const { check, name } of keyStoreContract(FakeKeyStore.layer)) it.effect(name, () => check)
 * ```
 */
export const keyStoreContract = <E>(layer: Layer.Layer<KeyStore, E>): ReadonlyArray<ContractCheck> => {
  const { checks, test } = makeSuite(KeyStore, layer)
  const read = (keys: KeyStoreService, name: string) =>
    Effect.map(keys.get(name), (found) => Option.getOrUndefined(Option.map(found, Redacted.value)))

  test("a secret that was put is there, as it was", (keys) =>
    Effect.gen(function* () {
      const secrets = { plain: "abc", "with.dots_and-dashes": " spaces \n and lines \r\n", "7": "", wide: "ключ 🔑" }
      for (const [name, secret] of Object.entries(secrets)) yield* keys.put(name, Redacted.make(secret))
      for (const [name, secret] of Object.entries(secrets)) assert.equal(yield* read(keys, name), secret)
      assert.deepEqual(yield* keys.list, Object.keys(secrets).sort())
    }))

  test("a name that nothing was put under has nothing", (keys) =>
    Effect.gen(function* () {
      assert.equal(yield* read(keys, "nothing"), undefined)
      assert.equal(yield* keys.delete("nothing"), false)
      assert.deepEqual(yield* keys.list, [])
    }))

  test("a secret takes the place of the one before", (keys) =>
    Effect.gen(function* () {
      yield* keys.put("key", Redacted.make("the longer first one"))
      yield* keys.put("key", Redacted.make("second"))
      assert.equal(yield* read(keys, "key"), "second")
      assert.deepEqual(yield* keys.list, ["key"])
    }))

  test("a deleted secret is gone, and no other", (keys) =>
    Effect.gen(function* () {
      yield* keys.put("one", Redacted.make("1"))
      yield* keys.put("two", Redacted.make("2"))
      assert.equal(yield* keys.delete("one"), true)
      assert.equal(yield* read(keys, "one"), undefined)
      assert.deepEqual(yield* keys.list, ["two"])
    }))

  test("of secrets that are put under one name at once one is there whole", (keys) =>
    Effect.gen(function* () {
      const secrets = Array.from({ length: 20 }, (_, index) => String(index).repeat(5_000))
      yield* Effect.forEach(secrets, (secret) => keys.put("key", Redacted.make(secret)), { concurrency: "unbounded" })
      assert.ok(secrets.includes((yield* read(keys, "key")) ?? "nothing"))
      assert.deepEqual(yield* keys.list, ["key"])
    }))

  test("a name that could be taken for something else is refused, whatever is done with it", (keys) =>
    Effect.gen(function* () {
      for (const name of badNames) {
        for (const work of [keys.get(name), keys.put(name, Redacted.make("s3cr3t")), keys.delete(name)]) {
          const error = yield* Effect.flip<unknown, KeyStoreError, never>(work)
          assert.ok(error instanceof KeyStoreError)
          assert.deepEqual([error.reason, error.code, error.status], ["InvalidName", "INVALID_PARAMS", 400])
          assert.ok(!error.message.includes("s3cr3t"))
        }
      }
      assert.deepEqual(yield* keys.list, [])
    }))

  return checks
}
