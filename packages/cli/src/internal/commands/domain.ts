import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { flag, NoInput, ofInstance, value } from "../flags.ts"

const list = Command.make("list", {}, () =>
  Effect.flatMap(
    Effect.promise(() => import("../run/domain.ts")),
    (module) => module.list
  )
).pipe(
  Command.withAlias("ls"),
  Command.withShortDescription("List the domains of an instance"),
  Command.withDescription("Lists the domains of an instance: origin, version, where it runs, and contract id."),
  Command.withExamples([{ command: "portico domain list" }, { command: "portico domain list --json" }]),
  Command.withGlobalFlags(ofInstance)
)

const install = Command.make(
  "install",
  {
    source: Argument.String("SOURCE").pipe(
      Argument.withDescription("Origin of a domain that the instance is bundled with, or the URL of a worker")
    ),
    dryRun: flag("dry-run", "Print what would change; change nothing"),
    acceptBreaking: flag("accept-breaking", "Install although it breaks callers, or takes away stored values"),
    deleteOrphans: value("delete-orphans", "CLASS", "Delete the nodes or edges of CLASS, if it is removed").pipe(
      Flag.atLeast(0)
    ),
    keepOrphans: value("keep-orphans", "CLASS", "Keep the nodes or edges of CLASS as they are, if it is removed").pipe(
      Flag.atLeast(0)
    )
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/domain.ts")),
      (module) => module.install(input)
    )
).pipe(
  Command.withShortDescription("Install a domain, or a new version of one"),
  Command.withDescription(
    "Installs a domain into an instance, or a new version of one, and prints what that changes: members of its contract, folders it owns, and the authority it asks for."
  ),
  Command.withExamples([
    { command: "portico domain install crm.example.dev --dry-run", description: "See what it asks for" },
    { command: "portico domain install crm.example.dev" }
  ]),
  Command.withGlobalFlags(ofInstance)
)

const uninstall = Command.make(
  "uninstall",
  {
    origin: Argument.String("ORIGIN").pipe(Argument.withDescription("Origin of the domain, e.g. crm.example.dev")),
    yes: flag("yes", "Do not ask", "y")
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/domain.ts")),
      (module) => module.uninstall(input)
    )
).pipe(
  Command.withShortDescription("Take a domain out of an instance"),
  Command.withDescription(
    "Takes a domain out of an instance. Refused while nodes of its classes are left or other domains use it; folders that it owns stay."
  ),
  Command.withExamples([
    { command: "portico domain uninstall crm.example.dev" },
    { command: "portico domain uninstall crm.example.dev --yes", description: "In a script" }
  ]),
  Command.withGlobalFlags([...ofInstance, NoInput])
)

export const domain = Command.make("domain").pipe(
  Command.withShortDescription("List, install and uninstall domains"),
  Command.withDescription("Looks after the domains of an instance."),
  Command.withExamples([
    { command: "portico domain list" },
    { command: "portico domain install crm.example.dev --dry-run" }
  ]),
  Command.withSubcommands([list, install, uninstall])
)
