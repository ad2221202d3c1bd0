import { DatabaseError } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type { ModuleStep } from "../Migrations.ts"

/** A step of a module's tables that a store already has. */
export interface AppliedStep {
  readonly module: string
  readonly id: string
}

/** All steps in the order in which they run: modules as given but after those they name, steps of one module by id. */
export const orderSteps = (steps: ReadonlyArray<ModuleStep>): ReadonlyArray<ModuleStep> => {
  const modules = [...new Set(steps.map((step) => step.module))]
  const ordered: Array<string> = []
  const visiting = new Set<string>()
  const visit = (module: string): void => {
    if (visiting.has(module)) return
    visiting.add(module)
    for (const { step } of steps.filter((each) => each.module === module)) {
      for (const before of step.after ?? []) if (modules.includes(before)) visit(before)
    }
    ordered.push(module)
  }
  for (const module of modules) visit(module)
  return ordered.flatMap((module) =>
    steps.filter((step) => step.module === module).sort((a, b) => (a.step.id < b.step.id ? -1 : 1))
  )
}

const key = (module: string, id: string): string => `${module}/${id}`

/**
 * The steps that a store still lacks. Fails with `Newer` where it has a step of a module of this product that the
 * module does not know: it was written by a later version. Tables of modules that the product no longer has are left alone.
 */
export const pendingSteps = (
  steps: ReadonlyArray<ModuleStep>,
  applied: ReadonlyArray<AppliedStep>,
  place: string
): Effect.Effect<ReadonlyArray<ModuleStep>, DatabaseError> => {
  const known = new Set(steps.map(({ module, step }) => key(module, step.id)))
  const modules = new Set(steps.map((step) => step.module))
  const unknown = applied.filter(({ module, id }) => modules.has(module) && !known.has(key(module, id)))
  if (unknown.length > 0) {
    const names = unknown.map(({ module, id }) => key(module, id)).join(", ")
    const message = `${place} is refused: a later version of this product has changed it (${names}). Nothing was written.`
    return Effect.fail(new DatabaseError({ reason: "Newer", message }))
  }
  const done = new Set(applied.map(({ module, id }) => key(module, id)))
  return Effect.succeed(orderSteps(steps).filter(({ module, step }) => !done.has(key(module, step.id))))
}
