import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { flag, ofInstance, value } from "../flags.ts"
import { delimiterFlag, formatFlag } from "../transferFlags.ts"

export const export_ = Command.make(
  "export",
  {
    path: Argument.String("PATH").pipe(
      Argument.withDescription("Only this node and what is below it; everything that you may see if left out"),
      Argument.optional
    ),
    format: formatFlag("jsonl unless given; csv is nodes of one class"),
    class: value("class", "REF", "Only nodes of this class or interface").pipe(Flag.optional),
    where: value("where", "TEST", "KEY.TEST=VALUE, or conditions as JSON; several all have to hold").pipe(
      Flag.atLeast(0)
    ),
    edges: Flag.Literals("edges", ["inside", "all", "none"]).pipe(
      Flag.withDescription("Edges between nodes of the file, also those that lead out of it, or none"),
      Flag.optional
    ),
    delimiter: delimiterFlag,
    escapeFormulas: flag("escape-formulas", "Put ' before cells of CSV that a spreadsheet would run")
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/export.ts")),
      (module) => module.export_(input)
    )
).pipe(
  Command.withShortDescription("Write nodes and edges as JSON lines or CSV"),
  Command.withDescription(
    "Prints what you may see as a file of one commit. Without its last line a file of JSON lines was cut off; the command then exits with an error as well."
  ),
  Command.withExamples([
    { command: "portico export /contacts > contacts.jsonl" },
    {
      command:
        "portico export --class crm.example.dev:class.Contact \\\n    --format csv --escape-formulas > contacts.csv"
    }
  ]),
  Command.withGlobalFlags(ofInstance)
)
