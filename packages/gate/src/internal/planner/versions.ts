import * as Result from "effect/Result"
import * as SemVer from "effect/SemVer"
import * as SemVerRange from "effect/SemVerRange"
import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import { nearest } from "../suggest.ts"
import { report } from "./report.ts"
import type { Subject } from "./subject.ts"

/** GATE010. */
export const checkVersions = ({ known, modules, product }: Subject): ReadonlyArray<Diagnostic> => {
  const byId = new Map(modules.map((module) => [module.id, module]))
  const ids = new Set([...product.modules, ...known].map((module) => module.id))
  return [
    ...modules.flatMap(malformed),
    ...modules.flatMap((module) =>
      Object.entries(module.versions).flatMap(([id, range]) => [
        ...checkRange(module, id, byId.get(id), range),
        ...(ids.has(id) ? [] : mistyped(module, id, range, ids))
      ])
    )
  ]
}

const malformed = (module: Module.Any): ReadonlyArray<Diagnostic> =>
  module.version === undefined || Result.isSuccess(SemVer.parse(module.version))
    ? []
    : [report("GATE010", "malformedVersion", { module: module.id, version: module.version }, { modules: [module] })]

const checkRange = (
  module: Module.Any,
  id: string,
  other: Module.Any | undefined,
  range: string
): ReadonlyArray<Diagnostic> => {
  const facts = { module: module.id, needs: id, range }
  const wanted = SemVerRange.parse(range)
  if (Result.isFailure(wanted)) return [report("GATE010", "malformedRange", facts, { modules: [module] })]
  if (other === undefined) return []
  const about = { modules: [module, other] }
  if (other.version === undefined) return [report("GATE010", "noVersion", facts, about)]
  const version = SemVer.parse(other.version)
  if (Result.isFailure(version) || SemVerRange.matches(wanted.success, version.success)) return []
  return [report("GATE010", "outside", { ...facts, version: other.version }, about)]
}

/** A range for a module that is not part of the product is no matter, unless it is one with its name mistyped. */
const mistyped = (
  module: Module.Any,
  id: string,
  range: string,
  ids: ReadonlySet<string>
): ReadonlyArray<Diagnostic> => {
  const candidates = nearest(id, ids).map((other) => `did you mean "${other}"?`)
  if (candidates.length === 0) return []
  const about = { modules: [module], candidates, severity: "warning" } as const
  return [report("GATE010", "unknownModule", { module: module.id, needs: id, range }, about)]
}
