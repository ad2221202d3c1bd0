import { hash } from "node:crypto"
import type { Plan } from "../../Plan.ts"

/** What a plan says of a product, whatever its settings are set to and wherever its code lies. */
type Hashed = Omit<Plan, "warnings" | "hash" | "runtime">

/** SHA-256 (FIPS 180-4) in hex over JSON. The planner builds each object with its keys in one order. */
export const hashPlan = (plan: Hashed): string => {
  const settings = plan.settings.map(({ env, flag, key, owner, secret, type }) => [key, owner, env, flag, secret, type])
  // Dependents follow from what modules depend on.
  const modules = plan.modules.map((module) => ({ ...module, dependents: [] }))
  return hash("sha256", JSON.stringify({ ...plan, modules, settings }))
}
