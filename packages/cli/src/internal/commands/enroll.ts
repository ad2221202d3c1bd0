import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { value } from "../flags.ts"

const node = Command.make(
  "node",
  {
    profile: value("profile", "NAME", "Profile of ~/.portico/config.toml whose root key it has to be").pipe(
      Flag.optional
    ),
    rootKey: value("root-key", "FILE", "File of the root key that signs"),
    role: Flag.Literals("role", ["consumer", "producer"]).pipe(
      Flag.withDescription("consumer is a client, producer a worker")
    ),
    name: value("name", "NAME", "What the node is called at the instance"),
    identity: value("identity", "FILE", "Where the node's key and credentials are kept").pipe(
      Flag.withDefault(".portico-identity")
    ),
    expires: value("expires", "TIME", "How long the credential is good: 30d, 24h, or ISO 8601").pipe(
      Flag.withDefault("30d")
    )
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/enroll.ts")),
      (module) => module.enrollNode(input)
    )
).pipe(
  Command.withShortDescription("Give this node a key and a credential"),
  Command.withDescription(
    "Makes a key for this node, or uses the one it has, signs a credential that is bound to it, and writes both to .portico-identity, for you alone and not for git."
  ),
  Command.withExamples([
    { command: "portico enroll node --root-key root.json --role producer \\\n    --name crm-worker" }
  ])
)

export const enroll = Command.make("enroll").pipe(
  Command.withShortDescription("Enrol this node"),
  Command.withDescription("Enrols this node."),
  Command.withExamples([
    { command: "portico enroll node --root-key root.json --role producer \\\n    --name crm-worker" }
  ]),
  Command.withSubcommands([node])
)
