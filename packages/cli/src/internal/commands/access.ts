import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { ofInstance, value } from "../flags.ts"

const run = Effect.promise(() => import("../run/access.ts"))

const flags = {
  handle: Argument.String("IDENTITY").pipe(
    Argument.withDescription("@ada for /identities/ada, or the address of an identity")
  ),
  service: value("service", "SERVICE", "Origin of a domain, or the address of a node"),
  role: value("role", "ROLE", "reader, user, editor, admin, or a role that was made for the service")
}

const grant = Command.make("grant", flags, (input) => Effect.flatMap(run, (module) => module.grant(input))).pipe(
  Command.withShortDescription("Let somebody use a service"),
  Command.withDescription(
    "Makes somebody a member of a role of a service. reader, user, editor and admin are made when they are first granted, with READ, USE, EDIT and every bit on the service."
  ),
  Command.withExamples([{ command: "portico access grant @ada --service crm.example.dev --role user" }]),
  Command.withGlobalFlags(ofInstance)
)

const revoke = Command.make("revoke", flags, (input) => Effect.flatMap(run, (module) => module.revoke(input))).pipe(
  Command.withShortDescription("Let somebody use a service no more"),
  Command.withDescription("Takes somebody out of a role of a service."),
  Command.withExamples([{ command: "portico access revoke @ada --service crm.example.dev --role user" }]),
  Command.withGlobalFlags(ofInstance)
)

const list = Command.make(
  "list",
  { service: value("service", "SERVICE", "Only this one").pipe(Flag.optional) },
  (input) => Effect.flatMap(run, (module) => module.list(input))
).pipe(
  Command.withShortDescription("Who may use which service"),
  Command.withDescription("Lists who has which role of which service."),
  Command.withExamples([{ command: "portico access list --service crm.example.dev --json" }]),
  Command.withGlobalFlags(ofInstance)
)

export const access = Command.make("access").pipe(
  Command.withShortDescription("Who may use which service"),
  Command.withDescription("Manages who has which role of which service. Roles are nodes below /identities/roles."),
  Command.withExamples([
    { command: "portico access grant @ada --service crm.example.dev --role user" },
    { command: "portico access list" }
  ]),
  Command.withSubcommands([grant, revoke, list])
)
