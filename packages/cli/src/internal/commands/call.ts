import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { flag, ofInstance, value } from "../flags.ts"

export const call = Command.make(
  "call",
  {
    path: Argument.String("PATH").pipe(
      Argument.withDescription("Address of the callable, e.g. /:origin:class.Name:method or /node::method")
    ),
    params: Argument.String("PARAMS").pipe(
      Argument.withDescription("One JSON object, or KEY=VALUE words, or - to read JSON from stdin"),
      Argument.variadic()
    ),
    describe: flag("describe", "Show what the callable takes and gives; call nothing"),
    stream: flag("stream", "Refuse what gives a value; what streams is printed as it comes in any case"),
    input: value(
      "input",
      "FILE",
      "What it reads: a file of JSON lines, or of bytes; - for stdin. It is sent as it is read"
    ).pipe(Flag.optional),
    idempotencyKey: value(
      "idempotency-key",
      "KEY",
      "The same key and params again give the same answer, and the work is done once"
    ).pipe(Flag.optional)
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/call.ts")),
      (module) => module.call(input)
    )
).pipe(
  Command.withShortDescription("Call anything that can be called"),
  Command.withDescription(
    `Calls a method or function of an instance and prints its result as JSON; of what streams, an item a line as they come, and bytes as they are.

KEY=VALUE words are typed by the callable's contract: numbers, booleans and text without quotes, a.b=1 for a nested object, the same key twice for a list. KEY:=JSON says the value as JSON. Words that begin with a dash go behind --.`
  ),
  Command.withExamples([
    {
      command:
        "portico call /:crm.example.dev:interface.ContactOps:createContact \\\n    email=ada@example.dev name=Ada",
      description: "A static method, its params typed by the contract"
    },
    {
      command: "portico call /contacts/ada~40example.dev::update \\\n    props.company=ACME",
      description: "A method of one node"
    },
    { command: `portico call /contacts::listChildren '{"limit": 10}'`, description: "Params as JSON" },
    { command: "portico call /:crm.example.dev:function.seed --describe", description: "What does it take?" },
    {
      command: "portico call /:kernel.portico.dev:interface.Node:changes \\\n    since=100",
      description: "What streams, an item a line"
    },
    {
      command: "portico call /:crm.example.dev:interface.ContactOps:addContacts \\\n    --input contacts.jsonl",
      description: "What reads a stream, from a file"
    }
  ]),
  Command.withGlobalFlags(ofInstance)
)
