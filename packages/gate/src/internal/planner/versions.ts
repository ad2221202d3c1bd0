import * as Result from "effect/Result"
import * as SemVer from "effect/SemVer"
import * as SemVerRange from "effect/SemVerRange"
import type { Diagnostic } from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import { report } from "./report.ts"
import type { Subject } from "./subject.ts"

/** GATE010. */
export const checkVersions = ({ modules }: Subject): ReadonlyArray<Diagnostic> => {
  const byId = new Map(modules.map((module) => [module.id, module]))
  return [
    ...modules.flatMap(malformed),
    ...modules.flatMap((module) =>
      Object.entries(module.versions).flatMap(([id, range]) => checkRange(module, byId.get(id), range))
    )
  ]
}

const malformed = (module: Module.Any): ReadonlyArray<Diagnostic> =>
  module.version === undefined || Result.isSuccess(SemVer.parse(module.version))
    ? []
    : [report("GATE010", "malformedVersion", { module: module.id, version: module.version }, { modules: [module] })]

const checkRange = (module: Module.Any, other: Module.Any | undefined, range: string): ReadonlyArray<Diagnostic> => {
  if (other === undefined) return []
  const facts = { module: module.id, needs: other.id, range }
  const about = { modules: [module, other] }
  const wanted = SemVerRange.parse(range)
  if (Result.isFailure(wanted)) return [report("GATE010", "malformedRange", facts, { modules: [module] })]
  if (other.version === undefined) return [report("GATE010", "noVersion", facts, about)]
  const version = SemVer.parse(other.version)
  if (Result.isFailure(version) || SemVerRange.matches(wanted.success, version.success)) return []
  return [report("GATE010", "outside", { ...facts, version: other.version }, about)]
}
