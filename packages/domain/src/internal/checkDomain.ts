import type { CallableContract } from "@portico/schema"
import { type CallableName, callableKey } from "../Invocation.ts"
import type { Method } from "../Method.ts"
import type { RemoteFunction } from "../RemoteFunction.ts"
import type { FullContract } from "./fullContract.ts"

/** Every implementation of a domain, under the name that it was given in `defineDomain`. */
export type Implementations = ReadonlyArray<CallableName & { readonly implementation: Method | RemoteFunction }>

/** Every callable of a contract by its key. */
export const contractCallables = ({
  contract
}: Pick<FullContract, "contract">): ReadonlyMap<string, CallableContract> => {
  const found = new Map<string, CallableContract>()
  const add = (name: CallableName, callable: CallableContract) => found.set(callableKey(name), callable)
  for (const kind of ["class", "interface"] as const) {
    const owners = kind === "class" ? contract.classes : contract.interfaces
    for (const [owner, { methods }] of Object.entries(owners)) {
      for (const [name, callable] of Object.entries(methods)) add({ owner: { kind, name: owner }, name }, callable)
    }
  }
  for (const [name, callable] of Object.entries(contract.functions)) add({ name }, callable)
  return found
}

/** How the callable of an implementation calls itself, which must be what `defineDomain` calls it. */
const ownKey = ({ implementation, owner }: Implementations[number]): string | undefined => {
  if (implementation._tag === "RemoteFunction") {
    return implementation.slug === undefined ? undefined : callableKey({ name: implementation.slug })
  }
  return callableKey({
    owner: { kind: owner?.kind ?? "class", name: implementation.owner },
    name: implementation.name
  })
}

/** What the compiler cannot see, or what it was told to overlook. */
export const checkDomain = (
  schema: Pick<FullContract, "contract" | "contractId" | "origin">,
  implementations: Implementations
): ReadonlyArray<string> => {
  const problems: Array<string> = []
  const contract = contractCallables(schema)
  const implemented = new Set<string>()
  for (const one of implementations) {
    const key = callableKey(one)
    implemented.add(key)
    const callable = contract.get(key)
    if (callable === undefined) {
      problems.push(`${key} is implemented, but the schema does not declare it`)
      continue
    }
    const { auth, origin } = one.implementation
    const own = ownKey(one)
    if (own !== undefined && own !== key) problems.push(`${key} is given the implementation of ${own}`)
    if (origin !== undefined && origin !== schema.origin) {
      problems.push(`${key} is given an implementation for ${origin}`)
    }
    if ((auth ?? "required") !== callable.auth) {
      problems.push(
        `${key} has auth "${callable.auth}" in the schema: say auth: "${callable.auth}" beside its execute too, so that its context has the right type`
      )
    }
  }
  for (const key of contract.keys()) {
    if (!implemented.has(key)) problems.push(`${key} is not implemented`)
  }
  return problems
}
