import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { Instance, Json, ofInstance, value } from "../flags.ts"

const run = Effect.promise(() => import("../run/auth.ts"))

const login = Command.make(
  "login",
  {
    scope: value("scope", "WORDS", "What the command may do for you (default: full, all that you may do)").pipe(
      Flag.withDefault("full")
    )
  },
  (input) => Effect.flatMap(run, (module) => module.login(input))
).pipe(
  Command.withShortDescription("Sign in to an instance"),
  Command.withDescription(
    "Prints a URL and a code. Open the URL in a browser on any device, sign in, and enter the code; the command goes on by itself. The tokens are kept in ~/.portico/credentials.json, which only you may read, and renewed when they run out. From then on every command is you at that instance, unless it is told otherwise.\n\nScopes are read, edit, use, share, node:ID and full, with spaces between them."
  ),
  Command.withExamples([
    { command: "portico auth login" },
    { command: "portico auth login -i https://portico.example.com" },
    { command: 'portico auth login --scope "read use"', description: "To look and call, not to change" }
  ]),
  Command.withGlobalFlags([Json, Instance])
)

const logout = Command.make("logout", {}, () => Effect.flatMap(run, (module) => module.logout)).pipe(
  Command.withShortDescription("Sign out of an instance"),
  Command.withDescription(
    "Ends the sign-in at the instance, so that its tokens are worth nothing, and forgets it here."
  ),
  Command.withExamples([{ command: "portico auth logout -i https://portico.example.com" }]),
  Command.withGlobalFlags([Json, Instance])
)

const whoami = Command.make("whoami", {}, () => Effect.flatMap(run, (module) => module.whoami)).pipe(
  Command.withShortDescription("Print who you are at an instance"),
  Command.withDescription("Asks the instance who you are, and prints the path of that identity."),
  Command.withExamples([{ command: "portico auth whoami" }]),
  Command.withGlobalFlags(ofInstance)
)

const status = Command.make("status", {}, () => Effect.flatMap(run, (module) => module.status)).pipe(
  Command.withShortDescription("Show as whom, and by which credential"),
  Command.withDescription(
    "Shows which instance the commands ask, as whom, and where the credential comes from: --token-file, PORTICO_TOKEN, a sign-in, or operator.token of a data folder. Exits with 3 where you are nobody."
  ),
  Command.withExamples([{ command: "portico auth status --json" }]),
  Command.withGlobalFlags(ofInstance)
)

export const auth = Command.make("auth").pipe(
  Command.withShortDescription("Sign in and out, and see who you are"),
  Command.withDescription("Signs in to instances and out of them, and says who you are."),
  Command.withExamples([
    { command: "portico auth login -i https://portico.example.com" },
    { command: "portico auth status" }
  ]),
  Command.withSubcommands([login, logout, whoami, status])
)
