import { type DomainContract, kernelOrigin, Mask, READ, USE } from "@portico/schema"
import type { InstallBundle, InstalledDomain, InstallPlan } from "../../SchemaInstaller.ts"
import { diffContracts } from "./diff.ts"
import { type Kept, keep, keptBut, noneKept, stillKept, storedSchema } from "./kept.ts"
import { declares, originOf, referencesOf } from "./references.ts"
import { renamesOf } from "./renames.ts"
import type { Versions } from "./reshape.ts"
import { listedProps } from "./world.ts"

/** What a plan must know of the store. */
export interface InstallFacts {
  /** What is installed under the bundle's origin. */
  readonly current: InstalledDomain | undefined
  /** Every installed domain, the kernel too. */
  readonly domains: ReadonlyArray<
    Pick<InstalledDomain, "origin" | "contract" | "requires"> & { readonly stored: DomainContract }
  >
  /** What versions before removed from the bundle's origin, and nodes or edges are of. */
  readonly kept: Kept
  /** How many nodes or edges use a class of the bundle's origin, by member (`class.Contact`). */
  readonly uses: (member: string) => number
  /** Whose a folder is. */
  readonly folder: (path: string) => InstallPlan["owns"][number]
}

/** What a new version is compared with. `kept` is what stays beside it of classes that it removes. */
export const versionsOf = (contract: DomainContract, facts: InstallFacts, kept: Kept): Versions | undefined => {
  if (facts.current === undefined) return undefined
  const [before, after] = [storedSchema(facts.current.contract, facts.kept), storedSchema(contract, kept)]
  return { before, after, renames: renamesOf(before, after), others: othersOf(contract, facts) }
}

const othersOf = (contract: DomainContract, facts: InstallFacts): ReadonlyArray<DomainContract> =>
  facts.domains.filter(({ origin }) => origin !== contract.origin).map(({ stored }) => stored)

/** Classes as they are kept: as many of these as nodes or edges are of. */
export const keptOf = (contract: DomainContract, facts: InstallFacts, subjects: Iterable<string>): Kept => {
  if (facts.current === undefined) return noneKept
  const used = new Set([...subjects].filter((subject) => facts.uses(subject) > 0))
  return keep(storedSchema(facts.current.contract, facts.kept), contract, othersOf(contract, facts), used)
}

/** The masks on a domain's schema: as declared, or READ and USE to whoever showed a credential. */
export const grantsOf = (grants: InstallBundle["grants"]) =>
  grants.everyone === undefined && grants.authenticated === undefined
    ? { everyone: 0, authenticated: READ | USE }
    : { everyone: grants.everyone ?? 0, authenticated: grants.authenticated ?? 0 }

/** What installing a bundle would do, but for what stored nodes and edges are like. Pure. */
export const planInstall = (bundle: InstallBundle, facts: InstallFacts): InstallPlan => {
  const { contract } = bundle
  const stays = facts.current === undefined ? [] : stillKept(facts.current.contract, facts.kept, contract)
  const before =
    facts.current === undefined ? undefined : storedSchema(facts.current.contract, keptBut(facts.kept, stays))
  const diff = diffContracts(before, contract)
  const grants = grantsOf(bundle.grants)
  return {
    origin: contract.origin,
    contractId: bundle.contractId,
    installed: facts.current?.contractId ?? null,
    unchanged: facts.current !== undefined && isSame(bundle, facts.current),
    ...diff,
    violations: [],
    orphaned: orphanedBy(diff.removed, facts),
    kept: orphanedBy(stays, facts),
    dependents: dependentsOf(contract.origin, [...diff.removed, ...diff.renamed.map(({ from }) => from)], facts),
    missing: missingFor(bundle, facts),
    owns: bundle.owns.map(facts.folder),
    authority: {
      acts: bundle.acts === null ? null : { nodes: bundle.acts.nodes, perms: Mask.names(bundle.acts.perms) },
      grants: { everyone: Mask.names(grants.everyone), authenticated: Mask.names(grants.authenticated) }
    }
  }
}

const isSame = (bundle: InstallBundle, current: InstalledDomain): boolean => {
  const parts = (of: InstallBundle | InstalledDomain) =>
    JSON.stringify([of.contract, of.version ?? null, of.requires, of.owns, of.acts, of.postInstall])
  return parts(bundle) === parts(current) && bundle.contractId === current.contractId
}

const isType = (subject: string): boolean => /^(?:class|interface)\.[^.:]+$/.test(subject)

const orphanedBy = (removed: ReadonlyArray<string>, facts: InstallFacts): InstallPlan["orphaned"] =>
  removed
    .filter((subject) => isType(subject) && subject.startsWith("class."))
    .map((subject) => ({ subject, count: facts.uses(subject) }))
    .filter(({ count }) => count > 0)

/** Installed domains that build on an origin, and which of the removed or renamed members they name. */
const dependentsOf = (origin: string, gone: ReadonlyArray<string>, facts: InstallFacts): InstallPlan["dependents"] => {
  const known = new Map<string, DomainContract>(facts.domains.map((domain) => [domain.origin, domain.stored]))
  return facts.domains
    .filter((domain) => domain.origin !== origin)
    .filter(({ contract, requires }) => contract.imports.includes(origin) || requires.includes(origin))
    .map(({ origin: dependent, stored }) => {
      const refs = referencesOf(stored)
      const listed = listedProps(stored, origin, (each) => known.get(each))
      const uses = gone.filter((subject) => refs.has(`${origin}:${subject}`) || listed.has(`${origin}:${subject}`))
      return { origin: dependent, uses }
    })
}

/** Origins that are needed and not installed, and references to what an installed domain does not have. */
const missingFor = ({ contract, requires }: InstallBundle, facts: InstallFacts): ReadonlyArray<string> => {
  const installed = new Map<string, DomainContract>(facts.domains.map((domain) => [domain.origin, domain.contract]))
  const origins = new Set([...contract.imports, ...requires].filter((origin) => origin !== contract.origin))
  const absent = [...origins].filter((origin) => !installed.has(origin))
  const unknown = [...referencesOf(contract)].filter((ref) => {
    const home = originOf(ref) === contract.origin ? undefined : installed.get(originOf(ref))
    return home !== undefined && !declares(home, ref)
  })
  return [...absent, ...unknown]
}

/** What taking a domain out would orphan, and who builds on it. Pure. */
export const planUninstall = (
  current: InstalledDomain,
  facts: InstallFacts
): Pick<InstallPlan, "orphaned" | "dependents"> => {
  const { removed } = diffContracts(storedSchema(current.contract, facts.kept), undefined)
  return { orphaned: orphanedBy(removed, facts), dependents: dependentsOf(current.origin, removed, facts) }
}

export const isKernelOrigin = (origin: string): boolean => origin === kernelOrigin
