import { nearest } from "@portico/gate"
import { type Issue, type Json, PorticoError, type PropContract } from "@portico/schema"
import { deepFreeze } from "../json.ts"
import type { Props } from "../store/nodes.ts"
import type { TypeInfo } from "./types.ts"
import { fits, issuesOf } from "./validate.ts"

/** Largest props of a node or edge, in bytes of JSON. */
export const mostPropsBytes = 16 * 1024 * 1024

/** The property that a given key means: a qualified key, or a short one where only one property has that name. */
const propOf = (type: TypeInfo, key: string): PropContract | "ambiguous" | undefined =>
  type.props.byKey.get(key) ?? type.props.byName.get(key)

const refuse = (type: TypeInfo, issues: ReadonlyArray<Issue>): never => {
  const [first] = issues
  const where = first === undefined ? "" : ` (${first.path.join(".")}: ${first.message})`
  throw PorticoError.make("INVALID_PARAMS", `the props do not fit ${type.ref}${where}`, { issues })
}

const reserved = new Set(["id", "path", "slug", "class", "rev", "createdAt", "updatedAt", "parent", "owner"])

const unknownKey = (type: TypeInfo, key: string, found: "ambiguous" | undefined): Issue => {
  const path = ["props", key]
  if (found === "ambiguous") return { path, code: "ambiguous", message: "several interfaces declare it; qualify it" }
  if (reserved.has(key)) return { path, code: "reserved", message: "set by the kernel" }
  return { path, code: "unknown_property", message: `${type.ref} has no such property${orRather(key, type)}` }
}

/** What a name may have been meant to be. */
export const orRather = (key: string, type: TypeInfo): string => {
  const [meant] = nearest(key.slice(0, longestName), type.props.byName.keys())
  return meant === undefined ? "" : `; did you mean ${meant}?`
}

const longestName = 100

/**
 * Props with qualified keys, in the order they were given. Entries are collected in a Map: a key such as `__proto__`
 * is a property that no class has, and nothing else.
 */
export const qualify = (type: TypeInfo, props: Readonly<Record<string, unknown>>): ReadonlyMap<string, Json> => {
  const qualified = new Map<string, Json>()
  const issues: Array<Issue> = []
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined) continue
    const prop = propOf(type, key)
    if (prop === undefined || prop === "ambiguous") issues.push(unknownKey(type, key, prop))
    else if (qualified.has(prop.key)) issues.push({ path: ["props", key], code: "twice", message: "is given twice" })
    // Boundary: checked to be JSON when the params came in.
    else qualified.set(prop.key, value as Json)
  }
  if (issues.length > 0) refuse(type, issues)
  return qualified
}

/** The qualified keys that a list of keys means. */
export const qualifyKeys = (type: TypeInfo, keys: ReadonlyArray<string>, param: string): ReadonlyArray<string> =>
  keys.map((key) => {
    const prop = propOf(type, key)
    if (prop !== undefined && prop !== "ambiguous") return prop.key
    return refuse(type, [{ ...unknownKey(type, key, prop), path: [param, key] }])
  })

/** Checked props of a new node or edge: qualified, with defaults, each fitting its schema. */
export const newProps = (type: TypeInfo, given: Readonly<Record<string, unknown>>): Props => {
  const props = new Map(qualify(type, given))
  for (const prop of type.props.defaults) {
    if (prop.default !== undefined && !props.has(prop.key)) props.set(prop.key, prop.default)
  }
  return checked(type, props, props.keys())
}

/**
 * Props after a merge patch (RFC 7396) and removals. `null` removes a property, as that RFC has it; only where the
 * property is required, so that it could not be removed, and its schema takes null, null is what it becomes.
 */
export const patchedProps = (
  type: TypeInfo,
  before: Props,
  patch: Readonly<Record<string, unknown>>,
  unset: ReadonlyArray<string>
): Props => {
  const props = new Map(Object.entries(before))
  const changed = new Set<string>()
  for (const [key, value] of qualify(type, patch)) {
    changed.add(key)
    if (value === null && type.props.byKey.get(key)?.required !== true) props.delete(key)
    else props.set(key, mergePatch(props.get(key), value))
  }
  for (const key of qualifyKeys(type, unset, "unset")) {
    const isSet = changed.has(key) && props.has(key)
    if (isSet) refuse(type, [{ path: ["unset", key], code: "twice", message: "props gives it a value" }])
    changed.add(key)
    props.delete(key)
  }
  return checked(type, props, changed)
}

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** RFC 7396, section 2, for values below the top. */
const mergePatch = (target: Json | undefined, patch: Json): Json => {
  if (!isObject(patch)) return patch
  const merged = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

const checked = (type: TypeInfo, props: ReadonlyMap<string, Json>, changed: Iterable<string>): Props => {
  const issues: Array<Issue> = []
  for (const prop of type.props.required) {
    if (!props.has(prop.key)) {
      issues.push({ path: ["props", nameOf(prop)], code: "required", message: "is required" })
    }
  }
  for (const key of changed) {
    const prop = type.props.byKey.get(key)
    const value = props.get(key)
    if (prop === undefined || value === undefined || fits(prop.schema, value)) continue
    issues.push(...issuesOf(prop.schema, value, ["props", nameOf(prop)]))
  }
  if (issues.length > 0) refuse(type, issues)
  return Object.fromEntries(props)
}

const nameOf = (prop: PropContract): string => prop.key.slice(prop.key.lastIndexOf(".") + 1)

/** The JSON text of props, refused where it takes more than `max` bytes. */
export const propsText = (props: Props, max: number): string => {
  const text = JSON.stringify(props)
  // A character is at most three bytes of UTF-8, so short texts need no counting.
  if (text.length * 3 > max && Buffer.byteLength(text) > max) {
    throw PorticoError.make("LIMIT_EXCEEDED", `props take at most ${max} bytes`, { limit: "props", max })
  }
  return text
}

/** Only these properties. */
export const pick = (props: Props, keys: ReadonlyArray<string>): Props => {
  const wanted = new Set(keys)
  return deepFreeze(Object.fromEntries(Object.entries(props).filter(([key]) => wanted.has(key))))
}
