import type * as Effect from "effect/Effect"
import { frameworkPoint } from "./internal/frameworkPoint.ts"

/** Something that must hold for a module to be of use, asked each time somebody reads `/readyz`. */
export interface Check {
  /** Unique within its module. */
  readonly name: string
  /** Fails with the reason, in words that anybody may read. It is cut off after two seconds. */
  readonly check: Effect.Effect<void, { readonly message: string }>
}

/** Contributes a health check: `HealthCheck.of({ name: "disk", check })`, or `.effect` if it needs services. */
export const HealthCheck = frameworkPoint<Check>("gate.health-checks", {
  description: "Checks behind /readyz.",
  identityOf: (check) => check.name,
  uniqueIn: "module"
})
