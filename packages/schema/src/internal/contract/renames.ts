import type { DomainContract, FormerNames } from "../../Contract.ts"
import type { Former } from "../../Definition.ts"
import { nameProblem } from "./rules.ts"

/** Former names as the contract has them: a list, where there are any. */
export const former = (names: Former | undefined): { readonly renamedFrom?: FormerNames } =>
  names === undefined ? {} : { renamedFrom: typeof names === "string" ? [names] : names }

interface Renamed {
  readonly renamedFrom?: FormerNames
}

/** A former name that cannot be. */
export interface RenameProblem {
  /** Of the member in the contract. */
  readonly path: ReadonlyArray<string>
  /** The member as its author knows it: `Contact.email`. */
  readonly where: string
  readonly problem: string
}

/** What is wrong with the former names in a contract. Pure. */
export const renameProblems = (contract: DomainContract): ReadonlyArray<RenameProblem> => {
  const sections = [
    ["interfaces", "interface", contract.interfaces],
    ["classes", "nodeClass", contract.classes],
    ["edges", "edgeClass", contract.edges]
  ] as const
  return [
    ...sections.flatMap(([section, kind, types]) => [
      ...amongMembers(kind, types, [section], ""),
      ...Object.entries(types).flatMap(([name, type]) => [
        ...amongMembers("prop", type.props, [section, name, "props"], `${name}.`),
        ...("methods" in type ? amongMembers("method", type.methods, [section, name, "methods"], `${name}.`) : [])
      ])
    ]),
    ...amongMembers("handle", contract.functions, ["functions"], "function "),
    ...amongMembers("handle", contract.views, ["views"], "view ")
  ]
}

/** Members that share their names: each former name leads to one of them, and to none that is still there. */
const amongMembers = (
  kind: keyof typeof nameProblem,
  members: Readonly<Record<string, Renamed>>,
  path: ReadonlyArray<string>,
  prefix: string
): ReadonlyArray<RenameProblem> => {
  const heirs = new Map<string, string>()
  return Object.entries(members).flatMap(([name, { renamedFrom = [] }]) => {
    const problems = renamedFrom.flatMap((before) => {
      const problem = problemOf(kind, before, members, heirs.get(before))
      heirs.set(before, name)
      return problem ?? []
    })
    return problems.map((problem) => ({
      path: [...path, name, "renamedFrom"],
      where: `${prefix}${name} renamedFrom`,
      problem
    }))
  })
}

const problemOf = (
  kind: keyof typeof nameProblem,
  before: string,
  members: Readonly<Record<string, Renamed>>,
  heir: string | undefined
): string | undefined => {
  if (Object.hasOwn(members, before)) return `"${before}" is still declared`
  if (heir !== undefined) return `"${before}" is already what "${heir}" was called`
  return nameProblem[kind](before)
}
