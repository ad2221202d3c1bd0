import * as Data from "effect/Data"
import type { Place } from "./internal/callsite.ts"
import { type RenderOptions, renderDiagnostics } from "./internal/render/diagnostics.ts"

export type { Place } from "./internal/callsite.ts"
export type { RenderOptions } from "./internal/render/diagnostics.ts"

/** An `error` refuses the plan; a `warning` comes with it. */
export type Severity = "error" | "warning"

/** Where something that a diagnostic speaks of was declared. */
export interface Declaration {
  /** For example `module "crm"` or `route "route:crm" of module "crm"`. */
  readonly what: string
  readonly place: Place
}

/** One finding of the planner. */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** One sentence. */
  readonly message: string
  /** Ids of the modules concerned. */
  readonly modules: ReadonlyArray<string>
  /** Where what clashes or is wrong was declared; both places where two clash. */
  readonly places: ReadonlyArray<Declaration>
  /** Guesses at what was meant: sentences. */
  readonly candidates: ReadonlyArray<string>
  /** What to do, in one sentence. */
  readonly fix: string
}

/** Printing diagnostics. */
export const Diagnostic = {
  /** A report for a person: `headline`, then each finding with places, guesses and fix. */
  text: (headline: string, diagnostics: ReadonlyArray<Diagnostic>, options?: RenderOptions): string =>
    renderDiagnostics(headline, diagnostics, options)
} as const

/** Why a product has no plan: every finding at once, errors first. */
export class PlanRefused extends Data.TaggedError("PlanRefused")<{
  /** Id of the product. */
  readonly product: string
  readonly diagnostics: ReadonlyArray<Diagnostic>
}> {
  override get message(): string {
    return this.render()
  }

  /** The report for a person; see {@link RenderOptions}. */
  render(options?: RenderOptions): string {
    return renderDiagnostics(`The product "${this.product}" cannot be planned.`, this.diagnostics, options)
  }
}

/** What a case of the catalogue says: one sentence, and one that tells what to do. */
interface Finding {
  readonly message: string
  readonly fix: string
}

interface Entry {
  /** A few words, for tables. */
  readonly title: string
  readonly severity: Severity
  // Each case takes facts of its own; `report` checks them against the case that is named.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly cases: Readonly<Record<string, (facts: any) => Finding>>
}

/** Every code with every sentence that it can say. Codes are stable: they are never given a new meaning. */
export const catalogue = {
  GATE001: {
    title: "two modules with one id",
    severity: "error",
    cases: {
      twoModules: (f: { id: string }) => ({
        message: `two modules have the id "${f.id}"`,
        fix: "Give one of them another id: settings, logs and restarts go by it."
      }),
      listedTwice: (f: { id: string }) => ({
        message: `module "${f.id}" is listed twice`,
        fix: "List it once."
      })
    }
  },
  GATE002: {
    title: "a required service that no module provides",
    severity: "error",
    cases: {
      service: (f: { module: string; service: string }) => ({
        message: `module "${f.module}" needs ${f.service}, which no module of this product provides`,
        fix: `Add a module that provides it, or require it as Gateway.optional(…) and read it with Effect.serviceOption.`
      }),
      authenticator: (f: { module: string; service: string; route: string; auth: string; more: number }) => ({
        message:
          `module "${f.module}" needs ${f.service}, which no module of this product provides: ` +
          `${f.route} ${f.auth}${f.more === 0 ? "" : ` (and ${f.more} more)`}`,
        fix: 'Add a module that provides an Authenticator, or open the route with auth: "public".'
      })
    }
  },
  GATE003: {
    title: "a cycle",
    severity: "error",
    cases: {
      cycle: (f: { walk: ReadonlyArray<string>; arrows: ReadonlyArray<string> }) => ({
        message:
          `${f.walk.join(" -> ")} is a cycle: ` +
          f.walk.map((id, i) => (f.arrows[i] === undefined ? id : `${id} -(${f.arrows[i]})-> `)).join(""),
        fix: "Move what both need into a module of its own, or turn one arrow round with an extension point."
      })
    }
  },
  GATE004: {
    title: "one service provided twice",
    severity: "error",
    cases: {
      twoProviders: (f: { service: string; first: string; second: string }) => ({
        message: `modules "${f.first}" and "${f.second}" both provide ${f.service}`,
        fix: "Keep one of them; a module that must choose takes both under tags of their own."
      }),
      framework: (f: { service: string; module: string }) => ({
        message: `module "${f.module}" provides ${f.service}, which the framework provides itself`,
        fix: "Provide a service under a tag of your own."
      })
    }
  },
  GATE005: {
    title: "two routes that can match one request",
    severity: "error",
    cases: {
      same: (f: { first: string; second: string; owners: string }) => ({
        message: `${f.first} and ${f.second} ${f.owners} match the same requests`,
        fix: "Give one of them another path or method."
      }),
      constraints: (f: { first: string; second: string; owners: string }) => ({
        message: `${f.first} and ${f.second} ${f.owners} differ only in the constraint of a parameter`,
        fix: "Lay one route and look at the parameter in its handler, or give one of them another path."
      }),
      shadow: (f: { first: string; firstModule: string; second: string; secondModule: string }) => ({
        message:
          `${f.first} of module "${f.firstModule}" takes requests that ` +
          `${f.second} of module "${f.secondModule}" matches as well`,
        fix: "If that is not meant, mount one of them under another prefix."
      }),
      unordered: (f: { first: string; firstModule: string; second: string; secondModule: string }) => ({
        message:
          `${f.first} of module "${f.firstModule}" and ${f.second} of module "${f.secondModule}" ` +
          `may match one request, and neither goes first`,
        fix: "Mount one of them under another prefix."
      })
    }
  },
  GATE006: {
    title: "a route under the prefix of the other scope",
    severity: "error",
    cases: {
      internalOutside: (f: { route: string; module: string; prefix: string }) => ({
        message: `${f.route} of module "${f.module}" is internal, but not under ${f.prefix}/`,
        fix: `Mount it under ${f.prefix}/${f.module}, or make its scope public.`
      }),
      publicInside: (f: { route: string; module: string; prefix: string }) => ({
        message: `${f.route} of module "${f.module}" is public, but under the internal prefix ${f.prefix}`,
        fix: "Mount it elsewhere, or make its scope internal."
      })
    }
  },
  GATE007: {
    title: "settings missing or invalid",
    severity: "error",
    cases: {
      missing: (f: { key: string; owner: string; tried: string }) => ({
        message: `setting ${f.key} of ${f.owner} is not set; tried ${f.tried}`,
        fix: "Set it in one of these places."
      }),
      invalid: (f: { key: string; owner: string; source: string; problem: string }) => ({
        message: `setting ${f.key} of ${f.owner}, from ${f.source}, is not valid: ${f.problem}`,
        fix: `Correct it in ${f.source}.`
      }),
      together: (f: { owner: string; problem: string }) => ({
        message: `the settings of ${f.owner} do not fit together: ${f.problem}`,
        fix: "Change one of them."
      }),
      unknownKey: (f: { key: string; source: string }) => ({
        message: `setting ${f.key}, from ${f.source}, belongs to nobody`,
        fix: "Remove it, or correct its name."
      }),
      notTable: (f: { key: string; source: string }) => ({
        message: `${f.key}, from ${f.source}, must be a table of settings`,
        fix: `Write [${f.key}] and its settings below.`
      }),
      sameEnv: (f: { env: string; first: string; second: string }) => ({
        message: `settings ${f.first} and ${f.second} are both read from ${f.env}`,
        fix: "Name the variable of one of them with Gateway.setting(schema, { env })."
      }),
      sameFlag: (f: { flag: string; first: string; second: string }) => ({
        message: `settings ${f.first} and ${f.second} both have the flag ${f.flag}`,
        fix: "Name the flag of one of them with Gateway.setting(schema, { flag })."
      })
    }
  },
  GATE008: {
    title: "a contribution that nobody takes, or of the wrong shape",
    severity: "error",
    cases: {
      noOwner: (f: { module: string; point: string }) => ({
        message: `module "${f.module}" contributes to ${f.point}, which no module of this product owns`,
        fix: "Add the module that owns it, or drop the contribution."
      }),
      twoOwners: (f: { point: string; first: string; second: string }) => ({
        message: `${f.first} and ${f.second} both own ${f.point}`,
        fix: "Keep one of them in `owns`."
      }),
      otherPoint: (f: { module: string; point: string }) => ({
        message: `module "${f.module}" contributes to another extension point that is also called ${f.point}`,
        fix: "Import the owner's point; if there is only one, its package is installed twice."
      }),
      wrongShape: (f: { module: string; point: string; problem: string }) => ({
        message: `a contribution of module "${f.module}" to ${f.point} has the wrong shape: ${f.problem}`,
        fix: "Correct the value."
      })
    }
  },
  GATE009: {
    title: "a reserved or malformed path",
    severity: "error",
    cases: {
      malformed: (f: { route: string; module: string; path: string; problem: string }) => ({
        message: `route "${f.route}" of module "${f.module}" has a malformed path ${JSON.stringify(f.path)}: ${f.problem}`,
        fix: "Write it as /static/:parameter/*."
      }),
      reserved: (f: { route: string; module: string; reserved: string }) => ({
        message: `${f.route} of module "${f.module}" is reserved: the framework serves ${f.reserved}`,
        fix: "Mount it elsewhere."
      })
    }
  },
  GATE010: {
    title: "a version outside a stated range",
    severity: "error",
    cases: {
      outside: (f: { module: string; needs: string; range: string; version: string }) => ({
        message: `module "${f.module}" needs ${f.needs} ${f.range}, but this product has ${f.version}`,
        fix: `Take a version of "${f.needs}" in that range, or a version of "${f.module}" that takes this one.`
      }),
      noVersion: (f: { module: string; needs: string; range: string }) => ({
        message: `module "${f.module}" needs ${f.needs} ${f.range}, but "${f.needs}" states no version`,
        fix: `State the version of "${f.needs}".`
      }),
      malformedVersion: (f: { module: string; version: string }) => ({
        message: `the version ${JSON.stringify(f.version)} of module "${f.module}" is not a semantic version`,
        fix: "Write it as 1.2.3."
      }),
      malformedRange: (f: { module: string; needs: string; range: string }) => ({
        message: `module "${f.module}" needs ${f.needs} in a range that cannot be read: ${JSON.stringify(f.range)}`,
        fix: "Write it as ^1.2.0 or >=1.2.0 <3."
      }),
      unknownModule: (f: { module: string; needs: string; range: string }) => ({
        message: `module "${f.module}" states a range for "${f.needs}", which is no module of this product`,
        fix: "Correct the id, if it is mistyped."
      })
    }
  },
  GATE011: {
    title: "a malformed id, identity or name",
    severity: "error",
    cases: {
      id: (f: { what: string; id: string; rule: string }) => ({
        message: `the id ${JSON.stringify(f.id)} of ${f.what} is malformed`,
        fix: `Use ${f.rule}.`
      }),
      name: (f: { what: string; name: string; rule: string }) => ({
        message: `the name ${JSON.stringify(f.name)} of ${f.what} is malformed`,
        fix: `Use ${f.rule}.`
      }),
      reservedId: (f: { id: string }) => ({
        message: `the module id "${f.id}" is reserved for the framework`,
        fix: "Give the module another id."
      }),
      routeTwice: (f: { id: string; module: string }) => ({
        message: `two routes of module "${f.module}" have the id "${f.id}"`,
        fix: "Give one of them another id."
      })
    }
  },
  GATE012: {
    title: "colliding contributions, or an `after` that names nobody",
    severity: "error",
    cases: {
      collision: (f: { point: string; identity: string; owners: string }) => ({
        message: `two contributions to ${f.point} are both called "${f.identity}" (${f.owners})`,
        fix: "Rename one of them; one that was released keeps its name."
      }),
      moduleAfter: (f: { module: string; after: string }) => ({
        message: `module "${f.module}" starts after "${f.after}", which is no module of this product`,
        fix: "Correct the id, add the module, or drop it from `after`."
      }),
      contributionAfter: (f: { module: string; point: string; identity: string; after: string }) => ({
        message: `${f.identity} of module "${f.module}" in ${f.point} comes after "${f.after}", which is no module of this product`,
        fix: "Correct the id, add the module, or drop it from `after`."
      }),
      contributionCycle: (f: { point: string; walk: ReadonlyArray<string> }) => ({
        message: `contributions to ${f.point} come after each other: ${f.walk.join(" -> ")}`,
        fix: "Drop one of them from `after`."
      })
    }
  },
  GATE013: {
    title: "a route without a handler",
    severity: "warning",
    cases: {
      unhandled: (f: { route: string; module: string }) => ({
        message: `${f.route} of module "${f.module}" has no handler and answers 501`,
        fix: "Give it `handle`, or `api` and `handlers`."
      })
    }
  }
} as const satisfies Readonly<Record<string, Entry>>

type Catalogue = typeof catalogue

/** The stable codes of the planner. */
export type DiagnosticCode = keyof Catalogue

/** The cases of a code. */
export type DiagnosticCase<C extends DiagnosticCode> = keyof Catalogue[C]["cases"] & string

/** The facts that a case speaks of. */
export type DiagnosticFacts<C extends DiagnosticCode, K extends DiagnosticCase<C>> = Catalogue[C]["cases"][K] extends (
  facts: infer F
) => Finding
  ? F
  : never
