import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type ConfigSchema, Gateway, Plan, Settings, type SettingsSources } from "../../src/index.ts"
import { module, planned, product } from "../support/planning.ts"

const decode = (config: ConfigSchema, sources: SettingsSources) => {
  const plan = planned(Gateway.plan(product(module("kernel", { config })), { settings: sources }))
  return { value: plan.runtime.modules[0]?.settings, settings: plan.settings.filter(({ owner }) => owner === "kernel") }
}

const Path = Schema.Struct({
  path: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("./data")))
})
const file = { path: "portico.toml", values: { kernel: { path: "file" } }, lines: { "kernel.path": 3 } }

describe("the sources of settings", () => {
  it("a flag beats the environment, which beats the file, which beats the default", () => {
    const flags = { "kernel.path": "flag" }
    const env = { PORTICO_KERNEL_PATH: "env" }
    const winner = (sources: SettingsSources) => decode(Path, sources).settings[0]
    expect(winner({ flags, env, file })).toMatchObject({
      value: "flag",
      source: { _tag: "Flag", name: "--kernel-path" }
    })
    expect(winner({ env, file })).toMatchObject({ value: "env", source: { _tag: "Env", name: "PORTICO_KERNEL_PATH" } })
    expect(winner({ file })).toMatchObject({ value: "file", source: { _tag: "File", path: "portico.toml", line: 3 } })
    expect(winner({})).toMatchObject({ value: "./data", source: { _tag: "Default" } })
  })

  it("keys nest, and their variables and flags follow from them", () => {
    const config = Schema.Struct({
      walSync: Schema.optionalKey(Schema.Boolean),
      pool: Schema.Struct({ maxURLs: Schema.Int })
    })
    const { settings, value } = decode(config, { env: { PORTICO_KERNEL_POOL_MAX_URLS: "4" } })
    expect(value).toEqual({ pool: { maxURLs: 4 } })
    expect(settings.map(({ env, flag, key }) => [key, env, flag])).toEqual([
      ["kernel.walSync", "PORTICO_KERNEL_WAL_SYNC", "--kernel-wal-sync"],
      ["kernel.pool.maxURLs", "PORTICO_KERNEL_POOL_MAX_URLS", "--kernel-pool-max-urls"]
    ])
  })

  it("a setting may name its own variable and flag, and be described", () => {
    const config = Schema.Struct({
      path: Gateway.setting(Schema.String, { env: "KERNEL_FILE", flag: "file", description: "Where it is." })
    })
    const { settings } = decode(config, { env: { KERNEL_FILE: "x" } })
    expect(settings[0]).toMatchObject({ env: "KERNEL_FILE", flag: "--file", description: "Where it is.", type: "text" })
  })

  it("an optional setting that nobody sets is unset, not null", () => {
    const { settings, value } = decode(Schema.Struct({ path: Schema.optionalKey(Schema.String) }), {})
    expect(value).toEqual({})
    expect(settings[0]).toMatchObject({ value: null, source: { _tag: "Unset" } })
  })

  it.each([
    ["a number", Schema.Int, "4", 4],
    ["a boolean", Schema.Boolean, "on", true],
    ["a boolean that is off", Schema.Boolean, "0", false],
    ["a list with commas", Schema.Array(Schema.Int), "1, 2", [1, 2]],
    ["a list as JSON", Schema.Array(Schema.Int), "[1, 2]", [1, 2]],
    ["a table as JSON", Schema.Record(Schema.String, Schema.Int), '{ "a": 1 }', { a: 1 }],
    ["one of several words", Schema.Literals(["a", "b"]), "b", "b"],
    ["text that looks like a number", Schema.String, "007", "007"]
  ])("%s is read from text", (_, schema, text, value) => {
    expect(decode(Schema.Struct({ x: schema }), { env: { PORTICO_KERNEL_X: text } }).value).toEqual({ x: value })
  })

  it("values of a file have the types that the file gives them", () => {
    const config = Schema.Struct({ size: Schema.Int, names: Schema.Array(Schema.String) })
    const values = { kernel: { size: 4, names: ["a"] } }
    expect(decode(config, { file: { path: "portico.toml", values } }).value).toEqual(values.kernel)
  })
})

describe("a table", () => {
  it("has no key that its schema does not know, from a file or a variable", () => {
    const Limits = Schema.Struct({ most: Schema.optionalKey(Schema.Int) })
    const config = Schema.Struct({ limits: Schema.optionalKey(Limits) })
    const problems = (sources: SettingsSources) =>
      Settings.resolve(product(module("kernel", { config })), sources).diagnostics.map(({ message }) => message)
    const inFile = (limits: unknown) => ({ file: { path: "portico.toml", values: { kernel: { limits } } } })
    const inEnv = (limits: unknown) => ({ env: { PORTICO_KERNEL_LIMITS: JSON.stringify(limits) } })
    for (const from of [inFile, inEnv]) {
      expect(problems(from({ most: 3 }))).toEqual([])
      expect(problems(from({ mist: 3 })).join()).toContain('at ["mist"]')
    }
  })
})

describe("secrets", () => {
  const config = Schema.Struct({
    token: Schema.Redacted(Schema.String),
    others: Schema.optionalKey(Schema.Array(Schema.Redacted(Schema.String))),
    byName: Schema.optionalKey(Schema.Record(Schema.String, Schema.Redacted(Schema.String)))
  })
  const env = {
    PORTICO_KERNEL_TOKEN: "hunter2",
    PORTICO_KERNEL_OTHERS: "hunter3,hunter4",
    PORTICO_KERNEL_BY_NAME: '{"one":"hunter5"}'
  }
  const sources = { env }

  it("a secret reaches its module and is printed nowhere", () => {
    const plan = planned(Gateway.plan(product(module("kernel", { config })), { settings: sources }))
    const value = plan.runtime.modules[0]?.settings
    expect(Schema.is(config)(value) && Redacted.value(value.token)).toBe("hunter2")
    for (const printed of [Plan.json(plan), Plan.text(plan), JSON.stringify(plan), Settings.text(plan.settings)]) {
      expect(printed).not.toContain("hunter")
      expect(printed).toContain("<redacted>")
    }
  })
})

describe("amounts", () => {
  const config = Schema.Struct({
    lifetime: Settings.Seconds.check(Schema.isBetween({ minimum: 1, maximum: 86_400 })),
    pause: Settings.Millis,
    log: Settings.Bytes
  })

  it("are read with their units from text and from a file, and are called what they are", () => {
    const env = { PORTICO_KERNEL_LIFETIME: "1 hour", PORTICO_KERNEL_PAUSE: "1.5s", PORTICO_KERNEL_LOG: "2 MiB" }
    const { settings, value } = decode(config, { env })
    expect(value).toEqual({ lifetime: 3_600, pause: 1_500, log: 2_097_152 })
    expect(settings.map(({ type }) => type)).toEqual([
      "seconds, or a time such as 15m",
      "milliseconds, or a time such as 30s",
      "bytes, or a size such as 1 MiB"
    ])
    const values = { kernel: { lifetime: "15m", pause: 10, log: "512 kB" } }
    expect(decode(config, { file: { path: "x", values } }).value).toEqual({ lifetime: 900, pause: 10, log: 512_000 })
  })

  it.each([
    ["0s", "expected a value between 1 and 86400"],
    ["2 days", "expected a value between 1 and 86400"],
    ["1500 ms", "expected an integer"],
    ["soon", "expected seconds, or a time such as 15m"]
  ])("are refused where they do not fit: %s", (text, problem) => {
    const { diagnostics } = Settings.resolve(product(module("kernel", { config })), {
      env: { PORTICO_KERNEL_LIFETIME: text, PORTICO_KERNEL_PAUSE: "1", PORTICO_KERNEL_LOG: "1" }
    })
    expect(diagnostics[0]?.message).toContain(`from PORTICO_KERNEL_LIFETIME, is not valid: ${problem}`)
  })
})

describe("the framework's own settings", () => {
  const framework = (sources: SettingsSources) =>
    planned(Gateway.plan(product(), { settings: sources })).runtime.framework

  it("have defaults", () => {
    expect(framework({})).toMatchObject({ host: "localhost", port: 4000, dataDir: "./.portico", bodyLimit: 4_194_304 })
  })

  it("times and sizes may be written with their units", () => {
    const env = { PORTICO_DRAIN_DEADLINE: "30s", PORTICO_STOP_DEADLINE: "1.5 minutes", PORTICO_BODY_LIMIT: "2 MiB" }
    expect(framework({ env })).toMatchObject({ drainDeadline: 30_000, stopDeadline: 90_000, bodyLimit: 2_097_152 })
    const values = { gate: { requestTimeout: "500 ms", headerLimit: 1024 } }
    expect(framework({ file: { path: "x", values } })).toMatchObject({ requestTimeout: 500, headerLimit: 1024 })
  })

  it("are refused where they are no address of a site", () => {
    const problems = (env: Readonly<Record<string, string>>) =>
      Settings.resolve(product(), { env }).diagnostics.map(({ message }) => message.replace(/^.* is not valid: /, ""))
    for (const url of ["shop.example.dev", "ftp://shop.example.dev", "https://me:secret@x.dev", "https://x.dev/?a"]) {
      expect(problems({ PORTICO_PUBLIC_URL: url }), url).toEqual([
        "expected an http or https URL such as https://shop.example.dev"
      ])
    }
    expect(problems({ PORTICO_PUBLIC_URL: "https://shop.example.dev/portico/" })).toEqual([])
    for (const origin of ["app.example.dev", "https://app.example.dev/", "https://app.example.dev/x", "null"]) {
      expect(problems({ PORTICO_CORS_ORIGINS: origin }).join(), origin).toContain("expected an origin such as")
    }
    expect(problems({ PORTICO_CORS_ORIGINS: "https://app.example.dev, http://localhost:5173, *" })).toEqual([])
  })

  it("a time without sense is refused in plain words", () => {
    const { diagnostics } = Settings.resolve(product(), { env: { PORTICO_STOP_DEADLINE: "soon" } })
    expect(diagnostics[0]?.message).toBe(
      "setting gate.stopDeadline of the framework, from PORTICO_STOP_DEADLINE, is not valid: expected milliseconds, or a time such as 30s"
    )
  })

  it("each is described, for the reference", () => {
    expect(Settings.reference(product()).filter(({ description }) => description === null)).toEqual([])
  })
})
