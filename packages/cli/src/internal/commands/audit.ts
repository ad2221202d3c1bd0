import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { ofInstance, value } from "../flags.ts"

export const audit = Command.make(
  "audit",
  {
    identity: value("identity", "IDENTITY", "Only what is about somebody, or was done by them").pipe(Flag.optional),
    event: value("event", "KIND", "Only one kind, with all below it: sign-in is sign-in.refused, too").pipe(
      Flag.optional
    ),
    address: value("address", "ADDRESS", "Only from this address").pipe(Flag.optional),
    since: value("since", "TIME", "How long back, such as 24h or 7d").pipe(Flag.optional),
    tail: Flag.Int("tail").pipe(
      Flag.withMetavar("N"),
      Flag.withDescription("At most so many lines, up to 1000"),
      Flag.withDefault(50)
    )
  },
  (input) =>
    Effect.flatMap(
      Effect.promise(() => import("../run/audit.ts")),
      (module) => module.audit(input)
    )
).pipe(
  Command.withShortDescription("Who did what, from where and through what"),
  Command.withDescription(
    "Prints the audit log of an instance, the newest lines last: sign-ins, grants and memberships, tokens, keys, delegations, enrolments, installs, and what was refused. It needs an operator's token. Other changes of the graph are in its history: portico call NODE::history."
  ),
  Command.withExamples([
    { command: "portico audit --event sign-in --since 24h" },
    { command: "portico audit --event permission --tail 200" },
    { command: "portico audit --identity ada --json" }
  ]),
  Command.withGlobalFlags(ofInstance)
)
