import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitCode } from "../../ExitCode.ts"
import { decode } from "../answers.ts"
import { confirm } from "../confirm.ts"
import { CliFailure } from "../failure.ts"
import { printed, say } from "../print.ts"
import { connect } from "../remote.ts"
import { type Column, renderFields, renderTable } from "../table.ts"

const domainCall = (method: "list" | "install" | "uninstall") => `/:kernel.portico.dev:class.Domain:${method}`

const Domain = Schema.Struct({
  origin: Schema.String,
  contractId: Schema.String,
  version: Schema.optionalKey(Schema.NullOr(Schema.String)),
  runs: Schema.optionalKey(Schema.String),
  installedAt: Schema.optionalKey(Schema.Number)
})
const Domains = Schema.Struct({ domains: Schema.Array(Domain) })

const columns: ReadonlyArray<Column<typeof Domain.Type>> = [
  { title: "ORIGIN", value: (domain) => domain.origin },
  { title: "VERSION", value: (domain) => domain.version ?? "" },
  { title: "RUNS", value: (domain) => domain.runs ?? "" },
  { title: "CONTRACT", value: (domain) => domain.contractId }
]

/** `portico domain list` */
export const list = Effect.gen(function* () {
  const remote = yield* connect
  const { domains } = yield* decode(Domains, "a list of domains")(yield* remote.call(domainCall("list"), {}))
  yield* printed(domains, (io) => renderTable(io, columns, domains))
})

const Names = Schema.Array(Schema.String)
// The parts of an install plan that are shown to people; `--json` prints all of it.
const Counted = Schema.Array(Schema.Struct({ subject: Schema.String, count: Schema.Number }))
const Plan = Schema.Struct({
  unchanged: Schema.optionalKey(Schema.Boolean),
  added: Schema.optionalKey(Names),
  changed: Schema.optionalKey(Names),
  removed: Schema.optionalKey(Names),
  renamed: Schema.optionalKey(Schema.Array(Schema.Struct({ from: Schema.String, to: Schema.String }))),
  breaking: Schema.optionalKey(Schema.Array(Schema.Struct({ subject: Schema.String, reason: Schema.String }))),
  violations: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        subject: Schema.String,
        reason: Schema.String,
        count: Schema.Number,
        examples: Schema.Array(Schema.Struct({ path: Schema.String }))
      })
    )
  ),
  orphaned: Schema.optionalKey(Counted),
  kept: Schema.optionalKey(Counted),
  dependents: Schema.optionalKey(Schema.Array(Schema.Struct({ origin: Schema.String, uses: Names }))),
  missing: Schema.optionalKey(Names),
  owns: Schema.optionalKey(Schema.Array(Schema.Struct({ path: Schema.String, state: Schema.String }))),
  authority: Schema.optionalKey(
    Schema.Struct({
      acts: Schema.NullOr(Schema.Struct({ nodes: Names, perms: Names })),
      grants: Schema.Struct({ everyone: Names, authenticated: Names })
    })
  ),
  postInstall: Schema.optionalKey(
    Schema.Struct({
      status: Schema.String,
      code: Schema.optionalKey(Schema.String),
      message: Schema.optionalKey(Schema.String)
    })
  )
})
const Installed = Schema.Struct({
  origin: Schema.String,
  contractId: Schema.String,
  installed: Schema.Boolean,
  plan: Schema.Record(Schema.String, Schema.Json)
})

const orNothing = (names: ReadonlyArray<string>): string => (names.length === 0 ? "nothing" : names.join(", "))

const times = (count: number): string => (count === 1 ? "once" : `${count} times`)

const planFields = (plan: typeof Plan.Type): ReadonlyArray<readonly [string, string]> => {
  const members = (["added", "changed", "removed", "missing"] as const).flatMap((kind) =>
    (plan[kind] ?? []).map((name) => [kind, name] as const)
  )
  const { authority } = plan
  return [
    ...members,
    ...(plan.renamed ?? []).map(({ from, to }) => ["renamed", `${from} to ${to}`] as const),
    ...(plan.breaking ?? []).map(({ subject, reason }) => ["breaking", `${subject}: ${reason}`] as const),
    ...(plan.violations ?? []).map(({ count, examples, reason, subject }) => {
      const paths = examples.map(({ path }) => path).join(", ")
      return ["stored", `${subject} ${reason}: ${times(count)}, for example at ${paths}`] as const
    }),
    ...(["orphaned", "kept"] as const).flatMap((kind) =>
      (plan[kind] ?? []).map(
        ({ count, subject }) =>
          [kind, `${subject}: ${count} ${count === 1 ? "node or edge" : "nodes or edges"}`] as const
      )
    ),
    ...(plan.dependents ?? []).map(
      ({ origin, uses }) => ["dependent", uses.length === 0 ? origin : `${origin}: uses ${uses.join(", ")}`] as const
    ),
    ...(plan.owns ?? []).map(({ path, state }) => ["owns", `${path} (${state})`] as const),
    ...(authority === undefined
      ? []
      : ([
          [
            "acts",
            authority.acts === null
              ? "not at all with its callers' authority"
              : `with its callers' ${orNothing(authority.acts.perms)} on ${orNothing(authority.acts.nodes)}`
          ],
          ["everyone", `gets ${orNothing(authority.grants.everyone)} on its schema`],
          ["authenticated", `gets ${orNothing(authority.grants.authenticated)} on its schema`]
        ] as const))
  ]
}

const isUrl = (source: string): boolean => /^https?:\/\//.test(source)

interface PolicyFlags {
  readonly acceptBreaking: boolean
  readonly deleteOrphans: ReadonlyArray<string>
  readonly keepOrphans: ReadonlyArray<string>
}

/** What becomes of what would break; nothing where all of it is refused. */
const policyOf = (input: PolicyFlags) => {
  const orphans = Object.fromEntries([
    ...input.keepOrphans.map((name) => [name, "keep"]),
    ...input.deleteOrphans.map((name) => [name, "delete"])
  ])
  const policy = {
    ...(input.acceptBreaking ? { breaking: "accept" } : {}),
    ...(Object.keys(orphans).length > 0 ? { orphans } : {})
  }
  return Object.keys(policy).length > 0 ? { policy } : {}
}

/** `portico domain install SOURCE` */
export const install = Effect.fnUntraced(function* (
  input: PolicyFlags & { readonly source: string; readonly dryRun: boolean }
) {
  const remote = yield* connect
  const answer = yield* remote.call(domainCall("install"), {
    ...(isUrl(input.source) ? { url: input.source } : { local: input.source }),
    ...(input.dryRun ? { dryRun: true } : {}),
    ...policyOf(input)
  })
  const outcome = yield* decode(Installed, "the outcome of an install")(answer)
  const plan = yield* decode(Plan, "an install plan")(outcome.plan)
  yield* printed(outcome, (io) =>
    renderFields(io, [["origin", outcome.origin], ["contract", outcome.contractId], ...planFields(plan)])
  )
  yield* say(`${outcome.origin} ${outcomeText(outcome.installed, plan.unchanged === true)}`)
  const { postInstall } = plan
  if (postInstall?.status !== "failed") return
  return yield* new CliFailure({
    exit: ExitCode.failed,
    code: postInstall.code ?? "INTERNAL",
    message: `its postInstall failed: ${postInstall.message ?? "it does not say why"}`,
    next: "Mend what was wrong and install it again: postInstall runs after every install"
  })
})

const outcomeText = (installed: boolean, unchanged: boolean): string => {
  if (installed) return "is installed"
  return unchanged ? "is installed as it is; nothing would change" : "is not installed: this is what would change"
}

const Uninstalled = Schema.Struct({ origin: Schema.String, uninstalled: Schema.Boolean })

/** `portico domain uninstall ORIGIN` */
export const uninstall = Effect.fnUntraced(function* (input: { readonly origin: string; readonly yes: boolean }) {
  const remote = yield* connect
  if (!input.yes) yield* confirm(`Take ${input.origin} out of this instance?`)
  const answer = yield* remote.call(domainCall("uninstall"), { origin: input.origin })
  const outcome = yield* decode(Uninstalled, "the outcome of an uninstall")(answer)
  yield* printed(outcome, (io) =>
    renderFields(io, [
      ["origin", outcome.origin],
      ["uninstalled", outcome.uninstalled ? "yes" : "no"]
    ])
  )
  yield* say(`${outcome.origin} ${outcome.uninstalled ? "is uninstalled" : "is still installed"}`)
})
