import { type DomainContract, kernelOrigin, type PropContract } from "@portico/schema"
import type { InstallBundle } from "../../SchemaInstaller.ts"
import { type Kept, noneKept, storedSchema } from "../install/kept.ts"
import type { Graph } from "../store/Graph.ts"
import { childKey, nodeByKey } from "../store/nodes.ts"
import type { CallableInfo, DomainEntry, NodeType, PropTable, TypeInfo } from "./types.ts"
import { edgeInterface, isKernelRef, nodeInterface } from "./wellKnown.ts"

/**
 * The installed schema as the kernel uses it. Linked member by member when first asked for, so a start costs nothing
 * and a domain with many classes costs what is used of it. Replaced as a whole by each install.
 */
export class SchemaCache {
  readonly #domains = new Map<string, DomainEntry | undefined>()
  readonly #types = new Map<string, TypeInfo>()
  readonly #typesByKey = new Map<number, TypeInfo>()
  readonly #methods = new Map<NodeType, ReadonlyMap<string, ReadonlyArray<CallableInfo>>>()
  readonly #callables = new Map<number, CallableInfo>()
  #propKeys: ReadonlyMap<string, ReadonlyArray<string>> | undefined

  /** The domain of this origin, if it is installed. */
  domain(graph: Graph, origin: string): DomainEntry | undefined {
    const known = this.#domains.get(origin)
    if (known !== undefined) return known
    graph.asked++
    const row = graph.conn.prepare(selectDomain).get(origin)
    if (row === undefined) return undefined
    // Boundary: written by `install`, from a bundle that was checked.
    const { kept = noneKept, ...bundle } = JSON.parse(String(row.bundle)) as InstallBundle & { readonly kept?: Kept }
    const entry: DomainEntry = {
      origin,
      key: Number(row.node),
      contractId: String(row.contract_id),
      installedAt: Number(row.installed_at),
      bundle,
      kept,
      schema: storedSchema(bundle.contract, kept)
    }
    this.#domains.set(origin, entry)
    return entry
  }

  /** Every domain that is installed. */
  domains(graph: Graph): ReadonlyArray<DomainEntry> {
    const rows = graph.conn.prepare(selectOrigins).all()
    return rows.flatMap(({ origin }) => this.domain(graph, String(origin)) ?? [])
  }

  /** The class, interface or edge class with this reference, if it is installed. */
  type(graph: Graph, ref: string): TypeInfo | undefined {
    const known = this.#types.get(ref)
    if (known !== undefined) return known
    const type = this.#link(graph, ref, [])
    if (type !== undefined) this.#typesByKey.set(type.key, type)
    return type
  }

  /** The class, interface or edge class whose schema node has this key. */
  typeByKey(graph: Graph, key: number): TypeInfo | undefined {
    const known = this.#typesByKey.get(key)
    if (known !== undefined) return known
    const node = nodeByKey(graph, key)
    const parent = node === undefined ? undefined : nodeByKey(graph, node.parent)
    return node === undefined || parent === undefined ? undefined : this.type(graph, `${parent.slug}:${node.slug}`)
  }

  /** Reference of the class whose node has this key. */
  refOf(graph: Graph, key: number): string {
    const type = this.typeByKey(graph, key)
    if (type === undefined) throw new Error(`the store has nodes of class ${key}, which is not installed`)
    return type.ref
  }

  /** Every method of a class or interface by name; several where interfaces share a name. */
  methods(graph: Graph, type: NodeType): ReadonlyMap<string, ReadonlyArray<CallableInfo>> {
    const known = this.#methods.get(type)
    if (known !== undefined) return known
    const methods = this.#collectMethods(graph, type)
    this.#methods.set(type, methods)
    return methods
  }

  /** The method or function whose Function node has this key. */
  callableByKey(graph: Graph, key: number): CallableInfo | undefined {
    const known = this.#callables.get(key)
    if (known !== undefined) return known
    const node = nodeByKey(graph, key)
    const parent = node === undefined ? undefined : nodeByKey(graph, node.parent)
    if (node === undefined || parent === undefined) return undefined
    const owner = this.typeByKey(graph, parent.key)
    if (owner !== undefined && owner.kind !== "edge") return this.#method(graph, owner, node.slug)
    // `/<origin>/core/functions/<slug>`
    const core = nodeByKey(graph, parent.parent)
    const domain = core === undefined ? undefined : nodeByKey(graph, core.parent)
    return domain === undefined ? undefined : this.function(graph, domain.slug, node.slug)
  }

  /** A standalone function. */
  function(graph: Graph, origin: string, name: string): CallableInfo | undefined {
    const domain = this.domain(graph, origin)
    const contract = domain === undefined ? undefined : member(domain.bundle.contract.functions, name)
    if (domain === undefined || contract === undefined) return undefined
    const key = memberKey(graph, domain.key, ["core", "functions", name])
    return key === undefined
      ? undefined
      : this.#remember({ key, path: `/:${origin}:function.${name}`, name, owner: undefined, domain, contract })
  }

  /** Qualified keys of every property of a node that has this short name, whatever class or interface declares it. */
  propKeys(graph: Graph, name: string): ReadonlyArray<string> {
    this.#propKeys ??= collectPropKeys(this.domains(graph))
    return this.#propKeys.get(name) ?? []
  }

  #method(graph: Graph, owner: NodeType, name: string): CallableInfo | undefined {
    const contract = member(owner.contract.methods, name)
    const key = contract === undefined ? undefined : childKey(graph, owner.key, name)
    if (contract === undefined || key === undefined) return undefined
    const known = this.#callables.get(key)
    if (known !== undefined) return known
    return this.#remember({ key, path: `/:${owner.ref}:${name}`, name, owner, domain: owner.domain, contract })
  }

  #remember(callable: CallableInfo): CallableInfo {
    const known = this.#callables.get(callable.key)
    if (known !== undefined) return known
    this.#callables.set(callable.key, callable)
    return callable
  }

  #link(graph: Graph, ref: string, linking: ReadonlyArray<string>): TypeInfo | undefined {
    const known = this.#types.get(ref)
    if (known !== undefined) return known
    const colon = ref.indexOf(":")
    const slug = ref.slice(colon + 1)
    const domain = this.domain(graph, ref.slice(0, colon))
    const found = domain === undefined ? undefined : declared(domain.schema, slug)
    const key = domain === undefined || found === undefined ? undefined : childKey(graph, domain.key, slug)
    if (domain === undefined || found === undefined || key === undefined) return undefined
    const name = slug.slice(slug.indexOf(".") + 1)
    const { classes, edges } = domain.kept
    const kept = found.kind !== "interface" && (Object.hasOwn(classes, name) || Object.hasOwn(edges, name))
    const common = { key, ref, name, domain, kept }
    const type: TypeInfo =
      found.kind === "edge"
        ? {
            ...common,
            ...found,
            fits: new Set([ref, edgeInterface]),
            props: tableOf([found.contract.props])
          }
        : { ...common, ...found, ...this.#inherit(graph, ref, found.contract, linking) }
    this.#types.set(ref, type)
    return type
  }

  /** What comes with the bases. A cycle among them, which installs refuse, ends where it closes. */
  #inherit(
    graph: Graph,
    ref: string,
    contract: NodeType["contract"],
    linking: ReadonlyArray<string>
  ): Pick<TypeInfo, "fits" | "props"> {
    const fits = new Set([ref, nodeInterface])
    const props = [contract.props]
    for (const base of basesOf(contract)) {
      const type = linking.includes(base) ? undefined : this.#link(graph, base, [...linking, ref])
      if (type === undefined || type.kind === "edge") continue
      for (const each of type.fits) fits.add(each)
      props.push(Object.fromEntries(type.props.byKey))
    }
    return { fits, props: tableOf(props) }
  }

  #collectMethods(graph: Graph, type: NodeType): ReadonlyMap<string, ReadonlyArray<CallableInfo>> {
    const methods = new Map<string, ReadonlyArray<CallableInfo>>()
    const add = (owner: NodeType, over: ReadonlySet<string>) => {
      for (const name of Object.keys(owner.contract.methods)) {
        if (over.has(name)) continue
        const callable = this.#method(graph, owner, name)
        const known = methods.get(name) ?? []
        if (callable !== undefined && !known.includes(callable)) methods.set(name, [...known, callable])
      }
    }
    // A class's own method stands before those of its bases, and those of base classes before those of interfaces.
    // What was removed has nobody any more who implements what it took over from other domains.
    const bases = [...type.fits]
      .filter((ref) => ref !== nodeInterface && (!type.kept || isKernelRef(ref)))
      .map((ref) => this.type(graph, ref))
    for (const kind of ["class", "interface"] as const) {
      const before = new Set(methods.keys())
      for (const base of bases) if (base?.kind === kind) add(base, kind === "class" ? new Set(methods.keys()) : before)
    }
    // What every node has stands behind all else: where a name of it is not reserved, a domain may have its own.
    const every = this.type(graph, nodeInterface)
    if (every !== undefined && every.kind !== "edge") add(every, new Set(methods.keys()))
    return methods
  }
}

const selectDomain = "SELECT node, contract_id, installed_at, bundle FROM installed_domains WHERE origin = ?"

const selectOrigins = "SELECT origin FROM installed_domains ORDER BY origin"

const collectPropKeys = (domains: ReadonlyArray<DomainEntry>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const keys = new Map<string, Array<string>>()
  for (const { schema } of domains) {
    for (const { props } of [...Object.values(schema.interfaces), ...Object.values(schema.classes)]) {
      for (const [name, { key }] of Object.entries(props)) keys.set(name, [...(keys.get(name) ?? []), key])
    }
  }
  return keys
}

const basesOf = (contract: NodeType["contract"]): ReadonlyArray<string> =>
  "implements" in contract ? [...contract.extends, ...contract.implements] : contract.extends

const member = <A>(members: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined

const memberKey = (graph: Graph, from: number, slugs: ReadonlyArray<string>): number | undefined => {
  let key: number | undefined = from
  for (const slug of slugs) if (key !== undefined) key = childKey(graph, key, slug)
  return key
}

type Declared =
  | { readonly kind: "class"; readonly contract: DomainContract["classes"][string] }
  | { readonly kind: "interface"; readonly contract: DomainContract["interfaces"][string] }
  | { readonly kind: "edge"; readonly contract: DomainContract["edges"][string] }

const declared = (contract: DomainContract, slug: string): Declared | undefined => {
  const [kind, name] = [slug.slice(0, slug.indexOf(".")), slug.slice(slug.indexOf(".") + 1)]
  if (kind === "interface") return tagged("interface", member(contract.interfaces, name))
  if (kind !== "class") return undefined
  return tagged("class", member(contract.classes, name)) ?? tagged("edge", member(contract.edges, name))
}

const tagged = <Kind extends Declared["kind"], C>(kind: Kind, contract: C | undefined) =>
  contract === undefined ? undefined : { kind, contract }

const tableOf = (layers: ReadonlyArray<Readonly<Record<string, PropContract>>>): PropTable => {
  const byKey = new Map<string, PropContract>()
  const byName = new Map<string, PropContract | "ambiguous">()
  for (const layer of layers) {
    for (const prop of Object.values(layer)) {
      if (byKey.has(prop.key)) continue
      byKey.set(prop.key, prop)
      const name = prop.key.slice(prop.key.lastIndexOf(".") + 1)
      byName.set(name, byName.has(name) ? "ambiguous" : prop)
    }
  }
  const all = [...byKey.values()]
  return {
    byKey,
    byName,
    required: all.filter((prop) => prop.required),
    defaults: all.filter((prop) => prop.default !== undefined)
  }
}

/** Whether this is the kernel's own schema. */
export const isKernel = (domain: DomainEntry): boolean => domain.origin === kernelOrigin
