import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Diagnostic } from "../../Diagnostic.ts"
import type { Contribution, ExtensionPoint } from "../../ExtensionPoint.ts"
import type { Module } from "../../Module.ts"
import type { PlannedContribution, PlannedExtensionPoint } from "../../Plan.ts"
import { frameworkId } from "../frameworkId.ts"
import { nearest } from "../suggest.ts"
import { cycles } from "./graph.ts"
import { candidatesForId } from "./order.ts"
import { declared, declaredAt, report } from "./report.ts"
import type { Subject } from "./subject.ts"

interface Owned {
  readonly point: ExtensionPoint.Any
  /** `undefined` for the framework. */
  readonly owner: Module.Any | undefined
}

/** A contribution and what its point calls it. */
interface Given {
  readonly module: Module.Any
  readonly contribution: Contribution.Any
  readonly identity: string | null
}

export interface CheckedContributions {
  readonly points: ReadonlyArray<PlannedExtensionPoint>
  readonly contributions: ReadonlyArray<PlannedContribution>
  readonly diagnostics: ReadonlyArray<Diagnostic>
}

/** GATE008, and GATE012 for contributions. `modules` are in start order where there is one. */
export const checkContributions = (subject: Subject, modules: ReadonlyArray<Module.Any>): CheckedContributions => {
  const owners = ownersOf(subject.modules)
  const ids = new Set(subject.product.modules.map((module) => module.id))
  const given = modules.flatMap((module) =>
    module.contributes.map((contribution) => ({ module, contribution, identity: identityOf(contribution) }))
  )
  for (const { contribution } of given) {
    const { point } = contribution
    if (point.owner === "framework" && !owners.has(point.id)) owners.set(point.id, [{ point, owner: undefined }])
  }
  return {
    points: [...owners]
      .map(([id, [first]]) => ({ id, owner: first?.owner?.id ?? frameworkId }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    contributions: given.map(({ contribution, identity, module }) => ({
      point: contribution.point.id,
      module: module.id,
      identity,
      made: contribution.content._tag === "Value" ? "declared" : "at start"
    })),
    diagnostics: [
      ...twoOwners(owners),
      ...given.flatMap((each) => [
        ...checkOwner(subject, owners, each),
        ...checkShape(each),
        ...checkAfter(subject, ids, each)
      ]),
      ...collisions(given),
      ...afterCycles(modules, given)
    ]
  }
}

const ownersOf = (modules: ReadonlyArray<Module.Any>): Map<string, ReadonlyArray<Owned>> => {
  const owners = new Map<string, ReadonlyArray<Owned>>()
  for (const owner of modules) {
    for (const point of owner.owns) {
      const before = owners.get(point.id) ?? (point.owner === "framework" ? [{ point, owner: undefined }] : [])
      owners.set(point.id, [...before, { point, owner }])
    }
  }
  return owners
}

/** Only a value that fits its point can be asked for its name; one made at start has the name that was said before. */
const identityOf = ({ content, point }: Contribution.Any): string | null => {
  if (content._tag === "Effect") return content.identity ?? null
  if (point.options.identityOf === undefined) return null
  return attempt(() => point.options.identityOf?.(content.value)) ?? null
}

/** A value of the wrong shape may make the point's own functions throw; `checkShape` reports it. */
const attempt = <A>(ask: () => A): A | undefined => {
  try {
    return ask()
  } catch {
    return undefined
  }
}

const pointDeclared = (point: ExtensionPoint.Any) => declaredAt(`extension point "${point.id}"`, point.site)

const contributionDeclared = ({ contribution, module }: Given) =>
  declaredAt(`contribution of module "${module.id}"`, contribution.site)

const twoOwners = (owners: ReadonlyMap<string, ReadonlyArray<Owned>>): ReadonlyArray<Diagnostic> =>
  [...owners].flatMap(([id, list]) => {
    const [first, ...others] = list
    const name = ({ owner }: Owned): string => (owner === undefined ? "the framework" : `module "${owner.id}"`)
    return others.map((other) =>
      report(
        "GATE008",
        "twoOwners",
        { point: id, first: first === undefined ? "" : name(first), second: name(other) },
        { modules: [first?.owner, other.owner].filter((owner) => owner !== undefined) }
      )
    )
  })

const checkOwner = (
  subject: Subject,
  owners: ReadonlyMap<string, ReadonlyArray<Owned>>,
  given: Given
): ReadonlyArray<Diagnostic> => {
  const { contribution, module } = given
  const { point } = contribution
  const owned = owners.get(point.id)
  const facts = { module: module.id, point: point.id }
  if (owned === undefined) {
    const about = { modules: [module], places: [contributionDeclared(given), pointDeclared(point)] }
    return [
      report("GATE008", "noOwner", facts, { ...about, candidates: candidatesForPoint(subject, owners, point.id) })
    ]
  }
  if (owned.some((candidate) => candidate.point === point)) return []
  const places = [contributionDeclared(given), ...owned.map((other) => pointDeclared(other.point))]
  return [report("GATE008", "otherPoint", facts, { modules: [module], places })]
}

const candidatesForPoint = (
  subject: Subject,
  owners: ReadonlyMap<string, ReadonlyArray<Owned>>,
  id: string
): ReadonlyArray<string> => {
  const owns = (module: Module.Any): boolean => module.owns.some((point) => point.id === id)
  return [
    ...subject.off.filter(owns).map((module) => `module "${module.id}" owns it, but Gateway.when switched it off`),
    ...subject.known
      .filter(owns)
      .map((module) => `did you forget to add module "${module.id}" (${module.displayName})? It owns it`),
    ...nearest(id, owners.keys()).map((other) => `did you mean ${other}?`)
  ]
}

const checkShape = (given: Given): ReadonlyArray<Diagnostic> => {
  const { contribution, module } = given
  const { content, point } = contribution
  if (content._tag === "Effect" || point.options.schema === undefined) return []
  const { schema } = point.options
  const checked = attempt(() => Schema.decodeUnknownResult(Schema.toType(schema))(content.value))
  if (checked !== undefined && Result.isSuccess(checked)) return []
  const problem = checked?.failure.message.replaceAll(/\s*\n\s*/g, " ") ?? "the point's schema breaks on it"
  const places = [contributionDeclared(given), pointDeclared(point)]
  return [
    report("GATE008", "wrongShape", { module: module.id, point: point.id, problem }, { modules: [module], places })
  ]
}

const checkAfter = (subject: Subject, ids: ReadonlySet<string>, given: Given): ReadonlyArray<Diagnostic> => {
  const { contribution, identity, module } = given
  const { point } = contribution
  return afterOf(contribution)
    .filter((id) => !ids.has(id))
    .map((id) =>
      report(
        "GATE012",
        "contributionAfter",
        { module: module.id, point: point.id, identity: identity ?? "a contribution", after: id },
        { modules: [module], places: [contributionDeclared(given)], candidates: candidatesForId(subject, id) }
      )
    )
}

/** Ids of the modules whose contributions a declared one comes after. */
const afterOf = ({ content, point }: Contribution.Any): ReadonlyArray<string> =>
  content._tag === "Effect" ? [] : (attempt(() => point.options.afterOf?.(content.value)) ?? [])

/** Modules whose contributions to one point come after each other. */
const afterCycles = (modules: ReadonlyArray<Module.Any>, given: ReadonlyArray<Given>): ReadonlyArray<Diagnostic> =>
  [...new Set(given.map(({ contribution }) => contribution.point.id))].flatMap((point) => {
    const toPoint = given.filter(({ contribution }) => contribution.point.id === point)
    const after = new Map<Module.Any, ReadonlyArray<string>>()
    for (const { contribution, module } of toPoint) {
      const ids = afterOf(contribution)
      if (ids.length > 0) after.set(module, [...(after.get(module) ?? []), ...ids])
    }
    if (after.size === 0) return []
    const edges = modules.map((module) => {
      const ids = after.get(module) ?? []
      return ids.length === 0 ? [] : modules.flatMap(({ id }, i) => (ids.includes(id) ? [i] : []))
    })
    return cycles(edges).map((cycle) => {
      const inside = cycle.flatMap((i) => modules[i] ?? [])
      const places = toPoint
        .filter((each) => inside.includes(each.module) && afterOf(each.contribution).length > 0)
        .map(contributionDeclared)
      const walk = [...inside, ...inside.slice(0, 1)].map(({ id }) => id)
      return report("GATE012", "contributionCycle", { point, walk }, { modules: inside, places })
    })
  })

const collisions = (given: ReadonlyArray<Given>): ReadonlyArray<Diagnostic> => {
  const first = new Map<string, Given>()
  return given.flatMap((each) => {
    const { contribution, identity, module } = each
    if (identity === null) return []
    const { id, options } = contribution.point
    const key = JSON.stringify([id, identity, options.uniqueIn === "module" ? module.id : null])
    const other = first.get(key)
    if (other === undefined) {
      first.set(key, each)
      return []
    }
    const owners = other.module === module ? `module "${module.id}"` : `modules "${other.module.id}" and "${module.id}"`
    const places = [other, each].map((one) => contributionDeclared(one) ?? declared(one.module))
    return [
      report("GATE012", "collision", { point: id, identity, owners }, { modules: [other.module, module], places })
    ]
  })
}
