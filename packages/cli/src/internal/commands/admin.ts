import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { flag, NoInput, ofInstance } from "../flags.ts"

const run = Effect.promise(() => import("../run/admin.ts"))

const passwordStdin = flag("password-stdin", "Read the password from the first line of stdin")

const create = Command.make(
  "create",
  {
    name: Argument.String("NAME").pipe(
      Argument.withDescription("Last segment of the path under /identities"),
      Argument.withDefault("admin")
    ),
    passwordStdin
  },
  (input) => Effect.flatMap(run, (module) => module.create(input))
).pipe(
  Command.withShortDescription("Make an administrator"),
  Command.withDescription(
    "Makes /identities/NAME, who may do everything and signs in with a password. It is asked for on the terminal and not shown; scripts write it to stdin. There is no default password, and weak ones are refused.\n\nWithout --instance it opens the database of the data folder as portico start would, and makes it if it is not there; where an instance has it open, that one is asked, as with --instance, with the operator's token. The one-time link of the first start is worth nothing afterwards."
  ),
  Command.withExamples([
    { command: "portico admin create" },
    {
      command: "portico admin create ada -i http://localhost:4000",
      description: "Another one, in an instance that runs"
    },
    { command: "portico admin create --password-stdin < password.txt", description: "In a script" }
  ]),
  Command.withGlobalFlags([...ofInstance, NoInput])
)

const reset = Command.make(
  "reset",
  {
    identity: Argument.String("IDENTITY").pipe(
      Argument.withDescription("A name under /identities, or the address of a User")
    ),
    passwordStdin
  },
  (input) => Effect.flatMap(run, (module) => module.reset(input))
).pipe(
  Command.withShortDescription("Let somebody in again who cannot sign in"),
  Command.withDescription(
    "Gives a User a new password, and ends all sessions and tokens. API keys stay. It works as portico admin create does: on the data folder, or by asking an instance."
  ),
  Command.withExamples([{ command: "portico admin reset ada" }]),
  Command.withGlobalFlags([...ofInstance, NoInput])
)

export const admin = Command.make("admin").pipe(
  Command.withShortDescription("Make administrators, and let them in again"),
  Command.withDescription("Makes administrators of an instance, and lets people in again who cannot sign in."),
  Command.withExamples([{ command: "portico admin create" }, { command: "portico admin reset ada" }]),
  Command.withSubcommands([create, reset])
)
