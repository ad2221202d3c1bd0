import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { ofInstance, value } from "../flags.ts"

export const watch = Command.make(
  "watch",
  {
    path: Argument.String("PATH").pipe(
      Argument.withDescription("Only what is there or below; all that you may see if left out"),
      Argument.optional
    ),
    class: value("class", "REF", "Only nodes of this class or interface, or edges of this class").pipe(Flag.optional),
    since: Flag.Int("since").pipe(
      Flag.withMetavar("SEQ"),
      Flag.withDescription("Everything behind this commit; from now on unless given"),
      Flag.optional
    ),
    limit: Flag.Int("limit").pipe(Flag.withMetavar("N"), Flag.withDescription("End after so many"), Flag.optional)
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/watch.ts")),
      (module) => module.watch(input)
    )
).pipe(
  Command.withShortDescription("Show what changes, as it does"),
  Command.withDescription(
    "Prints every change that you may see, once and in order, until it is interrupted: its commit, what was done, to what, and by whom. A lost connection is taken up again. With --json each is an object on a line of its own."
  ),
  Command.withExamples([
    { command: "portico watch /contacts" },
    { command: "portico watch --class crm.example.dev:class.Contact --json" },
    { command: "portico watch / --since 1200 --limit 50" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
