import type { ExtensionRef } from "@portico/gate"
import type { LocalDomain } from "../DomainHost.ts"

/** The domains whose code runs in this process, as of now. */
export interface Catalogue {
  readonly find: (origin: string) => LocalDomain | undefined
  readonly all: () => ReadonlyArray<LocalDomain>
}

/** Reads the extension point on each use: a module that is restarted takes its domains out and puts them in again. */
export const makeCatalogue = (ref: ExtensionRef<LocalDomain>): Catalogue => {
  let version = -1
  let byOrigin: ReadonlyMap<string, LocalDomain> = new Map()
  const current = () => {
    if (version !== ref.version) {
      version = ref.version
      byOrigin = new Map(ref.current.map(({ value }) => [value.definition.origin, value]))
    }
    return byOrigin
  }
  return { find: (origin) => current().get(origin), all: () => [...current().values()] }
}

/**
 * The bundled domains that the setting asks for, those that others require first. An origin that is not bundled is a
 * mistake and comes back as such.
 */
export const wanted = (
  setting: string,
  domains: ReadonlyArray<LocalDomain>
): { readonly domains: ReadonlyArray<LocalDomain>; readonly unknown: ReadonlyArray<string> } => {
  const bundled = domains.filter((domain) => domain.bundled === true)
  const names = setting
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
  if (names.length === 0 || names.includes("none")) return { domains: [], unknown: [] }
  if (names.includes("all")) return { domains: inOrder(bundled), unknown: [] }
  const known = new Set(bundled.map(({ definition }) => definition.origin))
  return {
    domains: inOrder(bundled.filter(({ definition }) => names.includes(definition.origin))),
    unknown: names.filter((name) => !known.has(name))
  }
}

/** Required domains before those that require them. A circle stays in the order in which it was found. */
const inOrder = (domains: ReadonlyArray<LocalDomain>): ReadonlyArray<LocalDomain> => {
  const byOrigin = new Map(domains.map((domain) => [domain.definition.origin, domain]))
  const ordered = new Set<LocalDomain>()
  const entered = new Set<LocalDomain>()
  const visit = (domain: LocalDomain): void => {
    if (entered.has(domain)) return
    entered.add(domain)
    const { contract, requires } = domain.definition.bundle
    for (const origin of [...requires, ...contract.imports]) {
      const required = byOrigin.get(origin)
      if (required !== undefined) visit(required)
    }
    ordered.add(domain)
  }
  for (const domain of domains) visit(domain)
  return [...ordered]
}
