import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { findingFlags } from "../findingFlags.ts"
import { flag, ofInstance } from "../flags.ts"

export const ls = Command.make(
  "ls",
  {
    path: Argument.String("PATH").pipe(
      Argument.withDescription("Path or @id of a node; / if left out"),
      Argument.withDefault("/")
    ),
    long: flag("long", "Also class, revision, time of the last change, and id", "l"),
    recursive: flag("recursive", "Also what is below, to any depth", "R"),
    ...findingFlags
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/ls.ts")),
      (module) => module.ls(input)
    )
).pipe(
  Command.withShortDescription("List what is under a node"),
  Command.withDescription(
    "Lists the children of a node that you may see: their slugs, or with -R their paths. With --json it prints an array of nodes."
  ),
  Command.withExamples([
    { command: "portico ls /" },
    { command: "portico ls -l /contacts" },
    { command: "portico ls /contacts --where email.startsWith=ada" },
    { command: "portico ls -R /projects | wc -l" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
