import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { ofInstance } from "../flags.ts"

export const describe = Command.make(
  "describe",
  {
    path: Argument.String("PATH").pipe(Argument.withDescription("Any address: a node, a class, a method, a function"))
  },
  ({ path }) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/describe.ts")),
      (module) => module.describe(path)
    )
).pipe(
  Command.withShortDescription("Say what a path is and what it can do"),
  Command.withDescription(
    "Describes a path. For a callable: its params, the permissions it needs, its result and an example call. For a node: its class, what you may do with it, and the methods that you can call on it."
  ),
  Command.withExamples([
    { command: "portico describe /contacts/ada~40example.dev" },
    { command: "portico describe /contacts/ada~40example.dev::assign" },
    { command: "portico describe /:crm.example.dev:class.Contact" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
