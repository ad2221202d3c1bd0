import type {
  CallableContract,
  ClassContract,
  DomainContract,
  EdgeContract,
  EdgeEndContract,
  InterfaceContract,
  PropContract,
  SearchContract,
  ViewContract
} from "../../Contract.ts"
import type { AnyInterface, AnyNodeClass, EdgeClassDef, EdgeEnd, SearchOptions } from "../../Definition.ts"
import type { AnyDomainSchema, ViewDef } from "../../DomainSchema.ts"
import type { FnDefs } from "../../Fn.ts"
import { fieldToJson } from "../json/fieldToJson.ts"
import { isOrigin } from "../names.ts"
import { refuse } from "../refuse.ts"
import { compileCallable, isRefField } from "./compileCallable.ts"
import { checkInherited, membersOf } from "./members.ts"
import { former, renameProblems } from "./renames.ts"
import { makeResolve, type Resolve } from "./resolve.ts"
import { checkName, isCardinality } from "./rules.ts"

/** Checks a schema and turns it into its wire contract. Throws a `SchemaDefinitionError` for the first fault. */
export const compileContract = (schema: AnyDomainSchema, kernel: boolean): DomainContract => {
  const { origin } = schema
  if (!isOrigin(origin)) refuse(JSON.stringify(origin), "an origin is a domain name in lower case")
  const resolve = makeResolve(schema)
  const compiler = new Compiler(origin, resolve, kernel)
  for (const name of Object.keys(schema.interfaces)) {
    if (Object.hasOwn(schema.classes, name)) refuse(name, "a class and an interface have this name")
  }
  const classes: Record<string, ClassContract> = {}
  const edges: Record<string, EdgeContract> = {}
  for (const [name, definition] of Object.entries(schema.classes)) {
    if (definition._tag === "EdgeClass") edges[name] = compiler.edgeClass(name, definition)
    else classes[name] = compiler.nodeClass(name, definition)
  }
  const contract: DomainContract = {
    v: 1,
    origin,
    imports: schema.imports.map((imported) => imported.origin),
    interfaces: mapEntries(schema.interfaces, (name, definition) => compiler.interface(name, definition)),
    classes,
    edges,
    functions: mapEntries(schema.functions, (name, definition) => {
      checkName("handle", name, `function ${name}`)
      return compileCallable(definition, "function", `function ${name}`, resolve)
    }),
    views: mapEntries(schema.views, (name, definition) => compiler.view(name, definition))
  }
  for (const { problem, where } of renameProblems(contract)) refuse(where, problem)
  return contract
}

const mapEntries = <A, B>(record: Readonly<Record<string, A>>, f: (name: string, value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(name, value)]))

const documentation = (definition: { readonly description?: string; readonly deprecated?: boolean }) => ({
  ...(definition.description === undefined ? {} : { description: definition.description }),
  ...(definition.deprecated === true ? { deprecated: true } : {})
})

class Compiler {
  private readonly origin: string
  private readonly resolve: Resolve
  private readonly kernel: boolean

  constructor(origin: string, resolve: Resolve, kernel: boolean) {
    this.origin = origin
    this.resolve = resolve
    this.kernel = kernel
  }

  interface(name: string, definition: AnyInterface): InterfaceContract {
    if (definition?._tag !== "Interface") return refuse(name, "an interface is declared with nodeInterface(…)")
    checkName("interface", name, name)
    const ref = `${this.origin}:interface.${name}`
    checkInherited(name, definition, definition.extends)
    return {
      ref,
      extends: this.refs(definition.extends, "Interface", `${name} extends`),
      props: this.props(ref, name, definition),
      methods: this.methods(name, definition.methods),
      ...former(definition.renamedFrom),
      ...documentation(definition)
    }
  }

  nodeClass(name: string, definition: AnyNodeClass): ClassContract {
    if (definition?._tag !== "NodeClass") return refuse(name, "a class is declared with nodeClass(…) or edgeClass(…)")
    checkName("nodeClass", name, name)
    const ref = `${this.origin}:class.${name}`
    checkInherited(name, definition, definition.implements)
    const { unique, indexes, search } = definition
    return {
      ref,
      extends: [],
      implements: this.refs(definition.implements, "Interface", `${name} implements`),
      props: this.props(ref, name, definition),
      methods: this.methods(name, definition.methods),
      unique: this.propLists(unique, definition, `${name} unique`),
      indexes: this.propLists(indexes, definition, `${name} indexes`),
      ...(search === undefined ? {} : { search: this.search(search, definition, `${name} search`) }),
      ...former(definition.renamedFrom),
      ...documentation(definition)
    }
  }

  edgeClass(name: string, definition: EdgeClassDef): EdgeContract {
    checkName("edgeClass", name, name)
    const ref = `${this.origin}:class.${name}`
    const [source, target] = definition.ends
    if (source.as === target.as) refuse(name, "its two ends are called the same")
    return {
      ref,
      ends: [this.end(source, name), this.end(target, name)],
      props: this.props(ref, name, { ...definition, methods: {} }),
      unique: definition.unique,
      noSelf: definition.noSelf,
      acyclic: definition.acyclic,
      symmetric: definition.symmetric,
      ...former(definition.renamedFrom),
      ...documentation(definition)
    }
  }

  view(name: string, definition: ViewDef): ViewContract {
    checkName("handle", name, `view ${name}`)
    return {
      auth: definition.auth ?? "required",
      viewFor: this.refs(definition.viewFor ?? [], undefined, `view ${name}`),
      ...former(definition.renamedFrom),
      ...(definition.mount === undefined ? {} : { mount: definition.mount }),
      ...(definition.title === undefined ? {} : { title: definition.title }),
      ...documentation(definition)
    }
  }

  private props(
    ref: string,
    owner: string,
    { methods, props, renamedProps = {} }: Pick<AnyInterface, "props" | "methods" | "renamedProps">
  ): Record<string, PropContract> {
    for (const name of Object.keys(renamedProps)) {
      if (!Object.hasOwn(props, name)) refuse(`${owner} renamedProps`, `it declares no property "${name}"`)
    }
    return mapEntries(props, (name, field): PropContract => {
      const where = `${owner}.${name}`
      checkName("prop", name, where)
      if (Object.hasOwn(methods, name)) refuse(where, "a property and a method have this name")
      if (isRefField(field)) refuse(where, "a property is no reference to a node; declare an edge class")
      const renamedFrom = Object.hasOwn(renamedProps, name) ? renamedProps[name] : undefined
      return { key: `${ref}.property.${name}`, ...fieldToJson(field, where), ...former(renamedFrom) }
    })
  }

  private methods(owner: string, methods: FnDefs): Record<string, CallableContract> {
    return mapEntries(methods, (name, definition) => {
      const where = `${owner}.${name}`
      checkName("method", name, where)
      if (!this.kernel) checkName("domainMethod", name, where)
      return compileCallable(definition, "method", where, this.resolve)
    })
  }

  private refs(targets: ReadonlyArray<unknown>, tag: string | undefined, where: string): ReadonlyArray<string> {
    return targets.map((target) => {
      const ref = this.resolve(target, where)
      if (tag === "Interface" && !ref.includes(":interface.")) refuse(where, `${ref} is no interface`)
      return ref
    })
  }

  private propLists(
    lists: ReadonlyArray<ReadonlyArray<string>>,
    definition: AnyNodeClass,
    where: string
  ): ReadonlyArray<ReadonlyArray<string>> {
    const { props } = membersOf(definition, definition.implements)
    for (const list of lists) {
      if (list.length === 0) refuse(where, "a list of properties is empty")
      for (const prop of list) if (!props.has(prop)) refuse(where, `there is no property "${prop}"`)
      if (new Set(list).size < list.length) refuse(where, "a property is named twice")
    }
    return lists
  }

  private search({ text = [], title = [] }: SearchOptions, definition: AnyNodeClass, where: string): SearchContract {
    const named = [...title, ...text]
    if (named.length > 0) this.propLists([named], definition, where)
    return { title, text }
  }

  private end(end: EdgeEnd, owner: string): EdgeEndContract {
    const where = `${owner} (${end.as})`
    checkName("end", end.as, where)
    const { cardinality } = end
    if (cardinality !== undefined && !isCardinality(cardinality)) refuse(where, `"${cardinality}" is no cardinality`)
    const types = this.refs(typeof end.types === "function" ? end.types() : end.types, undefined, where)
    if (types.length === 0) refuse(where, "an end has at least one class or interface")
    return { as: end.as, types, ...(cardinality === undefined ? {} : { cardinality }) }
  }
}
