import { describe, it } from "@effect/vitest"
import { authenticatorContract, FakeAuthenticator } from "../../src/testing.ts"

describe("the Authenticator that knows the callers that it is given", () => {
  for (const { check, name } of authenticatorContract(FakeAuthenticator.layer)) it.effect(name, () => check)
})
