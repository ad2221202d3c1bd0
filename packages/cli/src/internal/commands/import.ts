import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { flag, ofInstance, value } from "../flags.ts"
import { delimiterFlag, formatFlag } from "../transferFlags.ts"

export const import_ = Command.make(
  "import",
  {
    file: Argument.String("FILE").pipe(Argument.withDescription("The file, or - for stdin")),
    format: formatFlag("What the file's name says unless given: csv for .csv, or else jsonl"),
    under: value("under", "PATH", "What paths of the file are below").pipe(Flag.optional),
    class: value("class", "REF", "The class of rows that name none").pipe(Flag.optional),
    by: Flag.Literals("by", ["path", "id"]).pipe(
      Flag.withDescription("Make nodes at paths, or change the nodes with these ids"),
      Flag.optional
    ),
    onConflict: Flag.Literals("on-conflict", ["fail", "merge", "skip"]).pipe(
      Flag.withDescription("What to do where there is such a node or edge already; fail unless given"),
      Flag.optional
    ),
    onError: Flag.Literals("on-error", ["stop", "skip"]).pipe(
      Flag.withDescription("Stop at the first row that is refused, or leave such rows out"),
      Flag.optional
    ),
    whole: flag("whole", "All of it in one transaction, or nothing"),
    dryRun: flag("dry-run", "Change nothing; tell of everything that would be refused"),
    delimiter: delimiterFlag
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/import.ts")),
      (module) => module.import_(input)
    )
).pipe(
  Command.withShortDescription("Make nodes and edges of a file of JSON lines or CSV"),
  Command.withDescription(
    `Makes nodes and edges of the rows of a file, with all that making them one by one checks. Up to 1,000 rows are imported whole or not at all; a longer file by transactions of 1,000, and after an error it can be gone on with by --on-conflict skip.

It exits with 1 if a row was refused.`
  ),
  Command.withExamples([
    {
      command: "portico import contacts.csv --under /contacts \\\n    --class crm.example.dev:class.Contact --dry-run"
    },
    { command: "portico export /contacts -i https://a.example \\\n    | portico import - --under /archive" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
