import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type ConfigSchema, Gateway, Settings } from "../../src/index.ts"
import { findings, messages, module, product } from "../support/planning.ts"

const db = (config: ConfigSchema) => module("db", { config })
const file = (values: Readonly<Record<string, unknown>>, lines = {}) => ({
  file: { path: "portico.toml", values, lines }
})

describe("GATE007 missing", () => {
  it("a setting without a default and without a value says where it was looked for", () => {
    expect(messages([db(Schema.Struct({ maxSize: Schema.Int }))])).toEqual([
      'GATE007 setting db.maxSize of module "db" is not set; tried --db-max-size, PORTICO_DB_MAX_SIZE and [db] maxSize in portico.toml'
    ])
  })

  it("every key of every module is reported at once", () => {
    const other = module("mail", { config: Schema.Struct({ from: Schema.String, to: Schema.String }) })
    expect(messages([db(Schema.Struct({ path: Schema.String })), other])).toHaveLength(3)
  })

  it("an empty variable counts as unset", () => {
    const settings = { env: { PORTICO_DB_PATH: "" } }
    expect(messages([db(Schema.Struct({ path: Schema.String }))], { settings })).toHaveLength(1)
  })
})

describe("GATE007 missing among others", () => {
  it("what one module lacks changes nothing about the defaults of the others", () => {
    const size = Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(10)))
    const modules = [db(Schema.Struct({ path: Schema.String })), module("mail", { config: Schema.Struct({ size }) })]
    const { diagnostics, settings } = Settings.resolve(product(...modules), {})
    expect(diagnostics.map(({ message }) => message)).toHaveLength(1)
    expect(settings.find(({ key }) => key === "mail.size")).toMatchObject({ value: 10, source: { _tag: "Default" } })
    expect(settings.find(({ key }) => key === "db.path")).toMatchObject({ value: null, source: { _tag: "Unset" } })
  })
})

describe("GATE007 invalid", () => {
  it("a value that does not fit is reported with the source it came from", () => {
    const config = Schema.Struct({ size: Schema.Int })
    expect(messages([db(config)], { settings: { env: { PORTICO_DB_SIZE: "big" } } })).toEqual([
      'GATE007 setting db.size of module "db", from PORTICO_DB_SIZE, is not valid: expected a number'
    ])
    expect(messages([db(config)], { settings: file({ db: { size: "big" } }, { "db.size": 7 }) })).toEqual([
      'GATE007 setting db.size of module "db", from portico.toml:7, is not valid: expected number'
    ])
  })

  it("a secret's value is in no finding, whatever its schema says of it", () => {
    const Token = Schema.String.check(Schema.makeFilter((text) => `${text} is too weak`))
    const config = Schema.Struct({ token: Schema.Redacted(Token) })
    const text = JSON.stringify(findings([db(config)], { settings: { env: { PORTICO_DB_TOKEN: "hunter2" } } }))
    expect(text).toContain("PORTICO_DB_TOKEN, is not valid: expected secret text")
    expect(text).not.toContain("hunter2")
  })

  it("a secret that does not fit is told what it should be, in its author's words", () => {
    const Token = Schema.Redacted(Schema.String.check(Schema.isMinLength(16))).annotate({ expected: "16 letters" })
    const config = Schema.Struct({ token: Token })
    const [text] = messages([db(config)], { settings: { env: { PORTICO_DB_TOKEN: "hunter2" } } })
    expect(text).toContain("PORTICO_DB_TOKEN, is not valid: expected secret 16 letters")
  })

  it("the framework's own settings are checked as well", () => {
    expect(messages([], { settings: { flags: { "gate.port": "70000" } } })[0]).toMatch(
      /^GATE007 setting gate\.port of the framework, from --port, is not valid: expected a port number/
    )
  })
})

describe("a schema that breaks", () => {
  const boom = (): never => {
    throw new Error("hunter2")
  }

  it("is a finding like another, and its words stay with it", () => {
    const broken = Schema.String.check(Schema.makeFilter(boom))
    const absent = Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.sync(boom)))
    const settings = { env: { PORTICO_DB_X: "x", PORTICO_DB_Y: "y" } }
    const both = Schema.Struct({ y: Schema.String }).check(Schema.makeFilter(boom))
    const found = [
      ...findings([db(Schema.Struct({ x: broken }))], { settings }),
      ...findings([db(Schema.Struct({ z: absent }))], { settings }),
      ...findings([db(both)], { settings })
    ]
    expect(found.map(({ code }) => code)).toEqual(["GATE007", "GATE007", "GATE007"])
    expect(JSON.stringify(found)).not.toContain("hunter2")
  })
})

describe("GATE007 together", () => {
  it("a check over several settings is reported once all of them are valid", () => {
    const config = Schema.Struct({ min: Schema.Int, max: Schema.Int }).check(
      Schema.makeFilter(({ max, min }) => min <= max || "min is above max")
    )
    expect(messages([db(config)], { settings: { flags: { "db.min": 3, "db.max": 1 } } })).toEqual([
      'GATE007 the settings of module "db" do not fit together: min is above max'
    ])
  })
})

describe("GATE007 together, deeper down", () => {
  it("a check of a nested table is reported as well", () => {
    const pool = Schema.Struct({ min: Schema.Int }).check(Schema.makeFilter(({ min }) => min > 1 || "too few"))
    const config = Schema.Struct({ pool })
    expect(messages([db(config)], { settings: { flags: { "db.pool.min": 1 } } })).toEqual([
      'GATE007 the settings of module "db" do not fit together: too few at ["pool"]'
    ])
    expect(messages([db(config)], { settings: { flags: { "db.pool.min": 2 } } })).toEqual([])
  })

  it("a setting whose default is nothing is missed by a schema that asks for it", () => {
    const nothing = Schema.UndefinedOr(Schema.String).pipe(
      Schema.withDecodingDefaultKey<Schema.UndefinedOr<typeof Schema.String>>(Effect.succeed(undefined))
    )
    expect(messages([db(Schema.Struct({ x: nothing }))])).toEqual([
      'GATE007 the settings of module "db" do not fit together: Missing key at ["x"]'
    ])
  })
})

describe("GATE007 unknownKey", () => {
  it("a key of the file that nobody owns is an error with the nearest known name", () => {
    const [finding] = findings([db(Schema.Struct({ path: Schema.String }))], {
      settings: file({ db: { path: "x", paht: "y" } }, { "db.paht": 4 })
    })
    expect(finding?.message).toBe("setting db.paht, from portico.toml:4, belongs to nobody")
    expect(finding?.candidates).toEqual(["did you mean db.path?"])
  })

  it("a setting that lacks its table is shown where it belongs, and a table with a wrong name its right one", () => {
    const found = findings([module("kernel")], { settings: file({ port: 1, kernal: {} }) })
    expect(found.map(({ candidates }) => candidates)).toEqual([["did you mean gate.port?"], ["did you mean [kernel]?"]])
  })

  it("a flag that nobody owns is an error", () => {
    expect(messages([], { settings: { flags: { "gate.prot": "1" } } })).toEqual([
      "GATE007 setting gate.prot, from a flag, belongs to nobody"
    ])
  })

  it("the settings of a module that is switched off are known", () => {
    const off = Gateway.when(false, db(Schema.Struct({ path: Schema.String })))
    expect(messages([off], { settings: file({ db: { path: "x" } }) })).toEqual([])
  })

  it("a known module that is not part of the product is named", () => {
    const [finding] = findings([], { settings: file({ db: { path: "x" } }), catalogue: [db(Schema.Struct({}))] })
    expect(finding?.candidates).toEqual(['module "db" is known, but not part of this product'])
  })
})

describe("GATE007 notTable", () => {
  it("a value where a table belongs is an error", () => {
    expect(messages([], { settings: file({ gate: 3 }) })).toEqual([
      "GATE007 gate, from portico.toml, must be a table of settings"
    ])
  })
})

describe("GATE007 sameFlag", () => {
  it("two settings cannot be read from one flag, the framework's among them", () => {
    const config = Schema.Struct({ door: Gateway.setting(Schema.optionalKey(Schema.String), { flag: "port" }) })
    expect(messages([db(config)])).toEqual(["GATE007 settings gate.port and db.door both have the flag --port"])
  })
})

describe("GATE007 sameEnv", () => {
  it("two settings cannot be read from one variable", () => {
    const config = Schema.Struct({
      walSync: Schema.optionalKey(Schema.String),
      wal: Schema.Struct({ sync: Schema.optionalKey(Schema.String) })
    })
    expect(messages([db(config)])).toEqual([
      "GATE007 settings db.walSync and db.wal.sync are both read from PORTICO_DB_WAL_SYNC",
      "GATE007 settings db.walSync and db.wal.sync both have the flag --db-wal-sync"
    ])
  })
})
