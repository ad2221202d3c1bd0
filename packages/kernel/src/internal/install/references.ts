import type { CallableContract, DomainContract } from "@portico/schema"

/** Every class and interface that a contract names, by reference. */
export const referencesOf = (contract: DomainContract): ReadonlySet<string> => {
  const refs = new Set<string>()
  const add = (all: ReadonlyArray<string>) => {
    for (const ref of all) refs.add(ref)
  }
  const callables = (members: Readonly<Record<string, CallableContract>>) => {
    for (const callable of Object.values(members)) for (const ref of callable.refs) add(ref.types)
  }
  for (const type of [...Object.values(contract.interfaces), ...Object.values(contract.classes)]) {
    add(type.extends)
    if ("implements" in type) add((type as { readonly implements: ReadonlyArray<string> }).implements)
    callables(type.methods)
  }
  for (const edge of Object.values(contract.edges)) for (const end of edge.ends) add(end.types)
  for (const view of Object.values(contract.views)) add(view.viewFor)
  callables(contract.functions)
  return refs
}

/** Whether a contract declares what a reference of its own origin names. */
export const declares = (contract: DomainContract, ref: string): boolean => {
  const member = ref.slice(ref.indexOf(":") + 1)
  const name = member.slice(member.indexOf(".") + 1)
  if (member.startsWith("interface.")) return Object.hasOwn(contract.interfaces, name)
  return Object.hasOwn(contract.classes, name) || Object.hasOwn(contract.edges, name)
}

/** The origin of a reference. */
export const originOf = (ref: string): string => ref.slice(0, ref.indexOf(":"))

/** The interfaces that an interface extends, or a class extends and implements. */
export const basesOf = (contract: DomainContract, ref: string): ReadonlyArray<string> => {
  const member = ref.slice(ref.indexOf(":") + 1)
  const name = member.slice(member.indexOf(".") + 1)
  if (member.startsWith("interface."))
    return Object.hasOwn(contract.interfaces, name) ? (contract.interfaces[name]?.extends ?? []) : []
  const type = Object.hasOwn(contract.classes, name) ? contract.classes[name] : undefined
  return type === undefined ? [] : [...type.extends, ...type.implements]
}

/** Longest chain of bases that is followed. */
const longestChain = 64

/** A class or interface of `contract` that is its own base, or has a chain of bases beyond all use; if there is one. */
export const cyclicBase = (
  contract: DomainContract,
  installed: (origin: string) => DomainContract | undefined
): string | undefined => {
  const contractOf = (ref: string) => (originOf(ref) === contract.origin ? contract : installed(originOf(ref)))
  const done = new Set<string>()
  const isCyclic = (ref: string, chain: ReadonlyArray<string>): boolean => {
    if (chain.includes(ref) || chain.length > longestChain) return true
    if (done.has(ref)) return false
    const home = contractOf(ref)
    const cyclic = home !== undefined && basesOf(home, ref).some((base) => isCyclic(base, [...chain, ref]))
    done.add(ref)
    return cyclic
  }
  const own = [
    ...Object.keys(contract.interfaces).map((name) => `${contract.origin}:interface.${name}`),
    ...Object.keys(contract.classes).map((name) => `${contract.origin}:class.${name}`)
  ]
  return own.find((ref) => isCyclic(ref, []))
}

/** Whether following `next` from an origin leads back to it. */
export const leadsBack = (origin: string, next: (origin: string) => ReadonlyArray<string>): boolean => {
  const seen = new Set(next(origin))
  for (const each of seen) {
    if (each === origin) return true
    for (const further of next(each)) seen.add(further)
  }
  return false
}
