import type { DomainContract, PropContract } from "@portico/schema"
import { nodeInterface } from "../schema/wellKnown.ts"
import { basesOf, originOf } from "./references.ts"

/** The contract of each installed origin: the schema as it is, or as it would be. */
export type World = (origin: string) => DomainContract | undefined

/** A class or interface, and all that it extends and implements. Pure. */
export const fitsIn = (world: World, ref: string): ReadonlySet<string> => {
  const fits = new Set([ref])
  for (const each of fits) {
    const home = world(originOf(each))
    if (home !== undefined) for (const base of basesOf(home, each)) fits.add(base)
  }
  return fits.add(nodeInterface)
}

/** Every property of a class or edge class by its key, inherited ones too. Pure. */
export const propsIn = (world: World, ref: string): ReadonlyMap<string, PropContract> => {
  const props = new Map<string, PropContract>()
  for (const each of fitsIn(world, ref)) {
    for (const prop of Object.values(declaredIn(world, each))) props.set(prop.key, prop)
  }
  return props
}

const declaredIn = (world: World, ref: string): Readonly<Record<string, PropContract>> => {
  const home = world(originOf(ref))
  const [kind = "", name = ""] = ref.slice(ref.indexOf(":") + 1).split(".", 2)
  if (home === undefined) return {}
  const sections = kind === "interface" ? [home.interfaces] : [home.classes, home.edges]
  return sections.find((section) => Object.hasOwn(section, name))?.[name]?.props ?? {}
}

/** Keys of the properties of another origin's interfaces that classes of a contract are unique, indexed or searched by. */
export const listedProps = (contract: DomainContract, origin: string, world: World): ReadonlySet<string> => {
  const keys = new Set<string>()
  for (const { indexes, ref, search, unique } of Object.values(contract.classes)) {
    const names = new Set([...unique, ...indexes, ...(search === undefined ? [] : [search.title, search.text])].flat())
    if (names.size === 0) continue
    for (const base of fitsIn(world, ref)) {
      if (base.startsWith(`${origin}:`)) for (const name of names) keys.add(`${base}.property.${name}`)
    }
  }
  return keys
}
