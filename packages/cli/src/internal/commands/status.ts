import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { ofInstance } from "../flags.ts"

export const status = Command.make("status", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../run/status.ts")),
    (module) => module.status
  )
).pipe(
  Command.withShortDescription("Show the module states of an instance"),
  Command.withDescription(
    "Shows the state of each module of a running instance. Exits with 0 if it is ready and with 7 if it is not, or if nobody answers."
  ),
  Command.withExamples([
    { command: "portico status" },
    { command: "portico status -i https://portico.example.com --json" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
