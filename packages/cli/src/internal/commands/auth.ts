import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { flag, Instance, Json, ofInstance, value } from "../flags.ts"

const run = Effect.promise(() => import("../run/auth.ts"))

const login = Command.make(
  "login",
  {
    scope: value("scope", "WORDS", "What the command may do for you (default: full, all that you may do)").pipe(
      Flag.withDefault("full")
    ),
    device: flag("device", "Print a code to enter in a browser on any device")
  },
  (input) => Effect.flatMap(run, (module) => module.login(input))
).pipe(
  Command.withShortDescription("Sign in to an instance"),
  Command.withDescription(
    "Opens a browser to sign in with, which comes back by itself. Where there is none, or with --device, it prints a URL and a code: open the URL on any device, sign in, and enter the code. The tokens are kept in ~/.portico/credentials.json, which only you may read, and renewed when they run out. From then on every command is you at that instance, unless it is told otherwise.\n\nScopes are read, edit, use, share, node:ID and full, with spaces between them."
  ),
  Command.withExamples([
    { command: "portico auth login" },
    { command: "portico auth login -i https://portico.example.com" },
    { command: "portico auth login --device", description: "On a machine without a browser" },
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

const token = Command.make(
  "token",
  {
    scope: value("scope", "WORDS", "What it may do (default: all that you may do but share)").pipe(Flag.optional),
    ttl: value("ttl", "TIME", "How long it is good: 15m, 8h, or ISO 8601 (default: 1h)").pipe(Flag.optional),
    audience: value("audience", "WHOM", "An identity that shows it with its key, or a service's URL").pipe(
      Flag.optional
    ),
    as: value("as", "IDENTITY", "Whose token it is (default: yours); for who holds every bit on /").pipe(Flag.optional),
    raw: flag("raw", "Print the token and nothing else")
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/authToken.ts")),
      (module) => module.token(input)
    )
).pipe(
  Command.withShortDescription("Print a token for a script"),
  Command.withDescription(
    `Mints a token that stands for you, or for a part of what you may do, and prints it. It is kept nowhere. It never reaches further than you do, ends when your own rights do, and lasts a day at most.

Words of a scope are read, edit, use, share, full, node:PATH and function:PATH, with spaces between them. A scope that is wider than what you show is refused.

With --as, an API key is made for that identity that ends with the token; revoking it ends both.`
  ),
  Command.withExamples([
    { command: "PORTICO_TOKEN=$(portico auth token --raw) ./report.sh" },
    { command: 'portico auth token --scope "read node:/projects" --ttl 15m' },
    {
      command: "portico auth token --as @ci --ttl 1h --data /srv/portico",
      description: "For somebody else, with the operator's token of a data folder"
    }
  ]),
  Command.withGlobalFlags(ofInstance)
)

export const auth = Command.make("auth").pipe(
  Command.withShortDescription("Sign in and out, and see who you are"),
  Command.withDescription("Signs in to instances and out of them, and says who you are."),
  Command.withExamples([
    { command: "portico auth login -i https://portico.example.com" },
    { command: "portico auth status" }
  ]),
  Command.withSubcommands([login, logout, whoami, status, token])
)
