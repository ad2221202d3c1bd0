import type { Json } from "@portico/schema"
import type { ClassFacts } from "./domain.ts"
import { type Props, refuse } from "./World.ts"

type Facts = ClassFacts["props"]
type Given = Readonly<Record<string, Json>>

const invalid = (): never => refuse("INVALID_PARAMS")

const factsOf = (facts: Facts, key: string) =>
  facts[key] ?? Object.values(facts).find((prop) => prop.key === key) ?? invalid()

const check = (facts: Facts, props: Props): Props => {
  for (const { key, kind, required } of Object.values(facts)) {
    const value = props[key]
    if (value === undefined && required === true) invalid()
    if (value !== undefined && typeof value !== (kind === "text" ? "string" : "number")) invalid()
  }
  return props
}

/** Values by qualified key; a property that is given by its short key, too, is given twice. */
const once = (facts: Facts, given: Given) => {
  const values = Object.entries(given).map(([name, value]) => ({ ...factsOf(facts, name), value }))
  return new Set(values.map(({ key }) => key)).size === values.length ? values : invalid()
}

export const newProps = (facts: Facts, given: Given): Props =>
  check(facts, Object.fromEntries(once(facts, given).map(({ key, value }) => [key, value])))

/** A merge patch, in which null removes; and removals. */
export const patched = (facts: Facts, before: Props, patch: Given, unset: ReadonlyArray<string> = []): Props => {
  const props = new Map(Object.entries(before))
  const values = once(facts, patch)
  for (const { key, required, value } of values) {
    if (value === null && required !== true) props.delete(key)
    else props.set(key, value)
  }
  for (const name of unset) {
    const { key } = factsOf(facts, name)
    if (values.some((each) => each.key === key && props.has(key))) invalid()
    props.delete(key)
  }
  return check(facts, Object.fromEntries(props))
}

export const sameProps = (a: Props, b: Props): boolean => {
  const [left, right] = [Object.entries(a), Object.entries(b)]
  return left.length === right.length && left.every(([key, value]) => b[key] === value)
}

/** With the short keys that `where` and `order` are asked by. */
export const shortProps = (facts: Facts, props: Props): Readonly<Record<string, Json | undefined>> =>
  Object.fromEntries(Object.entries(facts).map(([name, { key }]) => [name, props[key]]))
