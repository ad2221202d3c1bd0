import * as Data from "effect/Data"
import type { Place } from "./internal/callsite.ts"

export type { Place } from "./internal/callsite.ts"

/** The stable codes of the planner. Each is explained in the catalogue. */
export type DiagnosticCode =
  | "GATE001"
  | "GATE002"
  | "GATE003"
  | "GATE004"
  | "GATE005"
  | "GATE006"
  | "GATE007"
  | "GATE008"
  | "GATE009"
  | "GATE010"
  | "GATE011"
  | "GATE012"
  | "GATE013"

/** An `error` refuses the plan; a `warning` comes with it. */
export type Severity = "error" | "warning"

/** Where something that a diagnostic speaks of was declared. */
export interface Declaration {
  /** For example `module "crm"` or `route "route:crm" of "crm"`. */
  readonly what: string
  readonly place: Place
}

/** One finding of the planner. */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** One sentence. */
  readonly message: string
  /** Ids of the modules concerned. */
  readonly modules: ReadonlyArray<string>
  /** Where what clashes or is wrong was declared; both places where two clash. */
  readonly places: ReadonlyArray<Declaration>
  /** Guesses at what was meant: sentences. */
  readonly candidates: ReadonlyArray<string>
  /** What to do, in one sentence. */
  readonly fix: string
}

/** Why a product has no plan: every finding at once, errors first. */
export class PlanRefused extends Data.TaggedError("PlanRefused")<{
  readonly product: string
  readonly diagnostics: ReadonlyArray<Diagnostic>
}> {}
