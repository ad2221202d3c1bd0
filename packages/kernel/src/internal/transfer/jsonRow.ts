import { nearest } from "@portico/gate"
import { PorticoError } from "@portico/schema"
import type { Line } from "./LineSplitter.ts"
import type { BadRow, Row, RowLink, RowPlace } from "./Row.ts"

type Members = Readonly<Record<string, unknown>>

/** Keys of a node; the last three are what it had where it comes from, and are given anew. */
const nodeKeys = ["class", "path", "parent", "slug", "id", "props", "links", "rev", "createdAt", "updatedAt"]
const edgeKeys = ["class", "source", "target", "slug", "props", "rev"]
const linkKeys = ["edgeClass", "target", "slug", "props"]

/** The row that a line of JSON is. */
export const rowOfLine = (line: Line): Row => {
  const place = { line: line.line, bytes: line.bytes }
  if ("problem" in line) return { _tag: "Bad", ...place, error: line.problem }
  let value: unknown
  try {
    value = JSON.parse(line.text)
  } catch {
    return { _tag: "Bad", ...place, error: PorticoError.make("INVALID_BODY", "this is not JSON") }
  }
  if (!isObject(value)) {
    return { _tag: "Bad", ...place, error: PorticoError.make("INVALID_BODY", "a row is a JSON object") }
  }
  try {
    return rowOf(value, place)
  } catch (thrown) {
    if (thrown instanceof Misshapen) return thrown.row(place)
    throw thrown
  }
}

const isObject = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What is wrong with the shape of a row. */
class Misshapen extends Error {
  readonly column: string

  constructor(column: string, message: string) {
    super(message)
    this.column = column
  }

  row(place: RowPlace): BadRow {
    const { column, message } = this
    const issues = [{ path: [column], code: "row", message }]
    const error = PorticoError.make("INVALID_PARAMS", `${column}: ${message}`, { issues })
    return { _tag: "Bad", ...place, column, error }
  }
}

const rowOf = (value: Members, place: RowPlace): Row => {
  if (Object.hasOwn(value, "export") && Object.keys(value).length === 1) return headOf(value.export, place)
  if (Object.hasOwn(value, "end") && Object.keys(value).length === 1) return { _tag: "End", ...place }
  if (Object.hasOwn(value, "source") || Object.hasOwn(value, "target")) return edgeOf(value, place)
  knowsOnly(value, nodeKeys, "")
  const { links, props } = value
  return {
    _tag: "Node",
    ...place,
    ...texts(value, ["id", "path", "parent", "slug", "class"]),
    ...(props === undefined ? undefined : { props }),
    ...(links === undefined ? undefined : { links: linksOf(links) })
  }
}

const headOf = (value: unknown, place: RowPlace): Row => {
  const { under, v } = isObject(value) ? value : {}
  if (v !== 1) throw new Misshapen("export", "this version of the file is not known")
  return { _tag: "Head", ...place, under: typeof under === "string" ? under : "/" }
}

const edgeOf = (value: Members, place: RowPlace): Row => {
  knowsOnly(value, edgeKeys, "")
  const { props } = value
  return {
    _tag: "Edge",
    ...place,
    class: text(value, "class"),
    source: text(value, "source"),
    target: text(value, "target"),
    ...texts(value, ["slug"]),
    ...(props === undefined ? undefined : { props })
  }
}

const linksOf = (value: unknown): ReadonlyArray<RowLink> => {
  if (!Array.isArray(value)) throw new Misshapen("links", "has to be an array")
  return value.map((link: unknown) => {
    if (!isObject(link)) throw new Misshapen("links", "each one is an object")
    knowsOnly(link, linkKeys, "links.")
    const { props } = link
    return {
      edgeClass: text(link, "edgeClass"),
      target: text(link, "target"),
      ...texts(link, ["slug"]),
      ...(props === undefined ? undefined : { props })
    }
  })
}

const longestShown = 100

const knowsOnly = (value: Members, known: ReadonlyArray<string>, at: string): void => {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const shown = key.slice(0, longestShown)
    const [meant] = nearest(shown, known)
    throw new Misshapen(`${at}${shown}`, `there is no such key${meant === undefined ? "" : `; did you mean ${meant}?`}`)
  }
}

const text = (value: Members, key: string): string => {
  const found = Object.hasOwn(value, key) ? value[key] : undefined
  if (typeof found === "string") return found
  throw new Misshapen(key, found === undefined ? "is required" : "has to be a string")
}

const texts = <K extends string>(value: Members, keys: ReadonlyArray<K>): { readonly [P in K]?: string } =>
  // Boundary: built of just these keys.
  Object.fromEntries(
    keys.flatMap((key) => (Object.hasOwn(value, key) && value[key] !== undefined ? [[key, text(value, key)]] : []))
  ) as { readonly [P in K]?: string }
