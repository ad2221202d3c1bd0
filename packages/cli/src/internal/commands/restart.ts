import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { flag, NoInput, ofInstance } from "../flags.ts"

export const restart = Command.make(
  "restart",
  {
    module: Argument.String("MODULE").pipe(Argument.withDescription("Id of the module, as portico status shows it")),
    yes: flag("yes", "Do not ask", "y")
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/restart.ts")),
      (module) => module.restart(input)
    )
).pipe(
  Command.withShortDescription("Restart one module of an instance"),
  Command.withDescription(
    "Restarts one module of a running instance, and with it the modules that depend on it; it says which before it asks. Their requests are drained, and all others go on. It needs an operator's token. Exits with 1 if a module does not come up again."
  ),
  Command.withExamples([
    { command: "portico restart domains" },
    { command: "portico restart kernel --yes", description: "In a script" }
  ]),
  Command.withGlobalFlags([...ofInstance, NoInput])
)
