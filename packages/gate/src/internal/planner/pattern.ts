import * as Result from "effect/Result"

/** One segment of a path pattern. */
type Segment =
  | { readonly _tag: "Static"; readonly text: string }
  /** `shape` is the segment without the parameter's name: `:` for `:id`, `:(\d+)` for `:id(\d+)`, `:.json` for `:id.json`. */
  | { readonly _tag: "Parameter"; readonly shape: string }
  /** Takes the rest, and nothing at all. Always last. */
  | { readonly _tag: "Rest" }

/** A path pattern, taken apart. */
export type Pattern = ReadonlyArray<Segment>

const parameter = /:[A-Za-z_][A-Za-z0-9_]*(\([^()/]*\))?/g
// RFC 3986 §3.3 pchar, without percent-encoding (an encoded path has two spellings) and without `:` and `*`.
const literal = /^[A-Za-z0-9\-._~!$&'(),;=@+]*$/

/** Takes a path apart, or says in a few words what is wrong with it. */
export const parsePattern = (path: string): Result.Result<Pattern, string> => {
  if (path === "/") return Result.succeed([])
  const wrong = malformed(path)
  if (wrong !== undefined) return Result.fail(wrong)
  const texts = path.slice(1).split("/")
  const pattern: Array<Segment> = []
  const names = new Set<string>()
  for (const [i, text] of texts.entries()) {
    if (text === "*") {
      if (i !== texts.length - 1) return Result.fail("`*` may only be its last segment")
      pattern.push({ _tag: "Rest" })
      continue
    }
    const found = text.match(parameter) ?? []
    const rest = text.replaceAll(parameter, "")
    if (!literal.test(rest)) return Result.fail(`the segment ${JSON.stringify(text)} cannot be read`)
    for (const name of found.map((match) => match.replace(/\(.*$/, ""))) {
      if (names.has(name)) return Result.fail(`the parameter ${name} is in it twice`)
      names.add(name)
    }
    pattern.push(
      found.length === 0
        ? { _tag: "Static", text }
        : {
            _tag: "Parameter",
            shape: text.replaceAll(parameter, (_, constraint: string | undefined) => `:${constraint ?? ""}`)
          }
    )
  }
  return Result.succeed(pattern)
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

/** Whether every path that `pattern` matches lies at or under `prefix`, a static path, in any letter case. */
export const isUnder = (pattern: Pattern, prefix: string): boolean => {
  const wanted = prefix.slice(1).split("/")
  return wanted.every((text, i) => {
    const segment = pattern[i]
    return segment?._tag === "Static" && segment.text.toLowerCase() === text.toLowerCase()
  })
}

/** Joins where an api is mounted with the path of one of its endpoints. */
export const joinPaths = (mountPath: string, path: string): string => {
  const base = mountPath === "/" ? "" : mountPath
  if (path === "*") return `${base}/*`
  if (path === "/" && base !== "") return base
  return base + path
}
