import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { Gateway } from "../../src/index.ts"
import { CrmModule, complete, untyped } from "./definitions.ts"

const settings = { flags: { "crm.pageSize": 20 } }

describe("a product whose types were lost", () => {
  it("is refused by the plan with what the compiler would have said, and a known module is suggested", () => {
    const catalogue = complete.modules.filter(({ id }) => id !== CrmModule.id)
    const refused = Gateway.plan(untyped, { settings, catalogue })
    expect(Result.isFailure(refused) && refused.failure.diagnostics).toMatchObject([
      {
        code: "GATE002",
        message: 'module "crm" needs app/Db, which no module of this product provides',
        candidates: ['did you forget to add module "db" (Db)? It provides it']
      },
      // Its routes ask who is calling, which no type tells.
      { code: "GATE002", modules: ["crm"] }
    ])
  })
})
