import { step } from "@portico/gate/database"
import { ALL, K, Path, PorticoError } from "@portico/schema"
import type { InstallBundle } from "../../SchemaInstaller.ts"
import { classOf } from "../ops/types.ts"
import { setGrant } from "../permission/grants.ts"
import { authenticatedPath, containerInterface, everyonePath, hasPerm } from "../schema/wellKnown.ts"
import { writeChange } from "../store/changes.ts"
import type { Tx } from "../store/Graph.ts"
import type { Parts } from "../store/GraphStore.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { childKey, childOf, insertNode, nodeByKey, nodeByPath, rootKey, rootOf } from "../store/nodes.ts"
import { desiredOf } from "./desired.ts"
import { folderSlugs } from "./facts.ts"
import type { Kept } from "./kept.ts"
import { grantsOf } from "./plan.ts"
import { kernelClassKey, type Reconciled, reconcileEdges, reconcileNodes } from "./reconcile.ts"
import { renameSchema } from "./renameSchema.ts"
import type { Renames } from "./renames.ts"

/** Writes the schema of a domain: its nodes, its edges, and the bundle that they came from. */
export function* writeSchema(tx: Tx, bundle: InstallBundle, kept: Kept, renames?: Renames): Parts<Reconciled> {
  yield* step(() => tx.touchSchema())
  const known = yield* step(() => childKey(tx, rootKey, bundle.contract.origin))
  if (renames !== undefined && known !== undefined) yield* renameSchema(tx, known, renames)
  const desired = desiredOf(bundle, kept)
  const reconciled = yield* reconcileNodes(tx, bundle.contract.origin, desired)
  yield* step(() => reconcileEdges(tx, desired, reconciled.keys))
  yield* step(() => keepBundle(tx, bundle, kept, domainKey(reconciled)))
  return reconciled
}

const keepBundle = (tx: Tx, bundle: InstallBundle, kept: Kept, domain: number): void => {
  tx.conn
    .prepare(
      `INSERT INTO installed_domains (origin, node, contract_id, installed_at, bundle) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (origin) DO UPDATE SET node = excluded.node, contract_id = excluded.contract_id,
         installed_at = excluded.installed_at, bundle = excluded.bundle`
    )
    .run(bundle.contract.origin, domain, bundle.contractId, tx.now, JSON.stringify({ ...bundle, kept }))
  tx.touchSchema()
}

/** Writes down that the schema changed, and with it more than is told one by one. */
export const recordInstall = (tx: Tx, key: number): void => {
  const node = nodeByKey(tx, key)
  if (node === undefined) throw new Error(`there is no node ${key}`)
  writeChange(tx, { op: "install", node }, { actor: null, via: undefined, half: "system" })
}

export const domainKey = ({ keys }: Reconciled): number => {
  const key = keys.get("")
  if (key === undefined) throw new Error("a domain without a Domain node")
  return key
}

/** The node at a path that the first boot made. */
export const builtIn = (tx: Tx, path: string): NodeRecord => {
  const { node } = nodeByPath(tx, path, path.slice(1).split("/"))
  if (node === undefined) throw new Error(`the store has no ${path}`)
  return node
}

/**
 * Sets what everyone and whoever shows a credential may do with the schema; on a reinstall only if the bundle
 * declares something else than before, so that what an operator narrowed stays narrow.
 */
export const grantSchema = (tx: Tx, bundle: InstallBundle, before: InstallBundle | undefined, domain: number): void => {
  const [now, then] = [grantsOf(bundle.grants), before === undefined ? undefined : grantsOf(before.grants)]
  const key = kernelClassKey(tx, hasPerm)
  for (const [path, name] of [
    [everyonePath, "everyone"],
    [authenticatedPath, "authenticated"]
  ] as const) {
    if (now[name] !== then?.[name]) setGrant(tx, builtIn(tx, path).key, domain, key, now[name])
  }
}

/** Makes the folders that a domain owns and gives it every bit on them; takes the bits from those it gave up. */
export const ownFolders = (tx: Tx, bundle: InstallBundle, before: InstallBundle | undefined, domain: number): void => {
  const key = kernelClassKey(tx, hasPerm)
  for (const path of bundle.owns) {
    const folder = ensureFolder(tx, path)
    setGrant(tx, domain, folder.key, key, ALL)
    tx.conn
      .prepare("INSERT INTO owned_folders (node, origin) VALUES (?, ?) ON CONFLICT (node) DO NOTHING")
      .run(folder.key, bundle.contract.origin)
  }
  for (const path of before?.owns ?? []) {
    if (bundle.owns.includes(path)) continue
    const slugs = folderSlugs(path) ?? []
    const { node } = nodeByPath(tx, Path.formatTree(slugs), slugs)
    if (node !== undefined) setGrant(tx, domain, node.key, key, 0)
  }
}

/** The folder at a path, made with what is missing above it. The plan has found that it may be. */
const ensureFolder = (tx: Tx, path: string): NodeRecord => {
  let at = rootOf(tx)
  for (const slug of folderSlugs(path) ?? []) {
    const known = childOf(tx, at.key, slug)
    if (known === undefined && !classOf(tx, at).fits.has(containerInterface)) {
      throw PorticoError.make("SCHEMA_CONFLICT", `${path} cannot be made: what is above it holds no children`, { path })
    }
    at = known ?? insertNode(tx, { parent: at.key, slug, classKey: kernelClassKey(tx, K.Folder.ref), props: {} })
  }
  return at
}
