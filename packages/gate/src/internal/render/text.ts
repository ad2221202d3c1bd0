import type { PlanDocument, PlannedModule, PlannedRoute, PlannedSetting } from "../../Plan.ts"
import { columnFor, makePage, type Page, pad, type RenderOptions } from "./page.ts"
import { settingLines } from "./settings.ts"

/** A plan for a person in a terminal. */
export const renderText = (plan: PlanDocument, options?: RenderOptions): string => {
  const page = makePage(options)
  const sections = [
    header(page, plan),
    section(page, "Start", waves(page, plan)),
    section(
      page,
      "Modules",
      plan.modules.flatMap((module) => moduleLines(page, module))
    ),
    section(page, "Routes", routeLines(page, plan.routes)),
    section(page, "Settings", settingsLines(page, plan.settings)),
    section(page, "Contributions", contributionLines(page, plan)),
    section(
      page,
      "Warnings",
      plan.warnings.flatMap(({ code, message }) => page.wrap(`${page.style("yellow", code)} ${message}`, 2, 8))
    )
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")
}

const section = (page: Page, title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [page.style("bold", title), ...lines]

const header = (page: Page, { hash, modules, product, routes }: PlanDocument): ReadonlyArray<string> => {
  const version = product.version === undefined ? "" : ` ${product.version}`
  return [
    `${page.style("bold", product.name)} (${product.id}${version})`,
    ...(product.description === undefined ? [] : page.wrap(product.description, 0)),
    page.style("dim", `${count(modules, "module")}, ${count(routes, "route")}, plan ${hash.slice(0, 12)}`)
  ]
}

const count = (list: ReadonlyArray<unknown>, word: string): string =>
  `${list.length} ${word}${list.length === 1 ? "" : "s"}`

const waves = (page: Page, plan: PlanDocument): ReadonlyArray<string> =>
  plan.waves.flatMap((ids, wave) => page.labelled(page.style("dim", String(wave + 1)), 4, ids.join(", "), 2))

const moduleLines = (page: Page, module: PlannedModule): ReadonlyArray<string> => {
  const version = module.version === null ? "" : ` ${module.version}`
  const label = (text: string): string => page.style("dim", text)
  const needs = module.requires.map(({ optional, provider, service }) => {
    const from = provider === null ? "nobody" : provider === "gate" ? "the framework" : provider
    return `${service} from ${from}${optional ? " (optional)" : ""}`
  })
  const after = module.dependsOn.filter(({ services }) => services.length === 0).map(({ module }) => module)
  return [
    `  ${page.style("cyan", module.id)}${version}  ${label(module.displayName)}`,
    ...listed(page, label("provides"), module.provides),
    ...listed(page, label("requires"), needs),
    ...(after.length === 0 ? [] : page.labelled(label("after"), 10, after.join(", "), 4)),
    ...(module.onBootFailure === "degrade" ? page.labelled(label("failing"), 10, "degrades the product", 4) : [])
  ]
}

/** Service keys are long, so each has a line. */
const listed = (page: Page, label: string, texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.flatMap((text, i) => page.labelled(i === 0 ? label : "", 10, text, 4))

const routeLines = (page: Page, routes: ReadonlyArray<PlannedRoute>): ReadonlyArray<string> => {
  const path = columnFor(
    routes.map((route) => route.path),
    Math.max(20, page.width - 36)
  )
  return (["public", "internal"] as const).flatMap((scope) => {
    const of = routes.filter((route) => route.scope === scope)
    if (of.length === 0) return []
    const lines = of.map((route) => {
      const access = route.scope === "internal" ? "operator" : route.auth
      const state = route.handled ? "" : page.style("yellow", " 501")
      return `    ${pad(route.method, 8)}${pad(route.path, path)}${pad(access, 10)}${route.module}${state}`
    })
    return [`  ${page.style("dim", scope)}`, ...lines]
  })
}

/** What somebody set; the rest is counted. */
const settingsLines = (page: Page, settings: ReadonlyArray<PlannedSetting>): ReadonlyArray<string> => {
  const set = settings.filter(({ source }) => source._tag !== "Default" && source._tag !== "Unset")
  const rest = settings.length - set.length
  const more = `${rest}${set.length === 0 ? "" : " more"} at their defaults`
  return [...settingLines(page, set), ...(rest === 0 ? [] : [`  ${page.style("dim", more)}`])]
}

const contributionLines = (page: Page, plan: PlanDocument): ReadonlyArray<string> =>
  plan.extensionPoints.flatMap(({ id, owner }) => {
    const byModule = new Map<string, Array<string>>()
    for (const { identity, module, point } of plan.contributions) {
      if (point === id) byModule.set(module, [...(byModule.get(module) ?? []), identity ?? "1 value"])
    }
    const column = columnFor([...byModule.keys()], 24)
    const lines = [...byModule].flatMap(([module, names]) => page.labelled(module, column, summary(names), 4))
    return [`  ${page.style("cyan", id)} ${page.style("dim", `of ${owner}`)}`, ...lines]
  })

const summary = (names: ReadonlyArray<string>): string => {
  const named = names.filter((name) => name !== "1 value")
  const unnamed = names.length - named.length
  const rest = unnamed === 0 ? [] : [`${unnamed} ${unnamed === 1 ? "value" : "values"}`]
  return [...named, ...rest].join(", ")
}
