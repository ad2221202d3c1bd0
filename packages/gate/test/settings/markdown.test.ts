import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Gateway, Settings } from "../../src/index.ts"
import { module, product } from "../support/planning.ts"

const Config = Schema.Struct({
  mode: Gateway.setting(Schema.Literals(["fast", "safe"]).pipe(Schema.withDecodingDefaultKey(Effect.succeed("safe"))), {
    description: "Which | of both."
  }),
  token: Schema.Redacted(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(Redacted.make("hunter2")))),
  cacheMiB: Schema.optionalKey(Schema.Int)
})
const text = Settings.markdown(product(module("crm", { config: Config })))

describe("the reference of settings as Markdown", () => {
  it("has a section for the framework and for each module that has settings", () => {
    expect(text.match(/^#+ .*$/gm)).toEqual(["# Settings of Test", "## gate: the framework", "## crm: Some module"])
    expect(text).toContain("| `gate.port` | `PORTICO_PORT` `--port` | `4000` | Port to listen on;")
  })

  it("keeps bars inside their cells, and says what a value is", () => {
    const row = text.split("\n").find((line) => line.includes("crm.mode"))
    expect(row).toBe(
      '| `crm.mode` | `PORTICO_CRM_MODE` `--crm-mode` | `safe` | Which \\| of both. (`"fast" \\| "safe"`) |'
    )
  })

  it("says in which unit a value is", () => {
    expect(text).toMatch(/`gate\.port` .* \(integer\) \|\n/)
    expect(text).toMatch(/`gate\.stopDeadline` .* \(milliseconds, or a time such as 30s\) \|\n/)
    expect(text).toMatch(/`gate\.bodyLimit` .* \(bytes, or a size such as 1 MiB\) \|\n/)
  })

  it("tells no secret, and says `none` where there is no default", () => {
    expect(text).not.toContain("hunter2")
    expect(text).toContain("| `crm.cacheMiB` | `PORTICO_CRM_CACHE_MIB` `--crm-cache-mib` | none | integer |")
  })
})
