import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { Gateway, Settings } from "../../src/index.ts"
import { parseArgs } from "../../src/internal/node/args.ts"

const config = Schema.Struct({
  token: Schema.Redacted(Schema.String),
  colour: Schema.optionalKey(Schema.String)
})
const editors = Gateway.module.define({ id: "editors", displayName: "Editors", config })
const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [editors] })
const parse = (...argv: ReadonlyArray<string>) => parseArgs(argv, Settings.reference(product))

describe("the arguments of a product's process", () => {
  it("are settings by their flags", () => {
    const args = Result.getOrThrow(parse("start", "--editors-colour", "blue", "--port=4010"))
    expect(args.flags).toEqual({ "editors.colour": "blue", "gate.port": "4010" })
  })

  it("do not take a secret, which everybody who lists processes would see", () => {
    const refused = parse("--editors-token=hush-hush")
    expect(Result.isFailure(refused) ? refused.failure : undefined).toBe(
      "--editors-token would show a secret to everybody who lists processes: use PORTICO_EDITORS_TOKEN, or the settings file."
    )
  })
})
