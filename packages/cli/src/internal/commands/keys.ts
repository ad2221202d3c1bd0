import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { flag, NoInput, ofInstance } from "../flags.ts"

const run = Effect.promise(() => import("../run/keys.ts"))

const list = Command.make("list", {}, () => Effect.flatMap(run, (module) => module.list)).pipe(
  Command.withShortDescription("The keys that an instance signs with"),
  Command.withDescription(
    "Lists the keys that an instance signs tokens with: the one that does, and those of before that still verify."
  ),
  Command.withExamples([{ command: "portico keys list --json" }]),
  Command.withGlobalFlags(ofInstance)
)

const rotate = Command.make(
  "rotate",
  {
    atOnce: flag("at-once", "Whatever the keys before have signed is worth nothing from now on"),
    yes: flag("yes", "Do not ask", "y")
  },
  (input) => Effect.flatMap(run, (module) => module.rotate(input))
).pipe(
  Command.withShortDescription("Let a new key sign"),
  Command.withDescription(
    "Lets a new key sign tokens and delegations. The ones before verify for as long as anything that they signed may last, so nobody notices. An instance does it by itself every 90 days.\n\nWith --at-once, for when a key has got into other hands, they verify no more: all access tokens, id tokens and delegations end, and it asks first. Sessions, refresh tokens and API keys stay."
  ),
  Command.withExamples([
    { command: "portico keys rotate" },
    { command: "portico keys rotate --at-once", description: "A key has got into other hands" }
  ]),
  Command.withGlobalFlags([...ofInstance, NoInput])
)

export const keys = Command.make("keys").pipe(
  Command.withShortDescription("The keys that an instance signs with"),
  Command.withDescription("Looks at the keys that an instance signs with, and lets a new one sign. For operators."),
  Command.withExamples([{ command: "portico keys list" }, { command: "portico keys rotate" }]),
  Command.withSubcommands([list, rotate])
)
