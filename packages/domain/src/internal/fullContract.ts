import {
  type AnyCallable,
  type AnyDomainSchema,
  compileDomain,
  contractId,
  type DomainContract,
  defineSchema,
  type FnDef
} from "@portico/schema"
import type { CallableName } from "../Invocation.ts"
import type { RemoteFunction } from "../RemoteFunction.ts"

/** The contract of a domain: its schema's, and the functions that bring contracts of their own. */
export interface FullContract {
  readonly origin: string
  readonly contract: DomainContract
  readonly contractId: string
  readonly functions: Readonly<Record<string, FnDef>>
  /** The codecs of a method or function. */
  readonly callable: (name: CallableName) => AnyCallable | undefined
  /** The compiled class or interface of this name. */
  readonly owner: (name: string) => unknown
}

// Boundary: members of a compiled schema by names that are only known when they are asked for.
type Compiled = Readonly<Record<string, Readonly<Record<string, AnyCallable>> | undefined>>

export const fullContract = (
  schema: AnyDomainSchema,
  implemented: Readonly<Record<string, RemoteFunction>>
): FullContract => {
  const compiled = compileDomain(schema) as unknown as Compiled
  const added = addedFunctions(schema, implemented)
  if (added === undefined) return { ...view(schema, compiled, compiled), functions: schema.functions }
  const contract: DomainContract = {
    ...schema.contract,
    functions: { ...schema.contract.functions, ...added.contract.functions }
  }
  return {
    ...view(schema, compiled, compileDomain(added) as unknown as Compiled),
    contract,
    contractId: contractId(contract),
    functions: { ...schema.functions, ...added.functions }
  }
}

const view = (schema: AnyDomainSchema, compiled: Compiled, added: Compiled): Omit<FullContract, "functions"> => ({
  origin: schema.origin,
  contract: schema.contract,
  contractId: schema.contractId,
  callable: ({ name, owner }) =>
    owner === undefined ? (compiled.functions?.[name] ?? added.functions?.[name]) : compiled[owner.name]?.[name],
  owner: (name) => compiled[name]
})

/** The functions that only their implementation declares, as a schema of their own that may refer to the domain's. */
const addedFunctions = (
  schema: AnyDomainSchema,
  implemented: Readonly<Record<string, RemoteFunction>>
): AnyDomainSchema | undefined => {
  const functions: Record<string, FnDef> = {}
  for (const [slug, { definition }] of Object.entries(implemented)) {
    if (definition !== undefined && !Object.hasOwn(schema.functions, slug)) functions[slug] = definition
  }
  return Object.keys(functions).length === 0
    ? undefined
    : defineSchema(schema.origin, { functions, imports: [schema, ...schema.imports] })
}
