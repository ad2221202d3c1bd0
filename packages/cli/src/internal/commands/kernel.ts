import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { flag, ofInstance } from "../flags.ts"

const check = Command.make(
  "check",
  { rebuild: flag("rebuild", "First write indexes and marks anew; needs the instance to be stopped") },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/check.ts")),
      (module) => module.check(input)
    )
).pipe(
  Command.withShortDescription("Check that everything holds in the graph"),
  Command.withDescription(
    "Reads the whole database and says of everything that does not hold what to do: the tree, edges and their constraints, props, unique values, indexes, installed contracts, history and trash. It reads the data folder, whether or not an instance runs on it, and changes nothing; with --instance it asks a running instance instead, which needs an operator's token. Exits with 1 if something does not hold."
  ),
  Command.withExamples([
    { command: "portico kernel check" },
    { command: "portico kernel check --data /var/lib/portico --json" },
    { command: "portico kernel check --rebuild", description: "Mend what follows from nodes and edges" }
  ]),
  Command.withGlobalFlags(ofInstance)
)

export const kernel = Command.make("kernel").pipe(
  Command.withShortDescription("Look after the graph store"),
  Command.withDescription("Looks after the graph store of an instance."),
  Command.withExamples([{ command: "portico kernel check" }]),
  Command.withSubcommands([check])
)
