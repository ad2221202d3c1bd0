import type { PlanDocument } from "../../Plan.ts"
import type { SettingSource } from "../../Settings.ts"
import { showSource } from "../settings/sources.ts"
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
    .flatMap((change) => [
      ...page.wrap(`${page.style(styles[change.kind], signs[change.kind])} ${change.what} ${change.name}`, 0, 4),
      ...change.fields.flatMap((field) => page.wrap(`${page.style("dim", field.field)}: ${difference(field)}`, 4, 2))
    ])
    .join("\n")
}

/** Of two lists, what came and what went; of anything else, both. */
const difference = ({ after, before, field }: PlanChange["fields"][number]): string => {
  if (!Array.isArray(before) || !Array.isArray(after)) return `${show(before, field)} -> ${show(after, field)}`
  const olds = before.map((value) => show(value, field))
  const news = after.map((value) => show(value, field))
  const came = news.filter((text) => !olds.includes(text)).map((text) => `+ ${text}`)
  const went = olds.filter((text) => !news.includes(text)).map((text) => `- ${text}`)
  const words = [...went, ...came]
  return words.length === 0 ? "in another order" : words.join(", ")
}

/** Words for the parts of a plan that have some; JSON for everything else. */
const show = (value: unknown, field: string): string => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return JSON.stringify(value) ?? "nothing"
  // A plan may come out of a file, so every member is looked at before it is shown.
  const part: Readonly<Record<string, unknown>> = { ...value }
  const optional = part.optional === true ? " (optional)" : ""
  if (field === "source" && typeof part._tag === "string") return showSource(value as SettingSource)
  if (field === "requires" && typeof part.service === "string") {
    return `${part.service}${optional} from ${typeof part.provider === "string" ? part.provider : "nobody"}`
  }
  if (field === "dependsOn" && typeof part.module === "string") {
    const services = Array.isArray(part.services) && part.services.length > 0 ? part.services.join(", ") : "the order"
    return `${part.module} for ${services}${optional}`
  }
  return JSON.stringify(value)
}
