import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { findingFlags } from "../findingFlags.ts"
import { flag, ofInstance, value } from "../flags.ts"

export const query = Command.make(
  "query",
  {
    words: Argument.String("WORD").pipe(
      Argument.withDescription("Words that all have to be there, each as a word's beginning"),
      Argument.variadic()
    ),
    under: value("under", "PATH", "Only what is below this node").pipe(Flag.optional),
    ...findingFlags,
    limit: Flag.Int("limit").pipe(Flag.withMetavar("N"), Flag.withDescription("At most so many"), Flag.optional),
    long: flag("long", "Also class, revision, time of the last change, and id", "l")
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/query.ts")),
      (module) => module.query(input)
    )
).pipe(
  Command.withShortDescription("Find nodes by words, class and properties"),
  Command.withDescription(
    `Finds the nodes that you may see and prints their paths; those found by words with the best first. With --json it prints an array of nodes.

A test is eq, ne, lt, lte, gt, gte, in, contains, startsWith or exists; KEY=VALUE is KEY.eq=VALUE, and := says the value as JSON.`
  ),
  Command.withExamples([
    { command: "portico query ada lovelace" },
    { command: "portico query --class crm.example.dev:class.Contact \\\n    --where company=ACME --order name" },
    { command: "portico query --under /projects \\\n    --where title.startsWith=Apollo --limit 10 -l" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
