import type * as Context from "effect/Context"
import type * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import type { Contribution, ExtensionPoint, Extensions } from "./ExtensionPoint.ts"
import { type CallSite, capture } from "./internal/callsite.ts"
import type { CheckDefinition, ProvidedIds, RequiredIds } from "./internal/checkDefinition.ts"
import type { Route } from "./Route.ts"
import type { ConfigSchema, FrameworkSettings, ModuleSettings } from "./Settings.ts"

const TypeId = "~@portico/gate/Module"
const OptionalTypeId = "~@portico/gate/Optional"

/** Any service tag. */
export type AnyTag = Context.Service.Any

/** A requirement that may stay unmet. The module reads it with `Effect.serviceOption`. */
export interface Optional<out T extends AnyTag = AnyTag> {
  readonly [OptionalTypeId]: typeof OptionalTypeId
  readonly service: T
}

/** An entry of `requires`. */
export type Requirement = AnyTag | Optional

/** What the framework gives to every module's layer, handlers and contributions without being asked. */
export type ModuleGiven =
  | Scope.Scope
  | Extensions
  | FrameworkSettings
  | ModuleSettings
  | FileSystem.FileSystem
  | Path.Path

/** `abort` ends the process when the module cannot start; `degrade` lets the product run without it. */
export type OnBootFailure = "abort" | "degrade"

/** A requirement, as the planner reads it. */
export interface Required {
  readonly service: AnyTag
  readonly optional: boolean
}

/**
 * A part of a product: services it provides, and what it needs, serves and contributes.
 * Made by `Gateway.module.define`; nothing runs until a product with it starts.
 */
export interface Module<out Id extends string = string, out Provides = unknown, out Requires = unknown> {
  readonly [TypeId]: { readonly _Provides: () => Provides; readonly _Requires: () => Requires }
  readonly id: Id
  readonly displayName: string
  readonly description: string | undefined
  readonly version: string | undefined
  readonly requires: ReadonlyArray<Required>
  readonly provides: ReadonlyArray<AnyTag>
  readonly after: ReadonlyArray<string>
  readonly versions: Readonly<Record<string, string>>
  // What the layer gives and needs was checked by `define`; the runtime builds it from services by key.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly layer: Layer.Layer<any, unknown, any> | undefined
  readonly config: ConfigSchema | undefined
  readonly routes: ReadonlyArray<Route>
  readonly contributes: ReadonlyArray<Contribution.Any>
  readonly owns: ReadonlyArray<ExtensionPoint.Any>
  readonly onBootFailure: OnBootFailure
  /** `false` for a module that {@link when} switched off. */
  readonly enabled: boolean
  readonly site: CallSite
}

/** What {@link when} gives: two of them may provide one service, since at most one should be on. */
export interface ConditionalModule<out Id extends string = string, out Provides = unknown, out Requires = unknown>
  extends Module<Id, Provides, Requires> {
  readonly conditional: true
}

export declare namespace Module {
  export type Any = Module<string, unknown, unknown>
  /** Identifiers of the services that a module provides. */
  export type Provides<M> = M extends Module<string, infer P, unknown> ? P : never
  /** Identifiers of the services that a module cannot do without. */
  export type Requires<M> = M extends Module<string, unknown, infer R> ? R : never
}

/** What `Gateway.module.define` takes. */
export interface ModuleDefinition {
  /** Lower case words joined by `-`, at most 40 characters. It names the module in plans, logs and settings. */
  readonly id: string
  readonly displayName: string
  readonly description?: string | undefined
  /** A semantic version. */
  readonly version?: string | undefined
  /** Services that the module needs from other modules: tags, or {@link optional} tags. */
  readonly requires?: ReadonlyArray<Requirement> | undefined
  /**
   * Services that the module gives. They must be just what its `layer` gives. A service's class may say who provides
   * it, for whoever forgets to: `static readonly providedBy = "CrmModule of my-crm"`.
   */
  readonly provides?: ReadonlyArray<AnyTag> | undefined
  /** Ids of modules that must have started before, without a service being needed. */
  readonly after?: ReadonlyArray<string> | undefined
  /** Ranges that other modules' versions must meet where they are part of the product, by module id. */
  readonly versions?: Readonly<Record<string, string>> | undefined
  /** Builds what is in `provides`, and whatever else the module does while it runs. */
  readonly layer?: Layer.Layer<never, unknown, unknown> | undefined
  /** The schema of the module's settings. Their keys start with the module's id. */
  readonly config?: ConfigSchema | undefined
  readonly routes?: ReadonlyArray<Route> | undefined
  readonly contributes?: ReadonlyArray<Contribution.Any> | undefined
  /** Extension points that this module reads. */
  readonly owns?: ReadonlyArray<ExtensionPoint.Any> | undefined
  /** Default `abort`. */
  readonly onBootFailure?: OnBootFailure | undefined
}

/**
 * Declares a module. What `layer`, `routes` and `contributes` need must be in `requires` (or `provides`, or be given by
 * the framework), and `layer` must give just what is in `provides`; both are checked at compile time.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 *
 * const HelloModule = Gateway.module.define({
 *   id: "hello",
 *   displayName: "Hello",
 *   routes: [{ id: "route:hello", scope: "public", mountPath: "/hello" }]
 * })
 * ```
 */
export const define = <const D extends ModuleDefinition>(
  definition: D & CheckDefinition<D>
): Module<D["id"], ProvidedIds<D>, RequiredIds<D>> => ({
  // A phantom: only its type is ever looked at.
  [TypeId]: { _Provides: () => undefined as never, _Requires: () => undefined as never },
  id: definition.id,
  displayName: definition.displayName,
  description: definition.description,
  version: definition.version,
  requires: (definition.requires ?? []).map(toRequired),
  provides: definition.provides ?? [],
  after: definition.after ?? [],
  versions: definition.versions ?? {},
  // `CheckDefinition` has seen what it gives and needs; the interface forgets it.
  layer: definition.layer as Module["layer"],
  config: definition.config,
  routes: definition.routes ?? [],
  contributes: definition.contributes ?? [],
  owns: definition.owns ?? [],
  onBootFailure: definition.onBootFailure ?? "abort",
  enabled: true,
  site: capture(define)
})

const toRequired = (requirement: Requirement): Required =>
  isOptional(requirement) ? { service: requirement.service, optional: true } : { service: requirement, optional: false }

const isOptional = (requirement: Requirement): requirement is Optional => OptionalTypeId in requirement

/** A requirement that the module can do without. It still starts after the provider, if there is one. */
export const optional = <T extends AnyTag>(service: T): Optional<T> => ({ [OptionalTypeId]: OptionalTypeId, service })

/**
 * Takes a module in only if `flag` holds. The type stays, so that what others need from it still compiles; if it is off
 * and somebody needs it, the plan refuses with GATE002 and says so.
 *
 * @example
 * ```ts
 * import { Gateway } from "@portico/gate"
 *
 * const MailModule = Gateway.module.define({ id: "mail", displayName: "Mail" })
 *
 * const product = (options: { readonly mail: boolean }) =>
 *   Gateway.make({
 *     identity: { id: "example", name: "Example" },
 *     modules: [Gateway.when(options.mail, MailModule)]
 *   })
 * ```
 */
export const when = <Id extends string, Provides, Requires>(
  flag: boolean,
  module: Module<Id, Provides, Requires>
): ConditionalModule<Id, Provides, Requires> => ({ ...module, enabled: module.enabled && flag, conditional: true })
