import type { PlanDocument } from "../../Plan.ts"
import { makePage, type RenderOptions, type Style } from "./page.ts"

/** One difference between two plans. */
export interface PlanChange {
  readonly kind: "added" | "removed" | "changed"
  readonly what: "product" | "module" | "service" | "route" | "setting" | "extension point" | "contribution"
  /** What plans call it: an id, a key, `GET /path`, or `point module/identity`. */
  readonly name: string
  /** For `changed`: each field that differs. */
  readonly fields: ReadonlyArray<{ readonly field: string; readonly before: unknown; readonly after: unknown }>
}

type Named = ReadonlyMap<string, Readonly<Record<string, unknown>>>

/** Everything that differs, settings' values and sources included. Empty for two plans of one product and settings. */
export const diffPlans = (before: PlanDocument, after: PlanDocument): ReadonlyArray<PlanChange> =>
  kinds.flatMap(({ list, what }) => diffNamed(what, list(before), list(after)))

const named = <A extends object>(list: ReadonlyArray<A>, name: (value: A) => string): Named => {
  const found = new Map<string, Readonly<Record<string, unknown>>>()
  for (const value of list) {
    const base = name(value)
    let key = base
    for (let n = 2; found.has(key); n++) key = `${base} (${n})`
    found.set(key, Object.fromEntries(Object.entries(value)))
  }
  return found
}

const kinds: ReadonlyArray<{ readonly what: PlanChange["what"]; readonly list: (plan: PlanDocument) => Named }> = [
  { what: "product", list: (plan) => named([plan.product], () => "identity") },
  { what: "module", list: (plan) => named(plan.modules, ({ id }) => id) },
  { what: "service", list: (plan) => named(plan.services, ({ key }) => key) },
  { what: "route", list: (plan) => named(plan.routes, ({ method, path }) => `${method} ${path}`) },
  { what: "setting", list: (plan) => named(plan.settings, ({ key }) => key) },
  { what: "extension point", list: (plan) => named(plan.extensionPoints, ({ id }) => id) },
  {
    what: "contribution",
    list: (plan) =>
      named(plan.contributions, ({ identity, module, point }) => `${point} ${module}/${identity ?? "value"}`)
  }
]

const diffNamed = (what: PlanChange["what"], before: Named, after: Named): ReadonlyArray<PlanChange> => [
  ...[...before].flatMap(([name, old]): ReadonlyArray<PlanChange> => {
    const now = after.get(name)
    if (now === undefined) return [{ kind: "removed", what, name, fields: [] }]
    const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((field) => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
      .map((field) => ({ field, before: old[field], after: now[field] }))
    return fields.length === 0 ? [] : [{ kind: "changed", what, name, fields }]
  }),
  ...[...after.keys()]
    .filter((name) => !before.has(name))
    .map((name): PlanChange => ({ kind: "added", what, name, fields: [] }))
]

const signs = { added: "+", removed: "-", changed: "~" } as const
const styles = { added: "green", removed: "red", changed: "yellow" } as const satisfies Record<string, Style>

/** The differences for a person, or that there are none. */
export const renderDiff = (changes: ReadonlyArray<PlanChange>, options?: RenderOptions): string => {
  const page = makePage(options)
  if (changes.length === 0) return "The plans are the same."
  return changes
    .flatMap(({ fields, kind, name, what }) => [
      ...page.wrap(`${page.style(styles[kind], signs[kind])} ${what} ${name}`, 0, 4),
      ...fields.flatMap(({ after, before, field }) =>
        page.wrap(`${page.style("dim", field)}: ${show(before)} -> ${show(after)}`, 4, 2)
      )
    ])
    .join("\n")
}

const show = (value: unknown): string => JSON.stringify(value) ?? "nothing"
