import type { InstallBundle, InstalledDomain, InstallPlan, SchemaInstallerService } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"

/** How the code of a domain relates to what is installed of it. */
export type Drift =
  | { readonly kind: "same" }
  /** It can do all that is installed, and more. */
  | { readonly kind: "superset"; readonly more: ReadonlyArray<string> }
  | { readonly kind: "mismatch"; readonly error: PorticoError }

/** Compares once for each pair of contracts, and warns once of a superset. */
export const makeDrift = (installer: SchemaInstallerService) => {
  const known = new Map<string, Drift>()
  return (bundle: InstallBundle, installed: InstalledDomain): Effect.Effect<Drift, PorticoError> => {
    if (bundle.contractId === installed.contractId) return Effect.succeed(same)
    const pair = `${bundle.contractId} ${installed.contractId}`
    const before = known.get(pair)
    if (before !== undefined) return Effect.succeed(before)
    return Effect.gen(function* () {
      const drift = driftOf(yield* installer.plan(bundle), installed)
      known.set(pair, drift)
      if (drift.kind === "superset") {
        yield* Effect.logWarning(
          `The code of ${installed.origin} has more than is installed (${drift.more.join(", ")}). It is served; install it to use that.`
        )
      }
      return drift
    })
  }
}

const same: Drift = { kind: "same" }

/** Pure: what the plan of installing the code over what is there says about serving it without. */
export const driftOf = (plan: InstallPlan, installed: InstalledDomain): Drift => {
  if (plan.breaking.length === 0 && plan.removed.length === 0 && plan.renamed.length === 0) {
    return { kind: "superset", more: [...plan.added, ...plan.changed] }
  }
  const changes = [
    ...plan.breaking.map(({ reason, subject }) => `${subject}: ${reason}`),
    ...plan.removed,
    ...plan.renamed.map(({ from, to }) => `${from}: is called ${to}`)
  ]
  return {
    kind: "mismatch",
    error: PorticoError.make(
      "CONTRACT_MISMATCH",
      `The code of ${installed.origin} is not what is installed (${changes.slice(0, 5).join("; ")}). Install it, or run the code that is.`,
      {
        origin: installed.origin,
        live: plan.contractId,
        installed: installed.contractId,
        breaking: plan.breaking,
        removed: plan.removed,
        renamed: plan.renamed
      }
    )
  }
}
