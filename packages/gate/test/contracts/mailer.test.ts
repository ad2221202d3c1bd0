import { describe, it } from "@effect/vitest"
import { FakeMailer, mailerContract } from "../../src/testing.ts"

describe("the Mailer that keeps what it is given", () => {
  for (const { check, name } of mailerContract(FakeMailer.layer)) it.effect(name, () => check)
})
