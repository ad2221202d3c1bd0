import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Extensions } from "../../ExtensionPoint.ts"
import { FrameworkSettings, ModuleSettings } from "../../Settings.ts"
import type { Target } from "../http/Endpoint.ts"
import { append, declared, type ExtensionRegistry } from "./extensions.ts"
import type { ModuleCell } from "./ModuleCell.ts"
import { routeTargets } from "./routeTargets.ts"
import type { Phase } from "./StartRecorder.ts"
import { markedAs, type Observer } from "./signals.ts"

/** What modules are started with. */
export interface Surroundings {
  readonly cells: ReadonlyMap<string, ModuleCell>
  readonly extensions: ExtensionRegistry
  readonly framework: FrameworkSettings["Service"]
  /** The context that the product was started in: clock, loggers, file system. */
  readonly ambient: Context.Context<never>
  readonly observer: Observer
}

/** A module whose layer gave something else than what the module says it provides. */
class NotProvided extends Error {
  constructor(module: string, service: string) {
    super(`The layer of module "${module}" does not give "${service}", which the module says it provides.`)
  }
}

/** The services that a module is built with: what it requires, and what the framework gives to all. */
const inputOf = (cell: ModuleCell, scope: Scope.Scope, around: Surroundings): Context.Context<never> => {
  const { module, planned, settings } = cell.planned
  const services = new Map<string, unknown>()
  for (const { provider, service } of planned.requires) {
    const from = provider === null ? undefined : around.cells.get(provider)?.live
    if (from !== undefined) services.set(service, from.provided.mapUnsafe.get(service))
  }
  const given = Context.mergeAll(
    Context.make(Scope.Scope, scope),
    Context.make(Extensions, around.extensions.service),
    Context.make(FrameworkSettings, around.framework),
    Context.make(ModuleSettings, { module: module.id, schema: module.config, value: settings })
  )
  const marked = markedAs(module.id, around.observer.signals)
  return Context.mergeAll(around.ambient, marked, Context.makeUnsafe<never>(services), given)
}

/** Of all that a layer built, only what the module provides crosses its border. */
const providedBy = (cell: ModuleCell, built: Context.Context<never>): Context.Context<never> => {
  const services = new Map<string, unknown>()
  for (const { key } of cell.planned.module.provides) {
    if (!built.mapUnsafe.has(key)) throw new NotProvided(cell.id, key)
    services.set(key, built.mapUnsafe.get(key))
  }
  return Context.makeUnsafe(services)
}

/** What a module contributes: the values that it declared, and those that it makes now that its services are there. */
const contributionsOf = Effect.fnUntraced(function* (cell: ModuleCell, services: Context.Context<never>) {
  const { module } = cell.planned
  const values = new Map(Array.from(declared(module), ([point, list]) => [point, [...list]]))
  for (const { content, point } of module.contributes) {
    if (content._tag === "Effect") {
      // `define` checked that the module can give what the effect needs.
      const make = content.make as Effect.Effect<unknown>
      append(values, point.id, yield* Effect.provideContext(make, services))
    }
  }
  return values
})

/**
 * Builds a module in `scope`: its layer with a memo map of its own, then what it contributes, then its routes. Only
 * when all of that is there does the cell show it.
 */
export const startModule = Effect.fnUntraced(function* (
  cell: ModuleCell,
  scope: Scope.Closeable,
  around: Surroundings,
  phase: Phase
) {
  const { module } = cell.planned
  const input = inputOf(cell, scope, around)
  const memoMap = yield* Layer.makeMemoMap
  const built = yield* module.layer === undefined
    ? Effect.succeed(Context.empty())
    : phase(
        "layer",
        Layer.buildWithMemoMap(module.layer, memoMap, scope).pipe(
          // `define` checked that `requires` covers what the layer needs.
          Effect.provideContext(input as Context.Context<unknown>)
        )
      )
  const provided = yield* Effect.sync(() => providedBy(cell, built))
  const services = Context.merge(input, provided)

  const values = yield* phase("contributions", contributionsOf(cell, services))
  const targets: ReadonlyArray<Target | undefined> = yield* phase(
    "routes",
    routeTargets(cell, services, memoMap, scope)
  )

  cell.live = { scope, provided }
  around.extensions.put(module.id, values)
  cell.endpoints.forEach((endpoint, index) => {
    endpoint.target = targets[index]
  })
})

/** Takes a module out of use: from now on its routes answer 503 and what it made for others is gone. */
export const withdraw = (cell: ModuleCell, around: Surroundings): void => {
  cell.live = undefined
  for (const endpoint of cell.endpoints) endpoint.target = undefined
  around.extensions.put(cell.id, new Map())
}
