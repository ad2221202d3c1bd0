import * as Result from "effect/Result"

/** One segment of a path pattern. */
type Segment =
  | { readonly _tag: "Static"; readonly text: string }
  | Parameter
  /** Takes the rest, and nothing at all. Always last. */
  | { readonly _tag: "Rest" }

/** A segment with one parameter or more. */
export interface Parameter {
  readonly _tag: "Parameter"
  /** The segment without names: `:` for `:id`, `:(\d+)` for `:id(\d+)`, `v:.json` for `v:id.json`. */
  readonly shape: string
  /** The text before the first parameter. */
  readonly prefix: string
  /** The text after the last one. */
  readonly suffix: string
  /** What the part behind `prefix` must match; `undefined` if it may be anything. */
  readonly regex: RegExp | undefined
}

/** A path pattern, taken apart. */
export type Pattern = ReadonlyArray<Segment>

const parameter = /:[A-Za-z_][A-Za-z0-9_]*(\([^()/]*\))?/g
// The router ends the name of a parameter without a constraint at `-` and `.` only.
const runOn = /:[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_(.-]|$)/
// RFC 3986 §3.3 pchar, without percent-encoding (an encoded path has two spellings) and without `:` and `*`.
const literal = /^[A-Za-z0-9\-._~!$&'(),;=@+]*$/

/** Segments by their text: the same few stand in most paths of a product. */
export type KnownSegments = Map<string, Result.Result<ParsedSegment, string>>

interface ParsedSegment {
  readonly segment: Segment
  /** Of its parameters. */
  readonly names: ReadonlyArray<string>
}

/** Takes a path apart, or says in a few words what is wrong with it. */
export const parsePattern = (path: string, known: KnownSegments = new Map()): Result.Result<Pattern, string> => {
  if (path === "/") return Result.succeed([])
  const wrong = malformed(path)
  if (wrong !== undefined) return Result.fail(wrong)
  const texts = path.slice(1).split("/")
  const pattern: Array<Segment> = []
  const names = new Set<string>()
  for (const [i, text] of texts.entries()) {
    const parsed = known.get(text) ?? parseSegment(text)
    known.set(text, parsed)
    if (Result.isFailure(parsed)) return Result.fail(parsed.failure)
    const { segment } = parsed.success
    if (segment._tag === "Rest" && i !== texts.length - 1) return Result.fail("`*` may only be its last segment")
    for (const name of parsed.success.names) {
      if (names.has(name)) return Result.fail(`the parameter ${name} is in it twice`)
      names.add(name)
    }
    pattern.push(segment)
  }
  return Result.succeed(pattern)
}

const parseSegment = (text: string): Result.Result<ParsedSegment, string> => {
  if (text === "*") return Result.succeed({ segment: { _tag: "Rest" }, names: [] })
  const found = text.match(parameter) ?? []
  const rest = text.replaceAll(parameter, "")
  if (!literal.test(rest)) return Result.fail(`the segment ${JSON.stringify(text)} cannot be read`)
  if (found.length === 0) return Result.succeed({ segment: { _tag: "Static", text }, names: [] })
  if (runOn.test(text)) {
    return Result.fail(`a parameter in ${JSON.stringify(text)} must end with \`-\`, \`.\` or \`/\``)
  }
  const segment = parameterOf(text)
  if (segment === undefined) return Result.fail(`the constraint in ${JSON.stringify(text)} is no regular expression`)
  return Result.succeed({ segment, names: found.map((match) => match.replace(/\(.*$/, "")) })
}

const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&")

const parameterOf = (text: string): Parameter | undefined => {
  const [prefix = "", ...literals] = text.split(/:[A-Za-z_][A-Za-z0-9_]*(?:\([^()/]*\))?/)
  const constraints = [...text.matchAll(parameter)].map(([, constraint]) => constraint)
  const isPlain = constraints.length === 1 && constraints[0] === undefined && literals[0] === ""
  const sources = constraints.map((constraint = "(.*?)", i) => constraint + escaped(literals[i] ?? ""))
  try {
    return {
      _tag: "Parameter",
      shape: prefix + constraints.map((constraint = "", i) => `:${constraint}${literals[i] ?? ""}`).join(""),
      prefix,
      suffix: literals[literals.length - 1] ?? "",
      regex: isPlain ? undefined : new RegExp(`^${sources.join("")}$`)
    }
  } catch {
    return undefined
  }
}

const malformed = (path: string): string | undefined => {
  if (!path.startsWith("/")) return "it must start with `/`"
  if (path.length > 1 && path.endsWith("/")) return "it must not end with `/`"
  if (path.includes("//")) return "it has an empty segment"
  if (path.split("/").some((segment) => segment === "." || segment === "..")) return "it has a dot segment"
  if (/[?#]/.test(path)) return "it has a query or fragment"
  if (path.includes("%")) return "it has a percent-encoded character"
  return undefined
}

/** Equal for two patterns that match the same paths, whatever their parameters are called. */
export const shapeOf = (pattern: Pattern): string =>
  `/${pattern
    .map((segment) => (segment._tag === "Static" ? segment.text : segment._tag === "Rest" ? "*" : segment.shape))
    .join("/")}`

/** What the router goes by: it cannot hold two patterns that differ only in the constraints of parameters. */
export const routedOf = (pattern: Pattern): string =>
  `/${pattern
    .map((segment) => {
      if (segment._tag === "Static") return segment.text
      if (segment._tag === "Rest") return "*"
      return segment.regex === undefined ? segment.shape : segment.shape.replaceAll(/:(?:\([^()]*\))?/g, ":()")
    })
    .join("/")}`

/** Whether one segment of a request could match both. */
export const segmentsMeet = (a: Segment, b: Segment): boolean => {
  if (a._tag === "Rest" || b._tag === "Rest") return true
  if (a._tag === "Static") return b._tag === "Static" ? a.text === b.text : takes(b, a.text)
  if (b._tag === "Static") return takes(a, b.text)
  // Whether two regular expressions have a word in common is not asked; what stands around the parameters is.
  return (
    (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
    (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix))
  )
}

const takes = ({ prefix, regex }: Parameter, text: string): boolean =>
  text.startsWith(prefix) && (regex === undefined || regex.test(text.slice(prefix.length)))

/** Which of two patterns gets a request that both match. */
export type Precedence = "first" | "second" | "neither"

/**
 * As the router does: the leftmost difference decides. Text goes before a parameter, a parameter that must match
 * something before one that takes anything, the longer ending before the shorter, and all of them before `*`.
 */
export const precedence = (a: Pattern, b: Pattern): Precedence => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = segmentOrder(a[i], b[i])
    if (difference === undefined) return "neither"
    if (difference !== 0) return difference < 0 ? "first" : "second"
  }
  return "neither"
}

const kind = (segment: Segment | undefined): number =>
  // A path that has ended is more specific than a `*` that takes nothing.
  segment === undefined ? -1 : segment._tag === "Static" ? 0 : segment._tag === "Parameter" ? 1 : 2

/** Negative for `a`, 0 where the next segment decides, `undefined` where nothing does. */
const segmentOrder = (a: Segment | undefined, b: Segment | undefined): number | undefined => {
  if (a?._tag !== "Parameter" || b?._tag !== "Parameter") return kind(a) - kind(b)
  if (a.shape === b.shape) return 0
  if (a.prefix.length !== b.prefix.length) return b.prefix.length - a.prefix.length
  if (a.regex === undefined) return 1
  if (b.regex === undefined) return -1
  return a.suffix.length === b.suffix.length ? undefined : b.suffix.length - a.suffix.length
}

/** Whether every path that `pattern` matches lies at or under `prefix`, a static path, in any letter case. */
export const isUnder = (pattern: Pattern, prefix: Pattern): boolean =>
  prefix.every((wanted, i) => {
    const segment = pattern[i]
    return (
      segment?._tag === "Static" && wanted._tag === "Static" && segment.text.toLowerCase() === wanted.text.toLowerCase()
    )
  })

/** Joins where an api is mounted with the path of one of its endpoints. */
export const joinPaths = (mountPath: string, path: string): string => {
  const base = mountPath === "/" ? "" : mountPath
  if (path === "*") return `${base}/*`
  if (path === "/" && base !== "") return base
  return base + path
}
