import { PorticoError } from "@portico/schema"
import type { InstallPlan, InstallPolicy } from "../../SchemaInstaller.ts"
import { fatesOf } from "./orphans.ts"

const list = (items: ReadonlyArray<string>): string =>
  items.length <= 5 ? items.join(", ") : `${items.slice(0, 5).join(", ")} and ${items.length - 5} more`

/** Refuses what is still used: removed classes with nodes, and removed members that other domains name. */
export const refuseInUse = ({ orphaned, dependents }: Pick<InstallPlan, "orphaned" | "dependents">): void => {
  const users = dependents.filter(({ uses }) => uses.length > 0)
  if (orphaned.length === 0 && users.length === 0) return
  const parts = [
    ...orphaned.map(({ subject, count }) => `${subject} has ${count} nodes or edges`),
    ...users.map(({ origin, uses }) => `${origin} uses ${list(uses)}`)
  ]
  throw PorticoError.make("SCHEMA_IN_USE", list(parts), { orphaned, dependents: users })
}

/** Refuses what stored nodes and edges do not fit, whatever was accepted: nothing could be done with them any more. */
export const refuseViolations = ({ origin, violations }: InstallPlan): void => {
  if (violations.length === 0) return
  const parts = violations.map(({ count, examples, reason, subject }) => {
    const [first] = examples
    return `${subject} ${reason}: ${count} ${count === 1 ? "time" : "times"}${first === undefined ? "" : `, first at ${first.path}`}`
  })
  throw PorticoError.make("SCHEMA_CONFLICT", `what is stored does not fit: ${list(parts)}`, { origin, violations })
}

/** Refuses a plan that would break something, unless the policy accepts just that. */
export const refusePlan = (plan: InstallPlan, policy: InstallPolicy): void => {
  const conflict = (message: string, details: Readonly<Record<string, unknown>>): never => {
    throw PorticoError.make("SCHEMA_CONFLICT", message, { origin: plan.origin, ...details })
  }
  if (plan.missing.length > 0) conflict(`not installed: ${list(plan.missing)}`, { missing: plan.missing })
  const conflicts = plan.owns.filter(({ state }) => state === "conflict")
  if (conflicts.length > 0) {
    const owners = conflicts.map(({ path, owner }) =>
      owner === undefined ? `${path} exists or is reserved` : `${path} is of ${owner}`
    )
    conflict(list(owners), { owns: conflicts })
  }
  const { deleted, kept } = fatesOf(plan, policy)
  refuseInUse({ ...plan, orphaned: plan.orphaned.filter(({ subject }) => !deleted.has(subject) && !kept.has(subject)) })
  if (plan.breaking.length > 0 && policy.breaking !== "accept") {
    conflict(`would break ${list(plan.breaking.map(({ subject, reason }) => `${subject} (${reason})`))}`, {
      breaking: plan.breaking
    })
  }
}
