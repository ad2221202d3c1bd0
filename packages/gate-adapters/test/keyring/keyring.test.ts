import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import { KeyStore } from "@portico/gate/contracts"
import { keyStoreContract } from "@portico/gate/testing"
import { describeWhere } from "@portico/test-support/need"
import { Effect, Layer, Redacted } from "effect"
import { onKeyring } from "../../src/keyring/internal/Keyring.ts"
import { memoryKeyring } from "./memoryKeyring.ts"
import { runWithSecretService } from "./secretService.ts"

const inMemory = Layer.effect(
  KeyStore,
  Effect.suspend(() => onKeyring(memoryKeyring().keyring))
)

const printed = await runWithSecretService(fileURLToPath(new URL("fixtures/suite.ts", import.meta.url)))

describeWhere("keyring", printed !== undefined)("a KeyStore in GNOME Keyring", () => {
  for (const { name } of keyStoreContract(inMemory)) {
    it(name, () => expect(JSON.parse(printed ?? "{}")).toMatchObject({ [name]: "as it should" }))
  }
})

describe("a KeyStore on a keyring", () => {
  for (const { check, name } of keyStoreContract(inMemory)) it.effect(name, () => check)

  it.effect("asks its keyring one thing at a time", () =>
    Effect.gen(function* () {
      const { atOnce, keyring } = memoryKeyring()
      const keys = yield* onKeyring(keyring)
      yield* Effect.forEach(["a", "b", "c"], (name) => keys.put(name, Redacted.make(name)), {
        concurrency: "unbounded"
      })
      expect(atOnce()).toBe(1)
    })
  )

  it.effect("says that it is unavailable where the keyring is locked, without the secret", () =>
    Effect.gen(function* () {
      const locked = () => Promise.reject(new Error("the collection is locked"))
      const keys = yield* onKeyring({ get: locked, set: locked, delete: locked, names: locked })
      const errors = yield* Effect.all(
        [keys.get("key"), keys.put("key", Redacted.make("s3cr3t")), keys.delete("key"), keys.list].map((work) =>
          Effect.flip<unknown, unknown, never>(work)
        )
      )
      for (const error of errors) {
        expect(error).toMatchObject({ reason: "Unavailable", status: 503 })
        expect(String(error)).toContain("the collection is locked")
        expect(JSON.stringify(error)).not.toContain("s3cr3t")
      }
    })
  )

  it.effect("takes back its question when whoever asks goes away", () =>
    Effect.gen(function* () {
      const { keyring } = memoryKeyring()
      const signals: Array<AbortSignal> = []
      const keys = yield* onKeyring({
        ...keyring,
        get: (_, signal) => {
          signals.push(signal)
          return new Promise(() => undefined)
        }
      })
      const asking = yield* Effect.forkChild(keys.get("key"), { startImmediately: true })
      yield* Effect.yieldNow
      asking.interruptUnsafe()
      yield* Effect.yieldNow
      expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    })
  )
})
