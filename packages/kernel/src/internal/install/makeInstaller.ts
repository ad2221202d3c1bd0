import { type DatabaseService, step } from "@portico/gate/database"
import { contractId, PorticoError, parseContract } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { InstallBundle, InstallPlan, InstallPolicy, SchemaInstallerService } from "../../SchemaInstaller.ts"
import type { Graph, Tx } from "../store/Graph.ts"
import { atOnce, attempt, type GraphStore, type Parts, told } from "../store/GraphStore.ts"
import { nodeByKey, rootKey } from "../store/nodes.ts"
import { subtreeOf } from "../store/tree.ts"
import { domainKey, grantSchema, ownFolders, recordInstall, writeSchema } from "./apply.ts"
import { noteAside } from "./aside.ts"
import { buildIndexes } from "./buildIndexes.ts"
import { desiredOf } from "./desired.ts"
import { examine } from "./examine.ts"
import { factsOf, installedDomains } from "./facts.ts"
import { deleteSchemaNodes } from "./gone.ts"
import { type Kept, noneKept } from "./kept.ts"
import { migrateData } from "./migrateData.ts"
import { deleteOrphans, fatesOf } from "./orphans.ts"
import { isKernelOrigin, keptOf, planInstall, planUninstall, versionsOf } from "./plan.ts"
import { maxSchemaNodes } from "./reconcile.ts"
import { cyclicBase, leadsBack } from "./references.ts"
import { refuseInUse, refusePlan, refuseViolations } from "./refuse.ts"
import type { Versions } from "./reshape.ts"

/** Installs over one store. */
export const makeInstaller = (store: GraphStore, tryLock: DatabaseService["tryLock"]): SchemaInstallerService => {
  /** One work on an origin at a time, of its kind. The others do not wait, they are told. */
  const locked = <A, E, R>(kind: string, origin: string, work: Effect.Effect<A, E, R>) =>
    Effect.scoped(
      Effect.gen(function* () {
        if (yield* Effect.catch(tryLock(`${kind} ${origin}`), told)) return yield* work
        const message = `${origin} is being installed or uninstalled`
        return yield* Effect.fail(PorticoError.make("INSTALL_IN_PROGRESS", message, { origin }))
      })
    )
  const alone = <A>(origin: string, work: Effect.Effect<A, PorticoError>) => locked("install", origin, work)

  const install = (bundle: InstallBundle, policy: InstallPolicy) =>
    store.write(
      function* (tx): Parts<{ readonly plan: InstallPlan; readonly domainId: string }> {
        const { facts, plan: known } = yield* step(() => planOf(tx, bundle))
        refusePlan(known, policy)
        yield* step(() => refuseCycles(tx, bundle))
        const fates = fatesOf(known, policy)
        const kept = yield* step(() => keptOf(bundle.contract, facts, fates.kept))
        const versions = versionsOf(bundle.contract, facts, kept)
        const findings = versions === undefined ? undefined : yield* examine(tx, versions, Number.POSITIVE_INFINITY)
        const plan = { ...known, violations: findings?.all ?? [] }
        refuseViolations(plan)
        yield* deleteOrphans(tx, bundle.contract.origin, fates.deleted)
        const domainId = yield* write(tx, bundle, versions, kept)
        yield* noteAside(tx, findings?.aside ?? [])
        return { plan, domainId }
      },
      { long: true }
    )

  return {
    alone: (origin, work) => locked("domain", origin, work),
    plan: (bundle) =>
      Effect.flatMap(
        Effect.suspend(() => attempt(() => checkBundle(bundle))),
        (checked) => store.read((graph) => dryPlan(graph, checked))
      ),
    install: (bundle, policy = {}) =>
      Effect.flatMap(
        Effect.suspend(() => attempt(() => checkBundle(bundle))),
        (checked) =>
          alone(
            checked.contract.origin,
            Effect.map(install(checked, policy), ({ result, seq }) => ({ ...result, seq }))
          )
      ),
    uninstall: (origin) =>
      alone(
        origin,
        Effect.map(
          store.write((tx) => takeOut(tx, origin), { long: true }),
          ({ seq }) => ({ seq })
        )
      ),
    installed: store.read((graph) => installedDomains(graph).filter((domain) => !isKernelOrigin(domain.origin)))
  }
}

/** Nodes and edges of a class that a plan looks at, where nothing is going to be written. */
const plannedFor = 50_000

const planOf = (graph: Graph, bundle: InstallBundle) => {
  const facts = factsOf(graph, bundle.contract.origin)
  return { facts, plan: planInstall(bundle, facts) }
}

const dryPlan = (graph: Graph, bundle: InstallBundle): InstallPlan => {
  const { facts, plan } = planOf(graph, bundle)
  const kept = keptOf(
    bundle.contract,
    facts,
    plan.kept.map(({ subject }) => subject)
  )
  const versions = versionsOf(bundle.contract, facts, kept)
  return versions === undefined ? plan : { ...plan, violations: atOnce(examine(graph, versions, plannedFor)).all }
}

/** A bundle whose contract was read anew and is what its id says. */
const checkBundle = (bundle: InstallBundle): InstallBundle => {
  const parsed = parseContract(bundle.contract)
  if (Result.isFailure(parsed)) throw parsed.failure
  const contract = parsed.success
  if (isKernelOrigin(contract.origin)) {
    throw PorticoError.make("SCHEMA_CONFLICT", "the kernel brings its own schema", { origin: contract.origin })
  }
  const id = contractId(contract)
  if (id !== bundle.contractId) {
    throw PorticoError.make("CONTRACT_MISMATCH", "the contract is not the one that its id names", {
      contractId: bundle.contractId,
      actual: id
    })
  }
  const checked = { ...bundle, contract }
  if (desiredOf(checked, noneKept).nodes.length > maxSchemaNodes) {
    throw PorticoError.make("LIMIT_EXCEEDED", `a domain has at most ${maxSchemaNodes} schema nodes`, {
      limit: "schemaNodes",
      max: maxSchemaNodes
    })
  }
  return checked
}

const refuseCycles = (tx: Tx, { contract, requires }: InstallBundle): void => {
  const contractOf = (origin: string) => tx.schema.domain(tx, origin)?.bundle.contract
  const base = cyclicBase(contract, contractOf)
  if (base !== undefined) throw PorticoError.make("SCHEMA_CONFLICT", `${base} is its own base`, { cycle: base })
  const needs = (origin: string): ReadonlyArray<string> => {
    if (origin === contract.origin) return [...contract.imports, ...requires].filter((each) => each !== origin)
    const entry = tx.schema.domain(tx, origin)
    return entry === undefined ? [] : [...entry.bundle.contract.imports, ...entry.bundle.requires]
  }
  if (leadsBack(contract.origin, needs)) {
    throw PorticoError.make("SCHEMA_CONFLICT", `what ${contract.origin} needs would need it`, {
      cycle: contract.origin
    })
  }
}

/** Writes a bundle that was found good; answers the id of the Domain. */
function* write(tx: Tx, bundle: InstallBundle, versions: Versions | undefined, kept: Kept): Parts<string> {
  const before = yield* step(() => tx.schema.domain(tx, bundle.contract.origin)?.bundle)
  const domain = domainKey(yield* writeSchema(tx, bundle, kept, versions?.renames))
  yield* step(() => grantSchema(tx, bundle, before, domain))
  yield* step(() => ownFolders(tx, bundle, before, domain))
  if (versions !== undefined) yield* migrateData(tx, versions)
  yield* buildIndexes(tx)
  return yield* step(() => {
    tx.touchSchema()
    // An install is a commit even where it changed nothing but the time of installing.
    recordInstall(tx, domain)
    return nodeByKey(tx, domain)?.id ?? ""
  })
}

function* takeOut(tx: Tx, origin: string): Parts<void> {
  yield* step(() => removeSchema(tx, origin))
  yield* buildIndexes(tx)
}

const removeSchema = (tx: Tx, origin: string): void => {
  const facts = factsOf(tx, origin)
  if (facts.current === undefined || isKernelOrigin(origin)) {
    throw PorticoError.make("NOT_FOUND", `${origin} is not installed`, { origin })
  }
  refuseInUse(needing(planUninstall(facts.current, facts)))
  tx.touchSchema()
  const domain = tx.schema.domain(tx, origin)
  if (domain !== undefined) deleteSchemaNodes(tx, subtreeOf(tx, domain.key, maxSchemaNodes * 2))
  tx.conn.prepare("DELETE FROM installed_domains WHERE origin = ?").run(origin)
  recordInstall(tx, rootKey)
  tx.touchSchema()
}

/** Whoever requires a domain needs it whole, even without naming a member. */
const needing = (plan: ReturnType<typeof planUninstall>): ReturnType<typeof planUninstall> => ({
  ...plan,
  dependents: plan.dependents.map(({ origin, uses }) => ({ origin, uses: uses.length > 0 ? uses : ["the domain"] }))
})
