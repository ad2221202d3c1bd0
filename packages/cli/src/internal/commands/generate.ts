import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { flag, Json, value } from "../flags.ts"

export const generate = Command.make(
  "generate",
  {
    out: value("out", "DIR", "Folder for the files (default: generated)").pipe(Flag.withDefault("generated")),
    check: flag("check", "Write nothing, and fail if the files in DIR are not what would be written"),
    config: value("config", "FILE", "Read settings from FILE (default: portico.toml, if it is there)").pipe(
      Flag.optional
    )
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/generate.ts")),
      (module) => module.generate(input)
    )
).pipe(
  Command.withShortDescription("Write API documents and a typed client"),
  Command.withDescription(
    "Writes client.ts, openapi.json, openapi.internal.json and sdk.json of the default distro. Nothing is started, and the same distro gives the same bytes everywhere."
  ),
  Command.withExamples([
    { command: "portico generate --out src/portico" },
    { command: "portico generate --out src/portico --check", description: "In CI: refuse stale files" }
  ]),
  Command.withGlobalFlags([Json])
)
