import type { Diagnostic } from "../../Diagnostic.ts"
import type { PatternedRoute } from "./paths.ts"
import { type Parameter, type Pattern, precedence, routedOf, segmentsMeet, shapeOf } from "./pattern.ts"
import { declaredAt, report } from "./report.ts"
import { routeName } from "./routes.ts"

/** GATE005. */
export const checkCollisions = (routes: ReadonlyArray<PatternedRoute>): ReadonlyArray<Diagnostic> => [
  ...samePaths(routes),
  ...shadows(routes)
]

const methodsOverlap = (a: PatternedRoute, b: PatternedRoute): boolean =>
  a.planned.method === b.planned.method || a.planned.method === "*" || b.planned.method === "*"

const samePaths = (routes: ReadonlyArray<PatternedRoute>): ReadonlyArray<Diagnostic> => {
  const byPlace = new Map<string, Array<PatternedRoute>>()
  return routes.flatMap((route) => {
    const routed = routedOf(route.pattern)
    const earlier = byPlace.get(routed)
    if (earlier === undefined) byPlace.set(routed, [route])
    else earlier.push(route)
    return (earlier ?? [])
      .filter((other) => other !== route && methodsOverlap(other, route))
      .map((other) => reportSame(other, route))
  })
}

const reportSame = (first: PatternedRoute, second: PatternedRoute): Diagnostic => {
  const a = first.expanded.module
  const b = second.expanded.module
  const owners = a === b ? `of module "${a.id}"` : `of modules "${a.id}" and "${b.id}"`
  return report(
    "GATE005",
    shapeOf(first.pattern) === shapeOf(second.pattern) ? "same" : "constraints",
    { first: routeName(first.planned), second: routeName(second.planned), owners },
    { modules: [a, b], places: [place(first), place(second)] }
  )
}

const place = ({ expanded: { module, route } }: PatternedRoute) =>
  declaredAt(`route "${route.id}" of module "${module.id}"`, module.site)

/** Paths that begin alike, so that only those are compared which can meet. */
interface Branch {
  readonly statics: Map<string, Branch>
  readonly parameters: Map<string, { readonly segment: Parameter; readonly branch: Branch }>
  readonly ending: Array<PatternedRoute>
  readonly resting: Array<PatternedRoute>
}

const makeBranch = (): Branch => ({ statics: new Map(), parameters: new Map(), ending: [], resting: [] })

const child = (branches: Map<string, Branch>, key: string): Branch => {
  const present = branches.get(key) ?? makeBranch()
  branches.set(key, present)
  return present
}

const parameterChild = ({ parameters }: Branch, segment: Parameter): Branch => {
  const present = parameters.get(segment.shape) ?? { segment, branch: makeBranch() }
  parameters.set(segment.shape, present)
  return present.branch
}

const insert = (root: Branch, route: PatternedRoute): void => {
  let branch = root
  for (const segment of route.pattern) {
    if (segment._tag === "Rest") return void branch.resting.push(route)
    branch = segment._tag === "Static" ? child(branch.statics, segment.text) : parameterChild(branch, segment)
  }
  branch.ending.push(route)
}

/**
 * The routes that can match a path which `pattern` matches too. A `*` at the very root is left out: it is where a
 * product puts what answers everything else.
 */
const meeting = (root: Branch, pattern: Pattern): ReadonlyArray<PatternedRoute> => {
  const found: Array<PatternedRoute> = []
  const all = (branch: Branch): void => {
    found.push(...branch.ending, ...branch.resting)
    for (const next of branch.statics.values()) all(next)
    for (const next of branch.parameters.values()) all(next.branch)
  }
  const walk = (branch: Branch, depth: number): void => {
    if (depth > 0) found.push(...branch.resting)
    const segment = pattern[depth]
    if (segment === undefined) {
      found.push(...branch.ending)
      return
    }
    if (segment._tag === "Rest") {
      if (depth > 0) all(branch)
      return
    }
    const same = segment._tag === "Static" ? branch.statics.get(segment.text) : undefined
    if (same !== undefined) walk(same, depth + 1)
    if (segment._tag === "Parameter") {
      for (const [text, next] of branch.statics) {
        if (segmentsMeet(segment, { _tag: "Static", text })) walk(next, depth + 1)
      }
    }
    for (const next of branch.parameters.values()) {
      if (segmentsMeet(segment, next.segment)) walk(next.branch, depth + 1)
    }
  }
  walk(root, 0)
  return found
}

/** Routes of two modules that one request can match, though they are not the same. */
const shadows = (routes: ReadonlyArray<PatternedRoute>): ReadonlyArray<Diagnostic> => {
  const root = makeBranch()
  const number = new Map(routes.map((route, i) => [route, i]))
  for (const route of routes) insert(root, route)
  return routes.flatMap((route, i) =>
    [...new Set(meeting(root, route.pattern))]
      .filter((other) => other.expanded.module !== route.expanded.module && methodsOverlap(other, route))
      .flatMap((other) => {
        const wins = precedence(route.pattern, other.pattern)
        if (wins === "first") return [reportPair("shadow", route, other)]
        if (wins === "second" || routedOf(route.pattern) === routedOf(other.pattern)) return []
        return i < (number.get(other) ?? 0) ? [reportPair("unordered", route, other)] : []
      })
  )
}

const reportPair = (kase: "shadow" | "unordered", first: PatternedRoute, second: PatternedRoute): Diagnostic => {
  const a = first.expanded.module
  const b = second.expanded.module
  return report(
    "GATE005",
    kase,
    { first: routeName(first.planned), firstModule: a.id, second: routeName(second.planned), secondModule: b.id },
    { modules: [a, b], places: [place(first), place(second)], severity: "warning" }
  )
}
