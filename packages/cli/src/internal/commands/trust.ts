import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { Json, value } from "../flags.ts"

const run = Effect.promise(() => import("../run/trust.ts"))

const out = value("out", "FILE", "Write to a new FILE that only you may read; one that exists is left alone")

const root = Command.make("root", { out }, (input) => Effect.flatMap(run, (module) => module.keygenRoot(input))).pipe(
  Command.withShortDescription("Make an operator's root key"),
  Command.withDescription(
    "Makes an Ed25519 root key pair. Keep the file offline; instances that trust it are told its public key by PORTICO_TRUST_ROOTS."
  ),
  Command.withExamples([{ command: "portico trust keygen root --out root.json" }])
)

const pubkey = Command.make(
  "pubkey",
  {
    in: value("in", "FILE", "File of the root key"),
    out: Flag.optional(out)
  },
  (input) => Effect.flatMap(run, (module) => module.keygenPubkey(input))
).pipe(
  Command.withShortDescription("Print the public key of a root key"),
  Command.withDescription("Prints the public half of a root key, in hexadecimal."),
  Command.withExamples([{ command: "portico trust keygen pubkey --in root.json" }])
)

const node = Command.make("node", { out: Flag.optional(out) }, (input) =>
  Effect.flatMap(run, (module) => module.keygenNode(input))
).pipe(
  Command.withShortDescription("Make a node's key"),
  Command.withDescription("Makes the key pair of a node, to which enrolment credentials can be bound."),
  Command.withExamples([{ command: "portico trust keygen node --out node.json" }])
)

const keygen = Command.make("keygen").pipe(
  Command.withShortDescription("Make root and node keys"),
  Command.withDescription("Makes root and node keys."),
  Command.withExamples([{ command: "portico trust keygen root --out root.json" }]),
  Command.withSubcommands([root, pubkey, node])
)

const signed = (role: "consumer" | "producer", what: string) =>
  Command.make(
    role,
    {
      rootKey: value("root-key", "FILE", "File of the root key that signs"),
      type: Flag.Literals("type", ["policy", "ott"]).pipe(
        Flag.withDescription("policy is good again and again until it expires, ott once")
      ),
      expires: value("expires", "TIME", "How long it is good: 30d, 24h, or ISO 8601"),
      attr: value("attr", "KEY=VALUE", "An attribute, e.g. name=laptop or roles=crm.example.dev/user").pipe(
        Flag.atLeast(0)
      ),
      endpointId: value("endpoint-id", "HEX", "Public key of the only node that may show it").pipe(Flag.optional),
      out: Flag.optional(out)
    },
    (input) => Effect.flatMap(run, (module) => module.sign({ ...input, role }))
  ).pipe(
    Command.withShortDescription(`Sign an enrolment credential for ${what}`),
    Command.withDescription(
      `Signs an enrolment credential for ${what}, and prints it. Whoever shows it at POST /auth/enrol of an instance that trusts the root key comes in.`
    ),
    Command.withExamples([
      {
        command: `portico trust sign ${role} --root-key root.json \\\n    --type ott --expires 24h --attr name=first`
      }
    ])
  )

const sign = Command.make("sign").pipe(
  Command.withShortDescription("Sign enrolment credentials"),
  Command.withDescription("Signs enrolment credentials with a root key."),
  Command.withExamples([
    { command: "portico trust sign consumer --root-key root.json \\\n    --type policy --expires 30d" }
  ]),
  Command.withSubcommands([signed("consumer", "a client"), signed("producer", "a worker")])
)

const inspect = Command.make(
  "inspect",
  {
    credential: Argument.String("CREDENTIAL").pipe(
      Argument.withDescription("The credential, a file that holds it, or - to read it from stdin")
    )
  },
  (input) => Effect.flatMap(run, (module) => module.inspect(input))
).pipe(
  Command.withShortDescription("Show what an enrolment credential says"),
  Command.withDescription("Shows what an enrolment credential says. Nothing is verified."),
  Command.withExamples([{ command: "portico trust inspect credential.txt --json" }]),
  Command.withGlobalFlags([Json])
)

export const trust = Command.make("trust").pipe(
  Command.withShortDescription("Root keys and enrolment credentials"),
  Command.withDescription("Makes root keys, and signs and reads enrolment credentials. Talks to no instance."),
  Command.withExamples([
    { command: "portico trust keygen root --out root.json" },
    {
      command: "portico trust sign consumer --root-key root.json \\\n    --type policy --expires 30d --attr name=laptop"
    }
  ]),
  Command.withSubcommands([keygen, sign, inspect])
)
