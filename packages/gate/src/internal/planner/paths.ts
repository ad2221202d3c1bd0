import * as Result from "effect/Result"
import type { Diagnostic } from "../../Diagnostic.ts"
import type { PlannedRoute } from "../../Plan.ts"
import { internalPrefix } from "../../Route.ts"
import { isUnder, type KnownSegments, type Pattern, parsePattern, shapeOf } from "./pattern.ts"
import { report } from "./report.ts"
import { type ExpandedRoute, routeName } from "./routes.ts"

/** A route whose path is well formed. */
export interface PatternedRoute {
  readonly planned: PlannedRoute
  readonly pattern: Pattern
  readonly expanded: ExpandedRoute
}

/** What the framework serves itself, in lower case. No module's route may have one of these paths. */
const reservedPaths: ReadonlySet<string> = new Set([
  "/healthz",
  "/readyz",
  "/meta",
  "/openapi.json",
  "/docs",
  "/docs/*",
  "/gateway/v1/socket",
  ...["", "/*", "/plan", "/modules", "/routes", "/config", "/logs", "/metrics", "/openapi.json", "/docs"].map(
    (path) => internalPrefix + path
  )
])
/** The first segments of all these, and of the prefixes below. */
const reservedBeginnings: ReadonlySet<string> = new Set([...reservedPaths].map((path) => path.split("/")[1] ?? ""))
/** At and below these only the framework serves, now or in later versions. */
const reservedPrefixes = ["/docs", `${internalPrefix}/modules`, `${internalPrefix}/config`, `${internalPrefix}/logs`]
/** Public paths under it belong to the framework as well. */
const frameworkPrefix = "/gateway"
const internalPattern: Pattern = internalPrefix
  .slice(1)
  .split("/")
  .map((text) => ({ _tag: "Static", text }))

/** GATE006 and GATE009; gives the routes whose paths can be compared. */
export const checkPaths = (
  expanded: ReadonlyArray<ExpandedRoute>
): { readonly routes: ReadonlyArray<PatternedRoute>; readonly diagnostics: ReadonlyArray<Diagnostic> } => {
  const routes: Array<PatternedRoute> = []
  const diagnostics: Array<Diagnostic> = []
  const known: KnownSegments = new Map()
  for (const entry of expanded) {
    const mount = checkMount(entry, known)
    if (mount !== undefined) {
      diagnostics.push(mount)
      continue
    }
    for (const planned of entry.planned) {
      const pattern = parsePattern(planned.path, known)
      if (Result.isFailure(pattern)) {
        diagnostics.push(reportMalformed(entry, planned.path, pattern.failure))
        continue
      }
      const route = { planned, pattern: pattern.success, expanded: entry }
      routes.push(route)
      const wrong = checkScope(route) ?? checkReserved(route)
      if (wrong !== undefined) diagnostics.push(wrong)
    }
  }
  return { routes, diagnostics }
}

/** Says once for a whole api what is wrong with where it is mounted. */
const checkMount = (entry: ExpandedRoute, known: KnownSegments): Diagnostic | undefined => {
  if (entry.route.api === undefined) return undefined
  const { mountPath } = entry.route
  const pattern = parsePattern(mountPath, known)
  if (Result.isFailure(pattern)) return reportMalformed(entry, mountPath, pattern.failure)
  return mountPath.endsWith("/*") ? reportMalformed(entry, mountPath, "an api brings its own paths") : undefined
}

const reportMalformed = ({ module, route }: ExpandedRoute, path: string, problem: string): Diagnostic =>
  report("GATE009", "malformed", { route: route.id, module: module.id, path, problem }, { modules: [module] })

const checkScope = ({ expanded: { module }, pattern, planned }: PatternedRoute): Diagnostic | undefined => {
  const isInside = isUnder(pattern, internalPattern)
  if (isInside === (planned.scope === "internal")) return undefined
  const facts = { route: routeName(planned), module: module.id, prefix: internalPrefix }
  return report("GATE006", isInside ? "publicInside" : "internalOutside", facts, { modules: [module] })
}

const checkReserved = ({ expanded: { module }, pattern, planned }: PatternedRoute): Diagnostic | undefined => {
  const [first] = pattern
  if (first !== undefined && (first._tag !== "Static" || !reservedBeginnings.has(first.text.toLowerCase())))
    return undefined
  const path = shapeOf(pattern).toLowerCase()
  const prefixes = planned.scope === "public" ? [...reservedPrefixes, frameworkPrefix] : reservedPrefixes
  const prefix = prefixes.find((reserved) => path === reserved || path.startsWith(`${reserved}/`))
  // What takes everything below a path takes the path as well.
  const taken = [path, path.replace(/(?<=.)\/\*$/, "")].find((each) => reservedPaths.has(each))
  const reserved = taken ?? (prefix === undefined ? undefined : `${prefix}/`)
  if (reserved === undefined) return undefined
  return report(
    "GATE009",
    "reserved",
    { route: routeName(planned), module: module.id, reserved },
    { modules: [module] }
  )
}
