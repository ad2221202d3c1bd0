import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { ofInstance } from "../flags.ts"

export const get = Command.make(
  "get",
  { path: Argument.String("PATH").pipe(Argument.withDescription("Path or @id of a node")) },
  ({ path }) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/get.ts")),
      (module) => module.get(path)
    )
).pipe(
  Command.withShortDescription("Show one node"),
  Command.withDescription("Shows a node: its class, revision, times and props."),
  Command.withExamples([
    { command: "portico get /contacts/ada~40example.dev" },
    { command: "portico get /contacts/ada~40example.dev --json" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
