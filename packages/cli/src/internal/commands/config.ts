import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { DataFolder, Json, ofInstance, value } from "../flags.ts"

const sources = {
  settings: Argument.String("SETTINGS").pipe(
    Argument.withDescription("Behind --: flags as for portico start, e.g. --port=4010"),
    Argument.variadic()
  ),
  config: value("config", "FILE", "Read settings from FILE (default: portico.toml, if it is there)").pipe(Flag.optional)
}

const show = Command.make("show", sources, (input) =>
  Effect.flatMap(
    Effect.promise(() => import("../run/config.ts")),
    (module) => module.show(input)
  )
).pipe(
  Command.withShortDescription("Show every setting and where it came from"),
  Command.withDescription(
    "Shows every setting that portico start would run with here: its value, where that came from (flag, environment variable, file and line, or default) and the module it belongs to. Secrets are masked. With --instance it asks a running instance instead, which needs an operator's token."
  ),
  Command.withExamples([
    { command: "portico config show" },
    { command: "portico config show --json -- --port=4010", description: "As portico start would with that flag" },
    { command: "portico config show -i http://localhost:4000", description: "Of an instance that runs" }
  ]),
  Command.withGlobalFlags(ofInstance)
)

const check = Command.make("check", sources, (input) =>
  Effect.flatMap(
    Effect.promise(() => import("../run/config.ts")),
    (module) => module.check(input)
  )
).pipe(
  Command.withShortDescription("Say what is wrong with the settings"),
  Command.withDescription(
    "Says all that is wrong with the settings here, each with its place and what was probably meant: values that do not fit, keys that nobody knows, and variables that look mistyped. Exits with 1 if something is wrong."
  ),
  Command.withExamples([
    { command: "portico config check" },
    { command: "portico config check --config production.toml", description: "In CI" }
  ]),
  Command.withGlobalFlags([Json, DataFolder])
)

const docs = Command.make("docs", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../run/config.ts")),
    (module) => module.docs
  )
).pipe(
  Command.withShortDescription("Print the reference of settings"),
  Command.withDescription(
    "Prints the reference of settings as Markdown: key, environment variable, flag, default and meaning. It is the same everywhere, whatever is set."
  ),
  Command.withExamples([{ command: "portico config docs > settings.md" }, { command: "portico config docs --json" }]),
  Command.withGlobalFlags([Json])
)

export const config = Command.make("config").pipe(
  Command.withShortDescription("Show, check and explain settings"),
  Command.withDescription("Looks at the settings of the default distro, or of an instance."),
  Command.withExamples([{ command: "portico config show" }, { command: "portico config check" }]),
  Command.withSubcommands([show, check, docs])
)
