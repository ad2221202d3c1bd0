import {
  catalogue,
  type Declaration,
  type Diagnostic,
  type DiagnosticCase,
  type DiagnosticCode,
  type DiagnosticFacts,
  type Severity
} from "../../Diagnostic.ts"
import type { Module } from "../../Module.ts"
import type { CallSite } from "../callsite.ts"

/** What a finding is about, beside its facts. */
export interface About {
  readonly modules: ReadonlyArray<Module.Any>
  /** Default: where `modules` were declared. */
  readonly places?: ReadonlyArray<Declaration | undefined> | undefined
  readonly candidates?: ReadonlyArray<string> | undefined
  /** Default: what the catalogue says. */
  readonly severity?: Severity | undefined
}

/** Writes a finding down in the catalogue's words. */
export const report = <C extends DiagnosticCode, K extends DiagnosticCase<C>>(
  code: C,
  kase: K,
  facts: DiagnosticFacts<C, K>,
  about: About
): Diagnostic => {
  const entry = catalogue[code]
  // `K` names a case of `C`, and `facts` are of that case; the compiler cannot follow the two indexes at once.
  const sentence = (entry.cases as Readonly<Record<string, (facts: unknown) => { message: string; fix: string }>>)[kase]
  const { message, fix } = sentence?.(facts) ?? { message: entry.title, fix: "" }
  return {
    code,
    severity: about.severity ?? entry.severity,
    message,
    modules: [...new Set(about.modules.map((module) => module.id))],
    get places() {
      return (about.places ?? about.modules.map(declared)).filter((place) => place !== undefined)
    },
    candidates: about.candidates ?? [],
    fix
  }
}

/** Where a module was declared, if the engine could tell. */
export const declared = (module: Module.Any): Declaration | undefined =>
  declaredAt(`module "${module.id}"`, module.site)

export const declaredAt = (what: string, site: CallSite): Declaration | undefined =>
  site.place === undefined ? undefined : { what, place: site.place }
