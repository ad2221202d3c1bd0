import type { Diagnostic } from "../../Diagnostic.ts"
import type { PatternedRoute } from "./paths.ts"
import type { Pattern } from "./pattern.ts"
import { shapeOf } from "./pattern.ts"
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
  const byShape = new Map<string, Array<PatternedRoute>>()
  return routes.flatMap((route) => {
    const shape = shapeOf(route.pattern)
    const earlier = byShape.get(shape)
    if (earlier === undefined) byShape.set(shape, [route])
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
    "same",
    { first: routeName(first.planned), second: routeName(second.planned), owners },
    { modules: [a, b], places: [place(first), place(second)] }
  )
}

const place = ({ expanded: { module, route } }: PatternedRoute) =>
  declaredAt(`route "${route.id}" of module "${module.id}"`, module.site)

/** Paths that begin alike, so that only those are compared which can meet. */
interface Branch {
  readonly statics: Map<string, Branch>
  readonly parameters: Map<string, Branch>
  readonly ending: Array<PatternedRoute>
  readonly resting: Array<PatternedRoute>
}

const makeBranch = (): Branch => ({ statics: new Map(), parameters: new Map(), ending: [], resting: [] })

const child = (branches: Map<string, Branch>, key: string): Branch => {
  const present = branches.get(key) ?? makeBranch()
  branches.set(key, present)
  return present
}

const insert = (root: Branch, route: PatternedRoute): void => {
  let branch = root
  for (const segment of route.pattern) {
    if (segment._tag === "Rest") return void branch.resting.push(route)
    branch = segment._tag === "Static" ? child(branch.statics, segment.text) : child(branch.parameters, segment.shape)
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
    for (const next of branch.parameters.values()) all(next)
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
    if (segment._tag === "Parameter") for (const next of branch.statics.values()) walk(next, depth + 1)
    for (const next of branch.parameters.values()) walk(next, depth + 1)
  }
  walk(root, 0)
  return found
}

/** One module's route that takes requests from another module's less specific one. */
const shadows = (routes: ReadonlyArray<PatternedRoute>): ReadonlyArray<Diagnostic> => {
  const root = makeBranch()
  for (const route of routes) insert(root, route)
  return routes.flatMap((route) =>
    [...new Set(meeting(root, route.pattern))]
      .filter(
        (other) =>
          other.expanded.module !== route.expanded.module &&
          methodsOverlap(other, route) &&
          compare(route.pattern, other.pattern) < 0
      )
      .map((other) => reportShadow(route, other))
  )
}

const rank = { Static: 0, Parameter: 1, Rest: 2 } as const

/** Which of two patterns a request goes to: negative for `a`. The leftmost segment that differs decides. */
const compare = (a: Pattern, b: Pattern): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    // A path that has ended is more specific than a `*` that takes nothing.
    const difference = rankAt(a, i) - rankAt(b, i)
    if (difference !== 0) return difference
  }
  // Between two parameters the one with a constraint comes first.
  const shape = (pattern: Pattern): number => shapeOf(pattern).length
  return shape(b) - shape(a)
}

const rankAt = (pattern: Pattern, i: number): number => {
  const segment = pattern[i]
  return segment === undefined ? -1 : rank[segment._tag]
}

const reportShadow = (winner: PatternedRoute, loser: PatternedRoute): Diagnostic => {
  const a = winner.expanded.module
  const b = loser.expanded.module
  return report(
    "GATE005",
    "shadow",
    { winner: routeName(winner.planned), winnerModule: a.id, loser: routeName(loser.planned), loserModule: b.id },
    { modules: [a, b], places: [place(winner), place(loser)], severity: "warning" }
  )
}
