import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { Diagnostic, Gateway } from "../../src/index.ts"
import { module, product, tag } from "../support/planning.ts"

const refusal = () => {
  const crm = module("crm", {
    requires: [tag("app/Db")],
    routes: [{ id: "r", scope: "public", mountPath: "/crm" }]
  })
  const refused = Gateway.plan(product(crm, module("Bad")))
  if (Result.isSuccess(refused)) throw new Error("It was planned.")
  return refused.failure
}

describe("a refusal", () => {
  it("shows errors before warnings, each with its place, its fix and the count of all", () => {
    const text = refusal()
      .render({ cwd: new URL("../..", import.meta.url).pathname.replace(/\/$/, "") })
      .replaceAll(/:\d+/g, ":0")
    expect(text).toBe(`The product "test" cannot be planned.

GATE002 module "crm" needs app/Db, which no module of this product provides
        at    test/support/planning.ts:0 (module "crm")
        fix   Add a module that provides it, or require it as
              Gateway.optional(…) and read it with Effect.serviceOption.

GATE011 the id "Bad" of a module is malformed
        at    test/support/planning.ts:0 (module "Bad")
        fix   Use lower case words joined by \`-\`, at most 40 characters.

GATE013 (warning) route "r" (/crm) of module "crm" has no handler and answers
        501
        at    test/support/planning.ts:0 (module "crm")
        fix   Give it \`handle\`, or \`api\` and \`handlers\`.

2 errors, 1 warning`)
  })

  it("is an error whose message is the report", () => {
    const failure = refusal()
    expect(failure).toBeInstanceOf(Error)
    expect(failure.message).toBe(failure.render())
    expect(Diagnostic.text("Warnings.", failure.diagnostics.slice(-1))).toMatch(/^Warnings\.\n\nGATE013/)
  })
})
