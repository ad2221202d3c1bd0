import { step } from "@portico/gate/database"
import { K, KernelSchema, kernelOrigin, READ, readingMethods, USE } from "@portico/schema"
import type { InstallBundle } from "../../SchemaInstaller.ts"
import { setGrant } from "../permission/grants.ts"
import { authenticatedPath, everyonePath, hasPerm } from "../schema/wellKnown.ts"
import { raiseFloor } from "../store/changes.ts"
import type { Graph, Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import { childKey, insertNode, nodeByKey, rootKey } from "../store/nodes.ts"
import { recordInstall, writeSchema } from "./apply.ts"
import { factsOf } from "./facts.ts"
import { noneKept } from "./kept.ts"
import { kernelContractId } from "./kernelContractId.ts"
import { migrateData } from "./migrateData.ts"
import { versionsOf } from "./plan.ts"
import { kernelClassKey, type Reconciled } from "./reconcile.ts"

const kernelBundle = (): InstallBundle => ({
  contract: KernelSchema.contract,
  contractId: kernelContractId,
  requires: [],
  owns: [],
  acts: null,
  grants: { everyone: 0, authenticated: READ },
  postInstall: null
})

/** Whether the store has this kernel's schema already. */
export const isBooted = (graph: Graph): boolean =>
  graph.conn.prepare("SELECT contract_id FROM installed_domains WHERE origin = ?").get(kernelOrigin)?.contract_id ===
  kernelContractId

/** Writes the kernel's own schema, and on the first boot the nodes that all else hangs on. */
export function* boot(tx: Tx): Parts<void> {
  // Of processes that start at once, one does it.
  if (yield* step(() => isBooted(tx))) return
  const isFirst = yield* step(() => nodeByKey(tx, rootKey) === undefined)
  if (isFirst) yield* step(() => makeRoot(tx))
  const versions = yield* step(() =>
    isFirst ? undefined : versionsOf(KernelSchema.contract, factsOf(tx, kernelOrigin), noneKept)
  )
  const reconciled = yield* writeSchema(tx, kernelBundle(), noneKept, versions?.renames)
  if (isFirst) yield* step(() => nameClasses(tx))
  if (isFirst) yield* step(() => makeIdentities(tx))
  yield* step(() => grantKernel(tx, reconciled))
  if (versions !== undefined) yield* migrateData(tx, versions)
  // What the first boot made is not told as changes.
  yield* step(() => (isFirst ? raiseFloor(tx, tx.seq) : recordInstall(tx, rootKey)))
}

const makeRoot = (tx: Tx): void => {
  const { key } = insertNode(tx, { parent: 0, slug: "", classKey: 0, props: {} })
  if (key !== rootKey) throw new Error("the store is not empty, and has no Root")
}

/** The classes of the first nodes are among those nodes, so they were written down without. */
const nameClasses = (tx: Tx): void => {
  const domain = childKey(tx, rootKey, kernelOrigin) ?? 0
  const name = (ref: string, where: string, ...params: ReadonlyArray<string | number>) =>
    tx.conn.prepare(`UPDATE nodes SET class = ? WHERE class = 0 AND ${where}`).run(kernelClassKey(tx, ref), ...params)
  name(K.Root.ref, "key = ?", rootKey)
  name(K.Domain.ref, "key = ?", domain)
  name(K.Interface.ref, "parent = ? AND slug LIKE 'interface.%'", domain)
  for (const edge of Object.keys(KernelSchema.contract.edges)) {
    name(K.EdgeClass.ref, "parent = ? AND slug = ?", domain, `class.${edge}`)
  }
  name(K.Class.ref, "parent = ? AND slug LIKE 'class.%'", domain)
  // What is left are methods.
  name(K.Function.ref, "key <> ?", rootKey)
  tx.touchSchema()
}

const makeIdentities = (tx: Tx): void => {
  const folder = insertNode(tx, {
    parent: rootKey,
    slug: "identities",
    classKey: kernelClassKey(tx, K.Folder.ref),
    props: {}
  })
  for (const [path, name] of [
    [everyonePath, "Everyone"],
    [authenticatedPath, "Everyone who showed a credential"]
  ] as const) {
    const slug = path.slice(path.lastIndexOf("/") + 1)
    const classKey = kernelClassKey(tx, K.Group.ref)
    insertNode(tx, { parent: folder.key, slug, classKey, props: { [K.Named.name.key]: name } })
  }
}

/** Members that hand out nothing by default: whoever may install domains is granted it, or all of `/`. */
const ungranted = new Set(["class.Domain"])

/**
 * Everyone may USE the reading methods and whoever shows a credential everything else but installing. Only what this
 * boot made is granted on, so that what an operator changed since stays changed.
 */
const grantKernel = (tx: Tx, reconciled: Reconciled): void => {
  const { keys, made } = reconciled
  const identities = childKey(tx, rootKey, "identities") ?? 0
  const [everyone, authenticated] = ["everyone", "authenticated"].map((slug) => childKey(tx, identities, slug) ?? 0)
  const hasPermKey = kernelClassKey(tx, hasPerm)
  const grant = (identity: number | undefined, place: string, mask: number) => {
    const key = keys.get(place)
    if (identity !== undefined && key !== undefined && made.has(place)) setGrant(tx, identity, key, hasPermKey, mask)
  }
  grant(authenticated, "", READ)
  for (const place of keys.keys()) {
    if (place !== "" && !place.includes("/") && !ungranted.has(place)) grant(authenticated, place, READ | USE)
  }
  grant(authenticated, "class.Domain/list", READ | USE)
  for (const path of readingMethods) {
    const [, , member = "", method = ""] = path.split(":")
    grant(everyone, `${member}/${method}`, USE)
  }
}
