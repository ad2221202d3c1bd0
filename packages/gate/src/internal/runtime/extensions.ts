import * as Effect from "effect/Effect"
import type { Contributed, ExtensionPoint, ExtensionRef, Extensions } from "../../ExtensionPoint.ts"
import type { Module } from "../../Module.ts"

/** Values by point id. */
type Values = ReadonlyMap<string, ReadonlyArray<unknown>>

type Current = ReadonlyArray<Contributed<unknown>>

/** How many values a module contributes to each point while it is up. */
type Counts = ReadonlyMap<string, number>

class Reference implements ExtensionRef<unknown> {
  current: Current = []
  away: ReadonlyArray<string> = []
  version = 0
  readonly #waiting = new Set<() => void>()

  readonly when = (holds: (current: Current) => boolean): Effect.Effect<void> =>
    Effect.callback((resume) => {
      const look = (): void => {
        if (!holds(this.current)) return
        this.#waiting.delete(look)
        resume(Effect.void)
      }
      this.#waiting.add(look)
      look()
      return Effect.sync(() => void this.#waiting.delete(look))
    })

  set(current: Current, away: ReadonlyArray<string>): void {
    this.current = current
    this.away = away
    this.version++
    for (const look of [...this.#waiting]) look()
  }
}

/**
 * The contributions of all modules. Values that were declared are there from the beginning, so that a provider can act
 * on them before their modules start; those that are made at start come and go with their module.
 */
export class ExtensionRegistry {
  private readonly references = new Map<string, Reference>()
  private readonly byModule = new Map<string, Values>()
  private readonly order: ReadonlyArray<string>
  private readonly promised: ReadonlyMap<string, Counts>

  /** `modules` in start order, which is the order of `current`. */
  constructor(modules: ReadonlyArray<Module.Any>) {
    this.order = modules.map((module) => module.id)
    this.promised = new Map(modules.map((module) => [module.id, countsOf(module)]))
    for (const module of modules) this.put(module.id, declared(module))
    for (const counts of this.promised.values()) for (const point of counts.keys()) this.refresh(point)
  }

  readonly service: Extensions["Service"] = {
    // The registry holds for each point only what was contributed to it, which `of` and `effect` have typed.
    ref: <A>(point: ExtensionPoint<A>) => this.reference(point.id) as ExtensionRef<A>
  }

  /** Replaces what a module contributes. */
  put(module: string, values: Values): void {
    const before = this.byModule.get(module)
    this.byModule.set(module, values)
    for (const point of new Set([...(before?.keys() ?? []), ...values.keys()])) this.refresh(point)
  }

  private reference(point: string): Reference {
    const known = this.references.get(point)
    if (known !== undefined) return known
    const made = new Reference()
    this.references.set(point, made)
    return made
  }

  private refresh(point: string): void {
    const given = (module: string) => this.byModule.get(module)?.get(point) ?? []
    this.reference(point).set(
      this.order.flatMap((module) => given(module).map((value) => ({ module, value }))),
      this.order.filter((module) => given(module).length < (this.promised.get(module)?.get(point) ?? 0))
    )
  }
}

const countsOf = (module: Module.Any): Counts => {
  const counts = new Map<string, number>()
  for (const { point } of module.contributes) counts.set(point.id, (counts.get(point.id) ?? 0) + 1)
  return counts
}

/** What a module contributes without being started. */
export const declared = (module: Module.Any): Values => {
  const values = new Map<string, Array<unknown>>()
  for (const { content, point } of module.contributes) {
    if (content._tag === "Value") append(values, point.id, content.value)
  }
  return values
}

/** Adds a value to its point. */
export const append = (values: Map<string, Array<unknown>>, point: string, value: unknown): void => {
  const list = values.get(point)
  if (list === undefined) values.set(point, [value])
  else list.push(value)
}
