import {
  type CallableContract,
  type DomainContract,
  type InterfaceContract,
  type Json,
  K,
  type ViewContract
} from "@portico/schema"
import type { InstallBundle } from "../../SchemaInstaller.ts"
import type { Props } from "../store/nodes.ts"
import { type Kept, storedSchema } from "./kept.ts"

/** A schema node as it should be. */
export interface DesiredNode {
  /** Below the Domain node; none for the Domain itself. */
  readonly slugs: ReadonlyArray<string>
  /** Reference of its class, one of the kernel's. */
  readonly class: string
  readonly props: Props
}

/** A schema edge as it should be: from a node of the domain to one of its own, or to a class of another. */
export interface DesiredEdge {
  readonly class: string
  readonly from: ReadonlyArray<string>
  readonly to: { readonly slugs: ReadonlyArray<string> } | { readonly ref: string }
}

/** What a domain looks like in the graph. Parents come before their children. */
export interface Desired {
  readonly nodes: ReadonlyArray<DesiredNode>
  readonly edges: ReadonlyArray<DesiredEdge>
}

/** Props by their keys, without those that are absent. */
const present = (entries: ReadonlyArray<readonly [key: string, value: unknown]>): Props =>
  // Boundary: contracts and bundles are JSON.
  Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Record<string, Json>

const described = (description: string | undefined) => [K.Descriptable.description.key, description] as const

const domainProps = (bundle: InstallBundle): Props => {
  const { contract, acts, postInstall } = bundle
  return present([
    [K.Domain.origin.key, contract.origin],
    [K.Domain.contractId.key, bundle.contractId],
    [K.Domain.version.key, bundle.version],
    [K.Domain.imports.key, contract.imports],
    [K.Domain.requires.key, bundle.requires],
    [K.Domain.owns.key, bundle.owns],
    [K.Domain.acts.key, acts ?? undefined],
    [K.Domain.postInstall.key, postInstall ?? undefined]
  ])
}

const callableProps = (contract: CallableContract): Props =>
  present([
    [K.Callable.static.key, contract.static],
    [K.Callable.input.key, contract.input],
    [K.Callable.output.key, contract.output],
    [K.Callable.auth.key, contract.auth],
    [K.Callable.params.key, contract.params],
    [K.Callable.result.key, contract.result],
    [K.Callable.takes.key, contract.takes],
    [K.Callable.refs.key, contract.refs],
    [K.Callable.needs.key, contract.needs],
    [K.Callable.callerOnly.key, contract.callerOnly],
    [K.Callable.route.key, contract.route],
    [K.Callable.title.key, contract.title],
    [K.Callable.deprecated.key, contract.deprecated],
    described(contract.description)
  ])

const viewProps = (contract: ViewContract): Props =>
  present([
    [K.View.contract.key, contract],
    [K.UI.mount.key, contract.mount],
    [K.Named.name.key, contract.title],
    described(contract.description)
  ])

class Builder {
  readonly nodes: Array<DesiredNode> = []
  readonly edges: Array<DesiredEdge> = []

  node(slugs: ReadonlyArray<string>, ref: string, props: Props): void {
    this.nodes.push({ slugs, class: ref, props })
  }

  /** A node that is of the domain by an edge, too. */
  member(slugs: ReadonlyArray<string>, ref: string, props: Props): void {
    this.node(slugs, ref, props)
    this.edges.push({ class: K.of_domain.ref, from: slugs, to: { slugs: [] } })
  }

  refs(edge: string, from: ReadonlyArray<string>, refs: ReadonlyArray<string>): void {
    for (const ref of new Set(refs)) this.edges.push({ class: edge, from, to: { ref } })
  }

  methods(owner: ReadonlyArray<string>, contract: InterfaceContract): void {
    for (const [name, method] of Object.entries(contract.methods)) {
      const slugs = [...owner, name]
      this.member(slugs, K.Function.ref, callableProps(method))
      this.edges.push({ class: K.method_of.ref, from: slugs, to: { slugs: owner } })
    }
  }
}

/** The schema nodes and edges of a bundle, and of the classes that are kept beside it. Pure. */
export const desiredOf = (bundle: InstallBundle, kept: Kept): Desired => {
  const { contract } = bundle
  const builder = new Builder()
  builder.node([], K.Domain.ref, domainProps(bundle))
  addTypes(builder, storedSchema(contract, kept))
  addFolder(builder, "functions", contract.functions, (slugs, callable) =>
    builder.member(slugs, K.Function.ref, callableProps(callable))
  )
  addFolder(builder, "views", contract.views, (slugs, view) => {
    builder.member(slugs, K.View.ref, viewProps(view))
    builder.refs(K.view_for.ref, slugs, view.viewFor)
  })
  return builder
}

const addTypes = (builder: Builder, contract: DomainContract): void => {
  for (const [name, type] of Object.entries(contract.interfaces)) {
    const slugs = [`interface.${name}`]
    builder.member(slugs, K.Interface.ref, present([[K.Interface.contract.key, type], described(type.description)]))
    builder.refs(K.extends.ref, slugs, type.extends)
    builder.methods(slugs, type)
  }
  for (const [name, type] of Object.entries(contract.classes)) {
    const slugs = [`class.${name}`]
    builder.member(slugs, K.Class.ref, present([[K.Class.contract.key, type], described(type.description)]))
    builder.refs(K.extends.ref, slugs, type.extends)
    builder.refs(K.implements.ref, slugs, type.implements)
    builder.methods(slugs, type)
  }
  for (const [name, type] of Object.entries(contract.edges)) {
    const props = present([[K.EdgeClass.contract.key, type], described(type.description)])
    builder.member([`class.${name}`], K.EdgeClass.ref, props)
  }
}

const addFolder = <A>(
  builder: Builder,
  folder: string,
  members: Readonly<Record<string, A>>,
  add: (slugs: ReadonlyArray<string>, member: A) => void
): void => {
  const entries = Object.entries(members)
  if (entries.length === 0) return
  if (!builder.nodes.some((node) => node.slugs.length === 1 && node.slugs[0] === "core")) {
    builder.node(["core"], K.Folder.ref, {})
  }
  builder.node(["core", folder], K.Folder.ref, {})
  for (const [name, member] of entries) add(["core", folder, name], member)
}
