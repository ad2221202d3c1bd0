import * as Schema from "effect/Schema"
import { fn } from "../../Fn.ts"

const Policy = Schema.Struct({
  breaking: Schema.optionalKey(Schema.Literals(["refuse", "accept"])),
  orphans: Schema.optionalKey(Schema.Record(Schema.String, Schema.Literals(["refuse", "keep", "delete"])))
})

const install = fn({
  static: true,
  description: "Installs a domain, or with dryRun only says what that would change.",
  params: {
    url: Schema.optional(Schema.String.annotate({ description: "of its worker" })),
    package: Schema.optional(Schema.String),
    local: Schema.optional(Schema.String.annotate({ description: "origin of a domain that runs in this process" })),
    dryRun: Schema.optional(Schema.Boolean),
    policy: Schema.optional(Policy)
  },
  returns: Schema.Struct({
    origin: Schema.String,
    contractId: Schema.String,
    installed: Schema.Boolean,
    plan: Schema.Record(Schema.String, Schema.Json)
  })
})

const uninstall = fn({
  static: true,
  description: "Takes a domain's schema out. Folders that it owned stay.",
  params: { origin: Schema.String, dryRun: Schema.optional(Schema.Boolean) },
  returns: Schema.Struct({ origin: Schema.String, uninstalled: Schema.Boolean })
})

const list = fn({
  static: true,
  description: "The installed domains.",
  returns: Schema.Struct({
    domains: Schema.Array(
      Schema.Struct({
        origin: Schema.String,
        contractId: Schema.String,
        version: Schema.NullOr(Schema.String),
        runs: Schema.optionalKey(
          Schema.Literals(["in process", "supervised", "remote", "stopped"]).annotate({ description: "where it runs" })
        ),
        installedAt: Schema.optionalKey(Schema.Int.annotate({ description: "milliseconds since the epoch" }))
      })
    )
  })
})

/** What can be done with domains. */
export const domainMethods = { install, uninstall, list }
