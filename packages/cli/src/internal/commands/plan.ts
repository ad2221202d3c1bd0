import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { flag, Json, value } from "../flags.ts"

export const plan = Command.make(
  "plan",
  {
    mermaid: flag("mermaid", "Print a Mermaid diagram of the modules"),
    check: value("check", "FILE", "Fail if the plan's hash differs from that of a plan saved with --json").pipe(
      Flag.optional
    ),
    diff: value("diff", "FILE", "Print what changed since a plan saved with --json").pipe(Flag.optional),
    config: value("config", "FILE", "Read settings from FILE (default: portico.toml, if it is there)").pipe(
      Flag.optional
    )
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/plan.ts")),
      (module) => module.plan(input)
    )
).pipe(
  Command.withShortDescription("Show how the distro is composed"),
  Command.withDescription(
    "Plans the default distro with the settings of this folder: modules by start wave, services, routes and settings. Nothing is started."
  ),
  Command.withExamples([
    { command: "portico plan" },
    { command: "portico plan --json > plan.json", description: "Save it, and later see what changed" },
    { command: "portico plan --diff plan.json" },
    { command: "portico plan --check plan.json", description: "In CI: refuse an unreviewed change" }
  ]),
  Command.withGlobalFlags([Json])
)
