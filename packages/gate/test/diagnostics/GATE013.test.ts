import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { Gateway } from "../../src/index.ts"
import { product } from "../support/planning.ts"

describe("GATE013 unhandled", () => {
  it("a route without a handler plans with a warning and is marked", () => {
    const hello = Gateway.module.define({
      id: "hello",
      displayName: "Hello",
      routes: [{ id: "route:hello", scope: "public", mountPath: "/hello" }]
    })
    const planned = Result.getOrThrow(Gateway.plan(product(hello)))
    expect(planned.warnings).toMatchObject([
      {
        code: "GATE013",
        severity: "warning",
        message: 'route "route:hello" (/hello) of module "hello" has no handler and answers 501'
      }
    ])
    expect(planned.routes).toMatchObject([{ method: "GET", path: "/hello", auth: "required", handled: false }])
  })
})
