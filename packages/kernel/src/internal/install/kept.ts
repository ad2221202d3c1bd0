import type { ClassContract, DomainContract, EdgeContract, PropContract } from "@portico/schema"
import { nodeInterface } from "../schema/wellKnown.ts"
import { declares, originOf } from "./references.ts"
import { renamesOf } from "./renames.ts"
import { fitsIn, propsIn, type World } from "./world.ts"

/** Classes that a version removed while nodes or edges were of them, which a policy kept. By name. */
export interface Kept {
  readonly classes: Readonly<Record<string, ClassContract>>
  readonly edges: Readonly<Record<string, EdgeContract>>
}

export const noneKept: Kept = { classes: {}, edges: {} }

/** What is stored of a domain is of this: what its contract declares, and what is kept beside that. Pure. */
export const storedSchema = (contract: DomainContract, { classes, edges }: Kept): DomainContract =>
  Object.keys(classes).length + Object.keys(edges).length === 0
    ? contract
    : { ...contract, classes: { ...contract.classes, ...classes }, edges: { ...contract.edges, ...edges } }

const isNamed = (contract: DomainContract, name: string): boolean =>
  Object.hasOwn(contract.classes, name) || Object.hasOwn(contract.edges, name)

/** Subjects (`class.Contact`) of what is kept and a new version neither brings back nor renames. Pure. */
export const stillKept = (before: DomainContract, kept: Kept, after: DomainContract): ReadonlyArray<string> => {
  const { refs } = renamesOf(storedSchema(before, kept), after)
  return [...Object.entries(kept.classes), ...Object.entries(kept.edges)]
    .filter(([name, { ref }]) => !isNamed(after, name) && !refs.has(ref))
    .map(([name]) => `class.${name}`)
}

/** What is kept, without some of it. Pure. */
export const keptBut = (kept: Kept, subjects: ReadonlyArray<string>): Kept => {
  const without = <A>(members: Readonly<Record<string, A>>) =>
    Object.fromEntries(Object.entries(members).filter(([name]) => !subjects.includes(`class.${name}`)))
  return { classes: without(kept.classes), edges: without(kept.edges) }
}

/**
 * Members of what is stored as they are kept beside a new version: without methods, and with the properties of those
 * interfaces and base classes as their own that are there no more. Pure.
 */
export const keep = (
  stored: DomainContract,
  after: DomainContract,
  others: ReadonlyArray<DomainContract>,
  subjects: ReadonlySet<string>
): Kept => {
  const { before } = renamesOf(stored, after)
  const known = new Map(others.map((contract) => [contract.origin, contract]))
  const worldOf =
    (own: DomainContract): World =>
    (origin) =>
      origin === own.origin ? own : known.get(origin)
  const chosen = <A>(members: Readonly<Record<string, A>>) =>
    Object.entries(members).filter(([name]) => subjects.has(`class.${name}`))
  const isThere = (ref: string): boolean => {
    const home = worldOf(after)(originOf(ref))
    return subjects.has(ref.slice(ref.indexOf(":") + 1)) || (home !== undefined && declares(home, ref))
  }
  const all = [before, ...others].flatMap(({ classes }) => Object.values(classes))
  const fits = new Map(all.map(({ ref }) => [ref, isThere(ref) ? fitsIn(worldOf(before), ref) : undefined]))
  /** A type, or the classes that were of it where it is there no more. */
  const standIns = (type: string): ReadonlyArray<string> =>
    isThere(type) ? [type] : [...fits].flatMap(([ref, each]) => (each?.has(type) === true ? [ref] : []))
  return {
    classes: Object.fromEntries(
      chosen(before.classes).map(([name, type]) => [name, detached(worldOf(before), type, isThere)])
    ),
    edges: Object.fromEntries(chosen(before.edges).map(([name, edge]) => [name, between(edge, standIns)]))
  }
}

const detached = (world: World, type: ClassContract, isThere: (ref: string) => boolean): ClassContract => {
  const bare = { ...type, methods: {}, deprecated: true }
  if ([...type.extends, ...type.implements].every(isThere)) return bare
  const bases = [...fitsIn(world, type.ref)].filter((ref) => ref !== type.ref && ref !== nodeInterface && isThere(ref))
  const inherited = new Set(bases.flatMap((ref) => [...propsIn(world, ref).keys()]))
  const props: Record<string, PropContract> = { ...type.props }
  for (const [key, prop] of propsIn(world, type.ref)) {
    const name = key.slice(key.lastIndexOf(".") + 1)
    if (!inherited.has(key) && props[name]?.key !== key) props[Object.hasOwn(props, name) ? key : name] = prop
  }
  const isClass = (ref: string): boolean => ref.slice(ref.indexOf(":") + 1).startsWith("class.")
  return { ...bare, extends: bases.filter(isClass), implements: bases.filter((ref) => !isClass(ref)), props }
}

const between = (edge: EdgeContract, standIns: (type: string) => ReadonlyArray<string>): EdgeContract => {
  const [source, target] = edge.ends
  const end = (of: typeof source) => ({ ...of, types: [...new Set(of.types.flatMap(standIns))] })
  return { ...edge, ends: [end(source), end(target)], deprecated: true }
}
