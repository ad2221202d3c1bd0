import { describe, it } from "@effect/vitest"
import { FakeKeyStore, keyStoreContract } from "../../src/testing.ts"

describe("the KeyStore that forgets everything with its scope", () => {
  for (const { check, name } of keyStoreContract(FakeKeyStore.layer)) it.effect(name, () => check)
})
