import { porticoGateway } from "@portico/distro"
import { Diagnostic, type PlannedSetting, Settings, type SettingsSources } from "@portico/gate"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { CurrentIo, type Io } from "../../Io.ts"
import { decode } from "../answers.ts"
import { CliFailure, Exit, usage } from "../failure.ts"
import { Instance, Json } from "../flags.ts"
import { nearest } from "../nearest.ts"
import { askInternal } from "../operator.ts"
import { jsonText, printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { settingsSourcesWithFlags } from "../settings.ts"
import { type Column, renderTable } from "../table.ts"
import { canColour } from "../text.ts"

interface Input {
  readonly config: Option.Option<string>
  readonly settings: ReadonlyArray<string>
}

const Source = Schema.Union([
  Schema.Struct({ _tag: Schema.Literals(["Flag", "Env"]), name: Schema.String }),
  Schema.Struct({ _tag: Schema.Literal("File"), path: Schema.String, line: Schema.optionalKey(Schema.Number) }),
  Schema.Struct({ _tag: Schema.Literals(["Default", "Unset"]) })
])
const Setting = Schema.Struct({ key: Schema.String, owner: Schema.String, source: Source, value: Schema.Json })
type Setting = Pick<PlannedSetting, "key" | "owner" | "source" | "value">

const valueText = ({ source, value }: Setting): string => {
  if (source._tag === "Unset") return ""
  // Only what was given and cannot be read has no value; what it was may be secret.
  if (value === null) return "(not valid)"
  return typeof value === "string" ? value : JSON.stringify(value)
}

/** A list as a human would write it, so that a narrow column breaks between its values. */
const readableText = (setting: Setting): string =>
  Array.isArray(setting.value) && setting.value.length > 0 && setting.value.every(Predicate.isString)
    ? setting.value.join(", ")
    : valueText(setting)

const columnsFor = (io: Io): ReadonlyArray<Column<Setting>> => [
  { title: "KEY", value: (setting) => setting.key },
  { title: "VALUE", value: io.out.terminal ? readableText : valueText, wraps: true },
  { title: "SOURCE", value: (setting) => Settings.sourceText(setting.source), wraps: true },
  { title: "OWNER", value: (setting) => setting.owner }
]

const printSettings = (settings: ReadonlyArray<Setting>) =>
  printed(settings, (io) => renderTable(io, columnsFor(io), settings))

const ofRunningInstance = Effect.gen(function* () {
  const remote = yield* connect
  const answer = yield* askInternal(remote, "GET", "config")
  const { settings } = yield* decode(Schema.Struct({ settings: Schema.Array(Setting) }), "a list of settings")(answer)
  return settings
})

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** `portico config show` */
export const show = Effect.fnUntraced(function* (input: Input) {
  if (Option.isSome(yield* Instance)) {
    if (Option.isSome(input.config) || input.settings.length > 0) {
      return yield* usage("a running instance has its settings already", "Leave out --instance, or --config and flags")
    }
    return yield* printSettings(yield* ofRunningInstance)
  }
  const product = porticoGateway()
  const sources = yield* settingsSourcesWithFlags(product, input.config, input.settings)
  const { diagnostics, settings } = Settings.resolve(product, sources)
  yield* printSettings(settings)
  if (diagnostics.length === 0) return
  return yield* new CliFailure({
    exit: ExitCode.failed,
    code: "INVALID_SETTINGS",
    message: plural(diagnostics.length, "thing is wrong with these settings", "things are wrong with these settings"),
    next: "See: portico config check"
  })
})

/** What the command and its launcher read themselves. */
const ownVariables = ["PORTICO_URL", "PORTICO_TOKEN", "PORTICO_NODE", "PORTICO_PROFILE"]

/** Variables that look like settings mistyped. Others with this prefix may well be somebody else's. */
const mistyped = (env: SettingsSources["env"], settings: ReadonlyArray<PlannedSetting>): ReadonlyArray<Diagnostic> => {
  const prefix = "PORTICO_"
  const known = new Set([...settings.map((setting) => setting.env), ...ownVariables])
  const names = [...known].flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
  return Object.keys(env ?? {}).flatMap((name): ReadonlyArray<Diagnostic> => {
    if (!name.startsWith(prefix) || known.has(name)) return []
    const meant = nearest(name.slice(prefix.length), names)
    if (meant === undefined) return []
    return [
      {
        code: "GATE007",
        severity: "warning",
        message: `Nothing reads the environment variable ${name}.`,
        modules: [],
        places: [],
        candidates: [`did you mean ${prefix}${meant}?`],
        fix: "Correct its name, or unset it."
      }
    ]
  })
}

const findingColumns: ReadonlyArray<Column<Diagnostic>> = [
  { title: "SEVERITY", value: (finding) => finding.severity },
  { title: "FINDING", value: (finding) => finding.message },
  { title: "HINT", value: (finding) => finding.candidates.join("; ") },
  { title: "FIX", value: (finding) => finding.fix }
]

const findingsText = (io: Io, findings: ReadonlyArray<Diagnostic>): string => {
  if (!io.out.terminal) return renderTable(io, findingColumns, findings)
  const layout = { color: canColour(io, io.out), width: io.out.columns, cwd: process.cwd() }
  if (findings.length === 0) return ""
  const isWrong = findings.some(({ severity }) => severity === "error")
  const headline = isWrong ? "These settings are wrong:" : "These settings work, but something looks mistyped:"
  return `${Diagnostic.text(headline, findings, layout)}\n`
}

/** `portico config check` */
export const check = Effect.fnUntraced(function* (input: Input) {
  const product = porticoGateway()
  const sources = yield* settingsSourcesWithFlags(product, input.config, input.settings)
  const { diagnostics, settings } = Settings.resolve(product, sources)
  const findings = [...diagnostics, ...mistyped(sources.env, settings)]
  yield* printed(findings, (io) => findingsText(io, findings))
  const errors = findings.filter(({ severity }) => severity === "error")
  if (errors.length > 0) return yield* new Exit({ exit: ExitCode.failed })
  yield* say(`all ${settings.length} settings are fine`)
})

/** `portico config docs` */
export const docs = Effect.gen(function* () {
  const io = yield* CurrentIo
  const product = porticoGateway()
  if (!(yield* Json)) return io.out.write(Settings.markdown(product))
  const reference = Settings.reference(product).map(({ source: _, value, ...setting }) => ({
    ...setting,
    default: value
  }))
  io.out.write(jsonText(reference))
})
