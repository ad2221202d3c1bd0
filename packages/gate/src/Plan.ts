import type * as Result from "effect/Result"
import type { Diagnostic, PlanRefused } from "./Diagnostic.ts"
import { plan as planProduct } from "./internal/planner/plan.ts"
import { diffPlans, type PlanChange, renderDiff } from "./internal/render/diff.ts"
import { renderMermaid } from "./internal/render/mermaid.ts"
import type { RenderOptions } from "./internal/render/page.ts"
import { parsePlan } from "./internal/render/parse.ts"
import { renderText } from "./internal/render/text.ts"
import type { Module, OnBootFailure } from "./Module.ts"
import type { Product, ProductIdentity } from "./Product.ts"
import type { AuthMode, Route, RouteScope } from "./Route.ts"
import type { FrameworkSettings, SettingSource, SettingsSources } from "./Settings.ts"

/** One edge of the module graph: `module` must be ready first. */
export interface Dependency {
  readonly module: string
  /** Keys of the services that are taken from it; empty where only `after` asks for the order. */
  readonly services: ReadonlyArray<string>
  /** Whether all of `services` are optional requirements. */
  readonly optional: boolean
}

/** A service that a module asks for, and who provides it. */
export interface PlannedRequirement {
  readonly service: string
  readonly optional: boolean
  /** A module id, `gate` for the framework itself, or `null` for an optional service that nobody provides. */
  readonly provider: string | null
}

/** A module, and how it stands to the others. */
export interface PlannedModule {
  readonly id: string
  readonly displayName: string
  readonly version: string | null
  /** Counted from 0: one more than the highest wave it depends on. */
  readonly wave: number
  readonly requires: ReadonlyArray<PlannedRequirement>
  readonly provides: ReadonlyArray<string>
  readonly dependsOn: ReadonlyArray<Dependency>
  /** Modules that take a service from this one, also optionally, and theirs in turn: what a restart takes along. */
  readonly dependents: ReadonlyArray<string>
  readonly onBootFailure: OnBootFailure
}

/** A service, and who gives and takes it. */
export interface PlannedService {
  readonly key: string
  readonly provider: string
  readonly requiredBy: ReadonlyArray<string>
}

/** One method and path. An `HttpApi` gives one for each endpoint. */
export interface PlannedRoute {
  /** Id of the route that declares it. */
  readonly id: string
  readonly module: string
  readonly scope: RouteScope
  readonly auth: AuthMode
  /** An HTTP method, or `*` for all. */
  readonly method: string
  readonly path: string
  /** `group.endpoint` where the route is an api. */
  readonly endpoint: string | null
  readonly handled: boolean
  /** Whether pages of every origin may ask, without cookies; missing where a setting says who may. */
  readonly cors?: "any"
}

/** A setting, and where its value came from. */
export interface PlannedSetting {
  readonly key: string
  /** A module id, or `gate` for the framework's. */
  readonly owner: string
  /** The environment variable that sets it. */
  readonly env: string
  /** The command line flag that sets it, with its dashes. */
  readonly flag: string
  readonly source: SettingSource
  readonly secret: boolean
  /** Encoded as in a file; `"<redacted>"` for a secret, `null` where it is not set. */
  readonly value: unknown
  /** What a value is, in a few words. */
  readonly type: string
  readonly description: string | null
}

/** A point that is owned or contributed to. */
export interface PlannedExtensionPoint {
  readonly id: string
  /** A module id, or `gate` for the framework's. */
  readonly owner: string
}

/** One contributed value. In start order, so that steps which run in it can be read off. */
export interface PlannedContribution {
  readonly point: string
  readonly module: string
  /** What the point calls the value, where it says how; `null` for values made at start. */
  readonly identity: string | null
  readonly made: "declared" | "at start"
}

/** What the runtime needs of a module beyond what is printed. */
export interface PlannedDefinition {
  readonly module: Module.Any
  readonly planned: PlannedModule
  /** Decoded with the module's `config`, or `undefined` if it has none. */
  readonly settings: unknown
  readonly routes: ReadonlyArray<{ readonly route: Route; readonly planned: ReadonlyArray<PlannedRoute> }>
}

/** The values behind a plan. Never printed: it holds secrets. */
export interface PlanRuntime {
  readonly product: Product
  /** In start order. */
  readonly modules: ReadonlyArray<PlannedDefinition>
  readonly framework: FrameworkSettings["Service"]
}

/** What a plan prints as JSON. All lists are in a stable order. */
export interface PlanDocument {
  readonly product: ProductIdentity
  /** Module ids by wave. The runtime starts by edges; waves are for reading. */
  readonly waves: ReadonlyArray<ReadonlyArray<string>>
  /** In start order. */
  readonly modules: ReadonlyArray<PlannedModule>
  readonly services: ReadonlyArray<PlannedService>
  readonly routes: ReadonlyArray<PlannedRoute>
  readonly settings: ReadonlyArray<PlannedSetting>
  readonly extensionPoints: ReadonlyArray<PlannedExtensionPoint>
  readonly contributions: ReadonlyArray<PlannedContribution>
  readonly warnings: ReadonlyArray<Diagnostic>
  /** SHA-256 in hex, of all of the above but warnings, setting values and their sources. */
  readonly hash: string
}

/** How a product will start and what it will serve. */
export interface Plan extends PlanDocument {
  /** Not enumerable, so it is in no JSON. */
  readonly runtime: PlanRuntime
}

/** Reading, printing and comparing plans. */
export const Plan = {
  /** For a person in a terminal. */
  text: (plan: PlanDocument, options?: RenderOptions): string => renderText(plan, options),
  /** Two-space JSON that `JSON.parse` reads back as a {@link PlanDocument}. Holds no secrets. */
  json: (plan: PlanDocument): string => JSON.stringify(plan, null, 2),
  /** Reads JSON back, for example to compare with a committed plan. Fails with a few words. */
  parse: (json: string): Result.Result<PlanDocument, string> => parsePlan(json),
  /** A Mermaid flow chart of the module graph. */
  mermaid: (plan: PlanDocument): string => renderMermaid(plan),
  /** What is different in `after`. */
  diff: (before: PlanDocument, after: PlanDocument): ReadonlyArray<PlanChange> => diffPlans(before, after),
  /** Differences for a person in a terminal. */
  diffText: (changes: ReadonlyArray<PlanChange>, options?: RenderOptions): string => renderDiff(changes, options)
} as const

export type { PlanChange } from "./internal/render/diff.ts"

/** What a product is planned with. */
export interface PlanOptions {
  readonly settings?: SettingsSources | undefined
  /** Modules known but not part of the product: candidates for what is missing. */
  readonly catalogue?: ReadonlyArray<Module.Any> | undefined
}

/**
 * Checks a product and says how it will start. Pure: it starts nothing and touches neither disk nor network.
 * A refusal carries every diagnostic at once.
 *
 * @example
 * ```ts
 * import * as Result from "effect/Result"
 * import { Gateway, Plan } from "@portico/gate"
 *
 * const product = Gateway.make({ identity: { id: "example", name: "Example" }, modules: [] })
 * const planned = Gateway.plan(product, { settings: { env: process.env } })
 * console.log(Result.isSuccess(planned) ? Plan.text(planned.success) : planned.failure.render())
 * ```
 */
export const plan = (product: Product, options: PlanOptions = {}): Result.Result<Plan, PlanRefused> =>
  planProduct(product, options)
