import * as Schema from "effect/Schema"
import type { AnyCodec } from "../Codec.ts"
import type { AnyCallable, CompiledDomain } from "../Compiled.ts"
import type { CallableContract, InterfaceContract } from "../Contract.ts"
import type { AnyInterface, AnyNodeClass, EdgeClassDef } from "../Definition.ts"
import type { AnyDomainSchema } from "../DomainSchema.ts"
import type { Field } from "../Field.ts"
import type { FnDef } from "../Fn.ts"
import { makeParamsCodec, makeValueCodec } from "./codec.ts"
import { compileParams } from "./contract/compileCallable.ts"
import { closure } from "./contract/members.ts"
import { makeResolve } from "./contract/resolve.ts"
import { fieldToJson, resultToJson } from "./json/fieldToJson.ts"

/** Defines a property that is made when it is first asked for, and then kept. */
const lazy = (target: object, key: string, make: () => unknown): void => {
  Object.defineProperty(target, key, {
    configurable: true,
    enumerable: true,
    get: () => {
      const value = make()
      Object.defineProperty(target, key, { enumerable: true, value })
      return value
    }
  })
}

class CallableHandle implements AnyCallable {
  readonly _tag = "Callable"
  readonly kind: "method" | "function"
  readonly name: string
  readonly path: string
  readonly owner: string | undefined
  readonly qualifier: string | undefined
  readonly definition: FnDef
  readonly params: AnyCodec
  readonly result: AnyCodec
  readonly takes: AnyCodec
  private readonly findContract: () => CallableContract

  constructor(
    options: Pick<AnyCallable, "kind" | "name" | "path" | "owner" | "qualifier" | "definition">,
    contract: () => CallableContract
  ) {
    this.kind = options.kind
    this.name = options.name
    this.path = options.path
    this.owner = options.owner
    this.qualifier = options.qualifier
    this.definition = options.definition
    this.findContract = contract
    const { params, returns, takes = Schema.Json } = options.definition
    this.params = makeParamsCodec(params, () => compileParams(params, options.name))
    this.result = makeValueCodec(returns, () => resultToJson(returns, options.name))
    this.takes = makeValueCodec(takes, () => resultToJson(takes, options.name))
  }

  get static(): boolean {
    return this.kind === "function" || this.definition.static
  }

  get contract(): CallableContract {
    return this.findContract()
  }
}

const propHandle = (owner: string, name: string, field: Field) => {
  const key = `${owner}.property.${name}`
  return {
    _tag: "Prop",
    name,
    key,
    definition: field,
    codec: makeValueCodec(field, () => fieldToJson(field, key).schema)
  }
}

/** Where the contract of a class or interface is, in this schema or in one of its imports. */
const contractOf = (schema: AnyDomainSchema, ref: string): InterfaceContract | undefined => {
  const owner = [schema, ...schema.imports].find((candidate) => ref.startsWith(`${candidate.origin}:`))
  const [kind, name = ""] = ref.slice(ref.indexOf(":") + 1).split(".", 2)
  return kind === "interface" ? owner?.contract.interfaces[name] : owner?.contract.classes[name]
}

const lacking = (what: string): never => {
  throw new Error(`the contract lacks ${what}`)
}

/** Adds the members of one class or interface, and of the interfaces it has; the nearest wins. */
const addMembers = (
  target: object,
  schema: AnyDomainSchema,
  ref: string,
  own: AnyInterface | AnyNodeClass,
  inherited: ReadonlyArray<AnyInterface>
): void => {
  const resolve = makeResolve(schema)
  // An interface of an imported schema may extend one that this schema does not import: its own schema knows it.
  const refOf = (definition: AnyInterface): string => {
    for (const imported of [schema, ...schema.imports]) {
      for (const known of [imported, ...imported.imports]) {
        const found = known["~refs"].get(definition)
        if (found !== undefined) return found
      }
    }
    return resolve(definition, ref)
  }
  const all = closure(inherited)
  const declaring = (name: string): number => all.filter((one) => Object.hasOwn(one.methods, name)).length
  const add = (definition: AnyInterface | AnyNodeClass, owner: () => string): void => {
    for (const [name, field] of Object.entries(definition.props)) {
      if (!Object.hasOwn(target, name)) lazy(target, name, () => propHandle(owner(), name, field))
    }
    for (const [name, fn] of Object.entries(definition.methods)) {
      if (Object.hasOwn(target, name)) continue
      lazy(target, name, () => {
        const declaredBy = owner()
        const qualified = definition !== own && declaring(name) > 1
        return new CallableHandle(
          {
            kind: "method",
            name,
            path: `/:${ref}:${name}`,
            owner: declaredBy,
            qualifier: qualified ? declaredBy : undefined,
            definition: fn
          },
          () => contractOf(schema, declaredBy)?.methods[name] ?? lacking(`${declaredBy}:${name}`)
        )
      })
    }
  }
  add(own, () => ref)
  for (const definition of all) add(definition, () => refOf(definition))
}

const compileMember = (
  schema: AnyDomainSchema,
  ref: string,
  definition: AnyInterface | AnyNodeClass | EdgeClassDef
) => {
  const address = { raw: `/:${ref}` }
  const handle = {
    ref,
    path: definition._tag === "Interface" ? { interface: address } : { class: address },
    "~definition": definition
  }
  switch (definition._tag) {
    case "EdgeClass":
      for (const [name, field] of Object.entries(definition.props))
        lazy(handle, name, () => propHandle(ref, name, field))
      return handle
    case "Interface":
      addMembers(handle, schema, ref, definition, definition.extends)
      return handle
    case "NodeClass":
      addMembers(handle, schema, ref, definition, definition.implements)
      return handle
  }
}

export const makeCompiled = <S extends AnyDomainSchema>(schema: S): CompiledDomain<S> => {
  const { origin } = schema
  const functions = {}
  for (const [name, definition] of Object.entries(schema.functions)) {
    lazy(
      functions,
      name,
      () =>
        new CallableHandle(
          {
            kind: "function",
            name,
            path: `/:${origin}:function.${name}`,
            owner: undefined,
            qualifier: undefined,
            definition
          },
          () => schema.contract.functions[name] ?? lacking(`function ${name}`)
        )
    )
  }
  const views = Object.fromEntries(Object.keys(schema.views).map((name) => [name, `/:${origin}:view.${name}`]))
  const domain = { origin, schema, functions, views }
  for (const [name, definition] of Object.entries(schema.interfaces)) {
    lazy(domain, name, () => compileMember(schema, `${origin}:interface.${name}`, definition))
  }
  for (const [name, definition] of Object.entries(schema.classes)) {
    lazy(domain, name, () => compileMember(schema, `${origin}:class.${name}`, definition))
  }
  // Boundary: the members are defined from the very records whose types these are.
  return domain as object as CompiledDomain<S>
}
