import { Path } from "@portico/schema"
import * as Result from "effect/Result"
import type { InstalledDomain, InstallPlan } from "../../SchemaInstaller.ts"
import { isOrigin } from "../ops/place.ts"
import type { DomainEntry } from "../schema/types.ts"
import type { Graph } from "../store/Graph.ts"
import type { NodeRecord } from "../store/NodeRecord.ts"
import { childKey, nodeByKey, nodeByPath } from "../store/nodes.ts"
import { isKeyInTree } from "../store/places.ts"
import { noneKept } from "./kept.ts"
import type { InstallFacts } from "./plan.ts"

/** What is installed, read from the store. */
export const factsOf = (graph: Graph, origin: string): InstallFacts => {
  const entries = domainEntries(graph)
  const own = entries.find((entry) => entry.origin === origin)
  return {
    current: own === undefined ? undefined : installedDomain(graph, own),
    kept: own?.kept ?? noneKept,
    domains: entries.map(({ bundle, origin, schema }) => ({
      origin,
      contract: bundle.contract,
      stored: schema,
      requires: bundle.requires
    })),
    uses: (member) => usesOf(graph, origin, member),
    folder: (path) => folderState(graph, origin, path)
  }
}

/** Every installed domain by origin, the kernel too. */
export const installedDomains = (graph: Graph): ReadonlyArray<InstalledDomain> =>
  domainEntries(graph).map((entry) => installedDomain(graph, entry))

const domainEntries = (graph: Graph): ReadonlyArray<DomainEntry> =>
  graph.conn
    .prepare("SELECT origin FROM installed_domains ORDER BY origin")
    .all()
    .flatMap((row) => graph.schema.domain(graph, String(row.origin)) ?? [])

const installedDomain = (graph: Graph, { origin, key, bundle, installedAt }: DomainEntry): InstalledDomain => ({
  origin,
  id: nodeByKey(graph, key)?.id ?? "",
  contractId: bundle.contractId,
  version: bundle.version ?? null,
  requires: bundle.requires,
  owns: bundle.owns,
  acts: bundle.acts,
  postInstall: bundle.postInstall,
  contract: bundle.contract,
  installedAt
})

/** Uses are counted this far; a plan needs no more than to know that there are many. */
const countedUses = 10_000

const usesOf = (graph: Graph, origin: string, member: string): number => {
  const domain = graph.schema.domain(graph, origin)
  const key = domain === undefined ? undefined : childKey(graph, domain.key, member)
  if (key === undefined) return 0
  return (
    countUses(graph, "SELECT key, key AS a, key AS b FROM nodes", key) +
    countUses(graph, "SELECT key, source AS a, target AS b FROM edges", key)
  )
}

/** Counts nodes and edges of a class; what is in the trash does not count. */
const countUses = (graph: Graph, select: string, classKey: number): number => {
  const rows = graph.conn.prepare(`${select} WHERE class = ? AND key > ? ORDER BY key LIMIT ?`)
  let count = 0
  for (let after = 0; ; ) {
    const found = rows.all(classKey, after, countedUses)
    for (const row of found) {
      if (isKeyInTree(graph, Number(row.a)) && isKeyInTree(graph, Number(row.b))) count++
      if (count === countedUses) return count
      after = Number(row.key)
    }
    if (found.length < countedUses) return count
  }
}

/** The slugs of an owned folder, or undefined for what is no tree path below `/`. */
export const folderSlugs = (path: string): ReadonlyArray<string> | undefined => {
  const parsed = Path.parse(path)
  if (Result.isFailure(parsed) || parsed.success._tag !== "Tree" || parsed.success.slugs.length === 0) return undefined
  return parsed.success.slugs
}

const folderState = (graph: Graph, origin: string, path: string): InstallPlan["owns"][number] => {
  const slugs = folderSlugs(path)
  if (slugs === undefined || isOrigin(slugs[0] ?? "")) return { path, state: "conflict" }
  const { node, nearest } = nodeByPath(graph, Path.formatTree(slugs), slugs)
  const above = node === undefined ? ownerAbove(graph, nearest) : undefined
  if (above !== undefined && above !== origin) return { path, state: "conflict", owner: above }
  if (node === undefined) return { path, state: "new" }
  const owner = ownerOf(graph, node.key)
  if (owner === origin) return { path, state: "owned" }
  return { path, state: "conflict", ...(owner === undefined ? undefined : { owner }) }
}

/** The origin that a folder was made for. It keeps it when the domain is uninstalled. */
export const ownerOf = (graph: Graph, key: number): string | undefined => {
  const row = graph.conn.prepare("SELECT origin FROM owned_folders WHERE node = ?").get(key)
  return row === undefined ? undefined : String(row.origin)
}

/** The origin that a node or one of its ancestors belongs to, schema subtrees included. */
const ownerAbove = (graph: Graph, node: NodeRecord): string | undefined => {
  for (let at: NodeRecord | undefined = node; at !== undefined && at.parent !== 0; at = nodeByKey(graph, at.parent)) {
    const owner = ownerOf(graph, at.key) ?? (graph.schema.domain(graph, at.slug)?.key === at.key ? at.slug : undefined)
    if (owner !== undefined) return owner
  }
  return undefined
}
