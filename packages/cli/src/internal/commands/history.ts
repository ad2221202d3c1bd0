import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { ofInstance } from "../flags.ts"

export const history = Command.make(
  "history",
  {
    path: Argument.String("PATH").pipe(Argument.withDescription("Path or @id of a node")),
    limit: Flag.Int("limit").pipe(Flag.withMetavar("N"), Flag.withDescription("At most so many"), Flag.optional)
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/history.ts")),
      (module) => module.history(input)
    )
).pipe(
  Command.withShortDescription("Show who changed a node, when, and through what"),
  Command.withDescription(
    "Prints the changes of a node and of its edges, the latest first. With --json it prints an array of them, with the values before and after."
  ),
  Command.withExamples([
    { command: "portico history /contacts/ada~40example.dev" },
    { command: "portico history /contacts/ada~40example.dev --limit 1 --json" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
