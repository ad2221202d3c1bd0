import { type Json, PorticoError, type Prop } from "@portico/schema"
import * as Result from "effect/Result"

interface Declares {
  readonly props: Readonly<Record<string, unknown>>
  readonly implements?: ReadonlyArray<Declares>
  readonly extends?: ReadonlyArray<Declares>
}

/** A compiled class, interface or edge class, as far as its properties go. */
export interface Handle {
  readonly ref: string
  readonly "~definition": Declares
}

const isProp = (member: unknown): member is Prop =>
  typeof member === "object" && member !== null && "_tag" in member && member._tag === "Prop"

/** A property by its short name, inherited ones too. */
export const propOf = (handle: { readonly ref: string }, name: string): Prop | undefined => {
  const member: unknown = Reflect.get(handle, name)
  return isProp(member) ? member : undefined
}

const namesOf = (definition: Declares): ReadonlyArray<string> => [
  ...Object.keys(definition.props),
  ...[...(definition.implements ?? []), ...(definition.extends ?? [])].flatMap(namesOf)
]

const known = new WeakMap<object, ReadonlyArray<Prop>>()

/** Every property of a class, interface or edge class, found once. */
export const propsOfHandle = (handle: Handle): ReadonlyArray<Prop> => {
  const before = known.get(handle)
  if (before !== undefined) return before
  const props = [...new Set(namesOf(handle["~definition"]))].flatMap((name) => propOf(handle, name) ?? [])
  known.set(handle, props)
  return props
}

export const decodeProp = (from: { readonly props: Readonly<Record<string, Json>> }, prop: Prop): unknown => {
  const decoded = prop.codec.decode(from.props[prop.key])
  if (Result.isSuccess(decoded)) return decoded.success
  throw PorticoError.make("CONTRACT_MISMATCH", `A stored ${prop.key} does not fit its schema.`, {
    issues: decoded.failure.details?.issues
  })
}
