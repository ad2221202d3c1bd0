import type { DomainContract, Json, PropContract } from "@portico/schema"
import { containerInterface } from "../schema/wellKnown.ts"
import { accepts } from "./accepts.ts"
import { originOf } from "./references.ts"
import type { Renames } from "./renames.ts"
import { fitsIn, propsIn, type World } from "./world.ts"

/** What stored props of a class have to do for a property that they may not fit. */
export interface PropCheck {
  readonly prop: PropContract
  /** The key that values are stored under so far. */
  readonly from: string
  /** Values may be missing, and there is nothing to put in their place. */
  readonly mayLack: boolean
  /** Values that are there may not fit. */
  readonly mayMisfit: boolean
}

/** What becomes of the stored props of one class or edge class. */
export interface Reshape {
  readonly kind: "class" | "edge"
  /** Its reference before and after. */
  readonly was: string
  readonly ref: string
  /** Keys that are called otherwise, and keys that are no longer there: those lead to `undefined`. */
  readonly keys: ReadonlyMap<string, string | undefined>
  /** What is put where nothing is. */
  readonly filled: ReadonlyMap<string, Json>
  readonly checks: ReadonlyArray<PropCheck>
  /** Its nodes may hold children no more. */
  readonly childless: boolean
  /**
   * Lists of properties that are unique from now on, or that something is filled into: as the keys that values are stored
   * under so far, each with what is put where nothing is.
   */
  readonly uniques: ReadonlyArray<{
    readonly names: ReadonlyArray<string>
    readonly from: ReadonlyArray<{ readonly key: string; readonly filled: Json | undefined }>
  }>
}

/** The contracts of one domain, and of all others. */
export interface Versions {
  readonly before: DomainContract
  readonly after: DomainContract
  readonly renames: Renames
  /** All installed domains but this one. */
  readonly others: ReadonlyArray<DomainContract>
}

/** The schema with one version of the domain, and with the other. */
export const worldsOf = ({ after, before, others }: Versions): { readonly before: World; readonly after: World } => {
  const known = new Map(others.map((contract) => [contract.origin, contract]))
  const world =
    (own: DomainContract): World =>
    (origin) =>
      origin === own.origin ? own : known.get(origin)
  return { before: world(before), after: world(after) }
}

type Types = Readonly<Record<string, { readonly ref: string }>>

/** Every class whose stored props change with the domain, or have to be looked at. Pure. */
export const reshapesOf = (versions: Versions): ReadonlyArray<Reshape> => {
  const worlds = worldsOf(versions)
  const { after, before, others, renames } = versions
  const own = (kind: "class" | "edge", now: Types, was: Types) => {
    const stay = new Set(Object.values(now).map(({ ref }) => ref))
    return Object.values(was)
      .map((type) => ({ kind, was: type.ref, ref: renames.refs.get(type.ref) ?? type.ref }))
      .filter(({ ref }) => stay.has(ref))
  }
  const foreign = others.flatMap((contract) =>
    Object.values(contract.classes)
      .filter(({ ref }) => [...fitsIn(worlds.before, ref)].some((each) => each.startsWith(`${after.origin}:`)))
      .map(({ ref }) => ({ kind: "class" as const, was: ref, ref }))
  )
  return [...own("class", after.classes, before.classes), ...own("edge", after.edges, before.edges), ...foreign]
    .map((type) => ({ ...type, ...changesOf(versions, worlds, type) }))
    .filter(
      ({ checks, childless, filled, keys, uniques }) =>
        childless || checks.length + filled.size + keys.size + uniques.length > 0
    )
}

const changesOf = (
  versions: Versions,
  worlds: ReturnType<typeof worldsOf>,
  { ref, was }: { readonly ref: string; readonly was: string }
): Omit<Reshape, "kind" | "was" | "ref"> => {
  const [old, now] = [propsIn(worlds.before, was), propsIn(worlds.after, ref)]
  const keys = new Map<string, string | undefined>()
  const before = new Map<string, string>()
  for (const key of old.keys()) {
    const to = versions.renames.keys.get(key) ?? key
    before.set(to, key)
    if (!now.has(to)) keys.set(key, undefined)
    else if (to !== key) keys.set(key, to)
  }
  const filled = new Map<string, Json>()
  const checks: Array<PropCheck> = []
  for (const [key, prop] of now) {
    const from = before.get(key) ?? key
    const known = old.get(from)
    const isNeeded = prop.required && known?.required !== true
    if (isNeeded && prop.default !== undefined) filled.set(key, prop.default)
    const mayLack = isNeeded && prop.default === undefined
    const mayMisfit = known !== undefined && !accepts(prop.schema, known.schema)
    if (mayLack || mayMisfit) checks.push({ prop, from, mayLack, mayMisfit })
  }
  const held = fitsIn(worlds.before, was).has(containerInterface)
  const childless = held && !fitsIn(worlds.after, ref).has(containerInterface)
  return { keys, filled, checks, childless, uniques: uniquesToCheck(versions, worlds, ref, { now, before, filled }) }
}

const uniquesToCheck = (
  { after, renames }: Versions,
  worlds: ReturnType<typeof worldsOf>,
  ref: string,
  props: {
    readonly now: ReadonlyMap<string, PropContract>
    readonly before: ReadonlyMap<string, string>
    readonly filled: ReadonlyMap<string, Json>
  }
): Reshape["uniques"] => {
  const name = ref.slice(ref.lastIndexOf(".") + 1)
  const listsOf = (contract: DomainContract | undefined) =>
    contract !== undefined && ref === `${contract.origin}:class.${name}` && Object.hasOwn(contract.classes, name)
      ? (contract.classes[name]?.unique ?? [])
      : []
  const isOwn = originOf(ref) === after.origin
  // Another domain's class has the lists that it had.
  const lists = listsOf(isOwn ? after : worlds.after(originOf(ref)))
  const known = new Set((isOwn ? listsOf(renames.before) : lists).map((list) => list.join(",")))
  const keyOf = (name: string) => [...props.now.keys()].find((key) => key.endsWith(`.property.${name}`)) ?? ""
  return lists
    .filter((list) => !known.has(list.join(",")) || list.some((name) => props.filled.has(keyOf(name))))
    .map((names) => ({
      names,
      from: names.map(keyOf).map((key) => ({ key: props.before.get(key) ?? key, filled: props.filled.get(key) }))
    }))
}
