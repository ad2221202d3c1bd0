import {
  type CallableContract,
  type ClassContract,
  callableId,
  classId,
  type DomainContract,
  type EdgeContract,
  type FormerNames,
  type InterfaceContract,
  type Json,
  Mask,
  type PropContract,
  type ViewContract,
  viewId
} from "@portico/schema"
import type { BreakingChange, RenamedMember } from "../../SchemaInstaller.ts"
import { cardinalityOf } from "../ops/edgeConstraints.ts"
import { accepts } from "./accepts.ts"
import { type Renames, renamesOf } from "./renames.ts"

/** One thing that a contract declares. */
type Member =
  | { readonly kind: "type"; readonly contract: ClassContract | InterfaceContract }
  | { readonly kind: "edge"; readonly contract: EdgeContract }
  | { readonly kind: "prop"; readonly contract: PropContract }
  | { readonly kind: "callable"; readonly contract: CallableContract }
  | { readonly kind: "view"; readonly contract: ViewContract }

interface Entry {
  readonly member: Member
  /** What it is part of, and goes with. */
  readonly of: string | undefined
}

/** How two contracts of one domain differ. Subjects are `class.Contact`, `class.Contact.property.email`, `class.Contact:assign`, `function.seed`. */
export interface ContractDiff {
  readonly added: ReadonlyArray<string>
  readonly changed: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  readonly renamed: ReadonlyArray<RenamedMember>
  readonly breaking: ReadonlyArray<BreakingChange>
}

const flatten = (contract: DomainContract | undefined): ReadonlyMap<string, Entry> => {
  const entries = new Map<string, Entry>()
  if (contract === undefined) return entries
  const props = (of: string, members: Readonly<Record<string, PropContract>>) => {
    for (const [name, prop] of Object.entries(members)) {
      entries.set(`${of}.property.${name}`, { member: { kind: "prop", contract: prop }, of })
    }
  }
  for (const [kind, types] of [
    ["interface", contract.interfaces],
    ["class", contract.classes]
  ] as const) {
    for (const [name, type] of Object.entries(types)) {
      const of = `${kind}.${name}`
      entries.set(of, { member: { kind: "type", contract: type }, of: undefined })
      props(of, type.props)
      for (const [method, callable] of Object.entries(type.methods)) {
        entries.set(`${of}:${method}`, { member: { kind: "callable", contract: callable }, of })
      }
    }
  }
  for (const [name, edge] of Object.entries(contract.edges)) {
    entries.set(`class.${name}`, { member: { kind: "edge", contract: edge }, of: undefined })
    props(`class.${name}`, edge.props)
  }
  for (const [name, callable] of Object.entries(contract.functions)) {
    entries.set(`function.${name}`, { member: { kind: "callable", contract: callable }, of: undefined })
  }
  for (const [name, view] of Object.entries(contract.views)) {
    entries.set(`view.${name}`, { member: { kind: "view", contract: view }, of: undefined })
  }
  return entries
}

/**
 * How a contract differs from the one before it, and what of that breaks somebody. What was renamed is compared under
 * its new name. Pure.
 */
export const diffContracts = (before: DomainContract | undefined, after: DomainContract | undefined): ContractDiff => {
  const renames = before === undefined || after === undefined ? undefined : renamesOf(before, after)
  const [old, now] = [flatten(renames?.before ?? before), flatten(after)]
  const added = [...now.keys()].filter((subject) => !old.has(subject) && !isWithin(now, subject, old))
  const removed = [...old.keys()].filter((subject) => !now.has(subject) && !isWithin(old, subject, now))
  const breaking: Array<BreakingChange> = removed.map((subject) => ({
    subject,
    reason: `was removed${strayTo(subject, renames?.astray ?? [])}`
  }))
  const changed: Array<string> = []
  for (const subject of added) {
    const entry = now.get(subject)
    if (entry !== undefined) breaking.push(...addedReasons(entry).map((reason) => ({ subject, reason })))
  }
  for (const [subject, entry] of now) {
    const previous = old.get(subject)
    if (previous === undefined || idOf(previous.member) === idOf(entry.member)) continue
    changed.push(subject)
    breaking.push(...reasonsOf(previous.member, entry.member).map((reason) => ({ subject, reason })))
  }
  return { added, changed, removed, renamed: renames?.renamed ?? [], breaking }
}

/** Whether a former name among its like may have been meant for what was removed. */
const strayTo = (subject: string, astray: Renames["astray"]): string => {
  const among = (of: string): string => of.slice(0, Math.max(of.lastIndexOf("."), of.lastIndexOf(":")) + 1)
  const stray = astray.find((each) => among(each.subject) === among(subject))
  return stray === undefined ? "" : `; ${stray.subject} ${stray.reason}`
}

/** Whether a subject comes or goes with what it is part of, and so needs no line of its own. */
const isWithin = (here: ReadonlyMap<string, Entry>, subject: string, there: ReadonlyMap<string, Entry>): boolean => {
  const of = here.get(subject)?.of
  return of !== undefined && !there.has(of)
}

/** Identity of a member without its own members, which have lines of their own. */
const idOf = (member: Member): string => {
  switch (member.kind) {
    case "type":
      return classId({ ...nameless(member.contract), props: {}, methods: {} })
    case "edge":
      return classId({ ...nameless(member.contract), props: {} })
    case "prop":
      return classId({ ref: "", extends: [], methods: {}, props: { p: nameless(member.contract) } })
    case "callable":
      return callableId(nameless(member.contract))
    case "view":
      return viewId(nameless(member.contract))
  }
}

/** Without its former names, which say how it came to be and not what it is. */
const nameless = <A extends { readonly renamedFrom?: FormerNames }>({ renamedFrom: _, ...contract }: A) => contract

const addedReasons = ({ member, of }: Entry): ReadonlyArray<string> =>
  member.kind === "prop" && of !== undefined && member.contract.required && member.contract.default === undefined
    ? ["is new, required and without a default, so what is stored lacks it"]
    : []

const reasonsOf = (before: Member, after: Member): ReadonlyArray<string> => {
  if (before.kind === "prop" && after.kind === "prop") return propReasons(before.contract, after.contract)
  if (before.kind === "callable" && after.kind === "callable") return callableReasons(before.contract, after.contract)
  if (before.kind === "type" && after.kind === "type") return typeReasons(before.contract, after.contract)
  if (before.kind === "edge" && after.kind === "edge") return edgeReasons(before.contract, after.contract)
  return before.kind === after.kind ? [] : ["became something else"]
}

const when = (reasons: ReadonlyArray<readonly [holds: boolean, reason: string]>): ReadonlyArray<string> =>
  reasons.filter(([holds]) => holds).map(([, reason]) => reason)

const propReasons = (before: PropContract, after: PropContract): ReadonlyArray<string> =>
  when([
    [!before.required && after.required && after.default === undefined, "became required, without a default"],
    [!accepts(after.schema, before.schema), "no longer takes every value that is stored"]
  ])

const openness = { required: 0, optional: 1, public: 2 } as const

const callableReasons = (before: CallableContract, after: CallableContract): ReadonlyArray<string> =>
  when([
    [before.static !== after.static, after.static ? "became static" : "is no longer static"],
    [before.input !== after.input, `takes its input as ${after.input}, no longer as ${before.input}`],
    [before.output !== after.output, `gives its output as ${after.output}, no longer as ${before.output}`],
    [openness[after.auth] < openness[before.auth], `asks for a credential: ${after.auth}, no longer ${before.auth}`],
    [Mask.missing(before.needs, after.needs) !== 0, `needs ${Mask.format(after.needs)} on its node`],
    [!accepts(after.params, before.params), "no longer takes every params that it took"],
    [!accepts(before.result, after.result), "may give results that it did not give"],
    [!accepts(after.takes ?? {}, before.takes ?? {}), "no longer reads every item that it read"],
    [refsDemandMore(before, after), "demands more of the nodes in its params"],
    [after.callerOnly === true && before.callerOnly !== true, "refuses what its caller could not do alone"]
  ])

const refsDemandMore = (before: CallableContract, after: CallableContract): boolean =>
  after.refs.some((ref) => {
    const previous = before.refs.find(({ param }) => param === ref.param)
    if (previous === undefined) return Object.hasOwn(properties(before.params), ref.param) && ref.needs !== 0
    return Mask.missing(previous.needs, ref.needs) !== 0 || !previous.types.every((type) => ref.types.includes(type))
  })

const properties = (schema: { readonly [key: string]: Json }): object =>
  typeof schema.properties === "object" && schema.properties !== null ? schema.properties : {}

const gone = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): boolean =>
  before.some((ref) => !after.includes(ref))

const typeReasons = (
  before: ClassContract | InterfaceContract,
  after: ClassContract | InterfaceContract
): ReadonlyArray<string> => {
  const bases = (contract: ClassContract | InterfaceContract) =>
    "implements" in contract ? [...contract.extends, ...contract.implements] : contract.extends
  return when([[gone(bases(before), bases(after)), "lost one of its interfaces"]])
}

const edgeReasons = (before: EdgeContract, after: EdgeContract): ReadonlyArray<string> =>
  when([
    [!before.unique && after.unique, "became unique"],
    [!before.noSelf && after.noSelf, "became noSelf"],
    [!before.acyclic && after.acyclic, "became acyclic"],
    [before.symmetric !== after.symmetric, "is symmetric one time and not the other"],
    ...([0, 1] as const).flatMap((end) => {
      const [was, is] = [before.ends[end], after.ends[end]]
      const [most, least] = [cardinalityOf(was.cardinality), cardinalityOf(is.cardinality)]
      return [
        [
          is.types.length > 0 && (was.types.length === 0 || gone(was.types, is.types)),
          `takes fewer classes as its ${is.as}`
        ],
        [least.max < most.max || least.min > most.min, `allows fewer edges for its ${is.as}`]
      ] as const
    })
  ])
