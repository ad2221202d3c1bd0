import type { ModuleStart, StartTrace } from "../../StartTrace.ts"

const last = (modules: ReadonlyArray<ModuleStart>): ModuleStart | undefined => {
  let found: ModuleStart | undefined
  for (const module of modules) if (found === undefined || module.end > found.end) found = module
  return found
}

/** To a thousandth, which is what sums and differences of times are good for. */
export const rounded = (millis: number): number => Math.round(millis * 1_000) / 1_000

/** The last module to come up, before it the last of those that it waited for, and so on, in order of time. */
export const criticalPath = (modules: ReadonlyArray<ModuleStart>): StartTrace["criticalPath"] => {
  const path: Array<StartTrace["criticalPath"][number]> = []
  let current = last(modules)
  while (current !== undefined) {
    const { end, module, phases, start, waitedFor } = current
    const begun = phases.find(({ name }) => name === "waiting")?.end ?? start
    path.unshift({ module, millis: rounded(end - begun) })
    current = last(modules.filter((other) => waitedFor.includes(other.module)))
  }
  return path
}
