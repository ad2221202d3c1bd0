import type { DomainCallable } from "@portico/kernel"
import { type DomainContract, Path } from "@portico/schema"
import * as Result from "effect/Result"

/** A callable of a contract by its address, and the tree path of its Function node. */
export const callableAt = (
  contract: DomainContract,
  address: string
): { readonly callable: Omit<DomainCallable, "nodeId" | "domainId">; readonly nodePath: string } | undefined => {
  const parsed = Path.parse(address)
  if (Result.isFailure(parsed)) return undefined
  const { success } = parsed
  if (success._tag !== "StaticMethod" && success._tag !== "Schema") return undefined
  const { origin } = contract
  if (success.origin !== origin) return undefined
  const nodePath = Path.formatTree(Path.schemaSlugs(success))
  if (success._tag === "StaticMethod") {
    const { method, owner } = success
    const owners = owner.kind === "class" ? contract.classes : contract.interfaces
    const callable = own(own(owners, owner.name)?.methods ?? {}, method)
    return callable && { callable: { origin, owner, name: method, contract: callable }, nodePath }
  }
  if (success.member?.kind !== "function") return undefined
  const { name } = success.member
  const callable = own(contract.functions, name)
  return callable && { callable: { origin, name, contract: callable }, nodePath }
}

const own = <A>(record: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined
