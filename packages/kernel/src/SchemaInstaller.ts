import type { DomainContract, PorticoError } from "@portico/schema"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** Everything about a domain that the graph must know. */
export interface InstallBundle {
  readonly contract: DomainContract
  /** `sha256:…` over the canonical form of `contract`. */
  readonly contractId: string
  readonly version?: string
  /** Origins that must be installed before. */
  readonly requires: ReadonlyArray<string>
  /** Tree paths of folders that the domain owns, for example `/contacts`. */
  readonly owns: ReadonlyArray<string>
  /** Tree paths and mask: how far the domain may act with its callers' authority. `null` is not at all. */
  readonly acts: { readonly nodes: ReadonlyArray<string>; readonly perms: number } | null
  /** Masks on the domain's own schema. An absent group gets nothing; without any, `authenticated` gets READ and USE. */
  readonly grants: { readonly everyone?: number; readonly authenticated?: number }
  /** Address of the callable that runs after each install. */
  readonly postInstall: string | null
}

/** One thing that a new contract makes impossible for a caller or for a stored node. */
export interface BreakingChange {
  /** For example `class.Contact.property.email` or `function.seed`. */
  readonly subject: string
  readonly reason: string
}

/** What stored nodes or edges do not fit any more. An install is refused while there is such a thing, whatever its policy. */
export interface StoredViolation {
  /** For example `class.Contact.property.email` or `class.works_on`. */
  readonly subject: string
  readonly reason: string
  readonly count: number
  /** Some of them; of an edge, its source. */
  readonly examples: ReadonlyArray<{ readonly id: string; readonly path: string }>
}

/** A member under the name that it had and the one that it gets. What is stored of it stays. */
export interface RenamedMember {
  /** For example `class.Person.property.mail`. */
  readonly from: string
  readonly to: string
}

/** What an install would do, before anything is written. Subjects are members such as `class.Contact`. */
export interface InstallPlan {
  readonly origin: string
  readonly contractId: string
  /** Contract id of what is installed, `null` for a first install. */
  readonly installed: string | null
  /** Nothing would change. */
  readonly unchanged: boolean
  readonly added: ReadonlyArray<string>
  readonly changed: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
  readonly renamed: ReadonlyArray<RenamedMember>
  readonly breaking: ReadonlyArray<BreakingChange>
  /** Removed classes that nodes or edges still use, with how many. */
  readonly orphaned: ReadonlyArray<{ readonly subject: string; readonly count: number }>
  /** Classes that versions before removed and that are kept, with how many nodes or edges are of them. */
  readonly kept: ReadonlyArray<{ readonly subject: string; readonly count: number }>
  /** Found among the first 50,000 nodes or edges of each class; an install looks at all of them. */
  readonly violations: ReadonlyArray<StoredViolation>
  /** Installed origins that import or require this one, and which removed or renamed members they name. */
  readonly dependents: ReadonlyArray<{ readonly origin: string; readonly uses: ReadonlyArray<string> }>
  /** Origins that are required or imported and not installed. */
  readonly missing: ReadonlyArray<string>
  readonly owns: ReadonlyArray<{
    readonly path: string
    readonly state: "new" | "owned" | "conflict"
    readonly owner?: string
  }>
  readonly authority: {
    readonly acts: { readonly nodes: ReadonlyArray<string>; readonly perms: ReadonlyArray<string> } | null
    readonly grants: { readonly everyone: ReadonlyArray<string>; readonly authenticated: ReadonlyArray<string> }
  }
}

/** What to do where a plan would break something. */
export interface InstallPolicy {
  /** Default `refuse`. */
  readonly breaking?: "refuse" | "accept"
  /**
   * What becomes of the nodes or edges of a removed class, by subject (`class.Contact`) or name: `refuse` unless given.
   * `keep` leaves them as they are: they can be read, moved, deleted and unlinked, and not be made or changed, until a
   * version has the class again. It stays so with every later version, until the last of them is gone.
   * `delete` puts the nodes into the trash, from which they come back only with their class, and takes the edges away;
   * nodes that hold children of other classes keep it from being done. It may name what was kept before, too.
   */
  readonly orphans?: Readonly<Record<string, "refuse" | "keep" | "delete">>
}

/** What an install did. */
export interface InstallOutcome {
  readonly plan: InstallPlan
  /** Node id of the Domain. */
  readonly domainId: string
  readonly seq: number
}

/** A domain that is in the graph. */
export interface InstalledDomain {
  readonly origin: string
  /** Node id of the Domain. */
  readonly id: string
  readonly contractId: string
  readonly version: string | null
  readonly requires: ReadonlyArray<string>
  readonly owns: ReadonlyArray<string>
  readonly acts: { readonly nodes: ReadonlyArray<string>; readonly perms: number } | null
  readonly postInstall: string | null
  readonly contract: DomainContract
  /** Milliseconds since the epoch. */
  readonly installedAt: number
}

/** The interface behind {@link SchemaInstaller}. */
export interface SchemaInstallerService {
  /**
   * Runs what belongs to an install or uninstall and is more than one transaction, while no other process on this store
   * does so with the same origin: whoever does not get its turn is told INSTALL_IN_PROGRESS. `install` and `uninstall` may
   * be used inside.
   */
  readonly alone: <A, E, R>(origin: string, work: Effect.Effect<A, E, R>) => Effect.Effect<A, E | PorticoError, R>
  /** What installing `bundle` would do. Writes nothing; fails only for a bundle that is itself malformed. */
  readonly plan: (bundle: InstallBundle) => Effect.Effect<InstallPlan, PorticoError>
  /**
   * Puts the domain into the graph in one transaction: schema nodes, owned folders, grants.
   * Fails with SCHEMA_CONFLICT (breaking, missing requirements, foreign folders, foreign origin), SCHEMA_IN_USE
   * (removed members are used or imported), INSTALL_IN_PROGRESS or INVALID_PARAMS; then nothing has changed.
   */
  readonly install: (bundle: InstallBundle, policy?: InstallPolicy) => Effect.Effect<InstallOutcome, PorticoError>
  /** Takes the domain's schema out. Owned folders stay. Fails with NOT_FOUND or SCHEMA_IN_USE. */
  readonly uninstall: (origin: string) => Effect.Effect<{ readonly seq: number }, PorticoError>
  /** All installed domains but the kernel's own, by origin. */
  readonly installed: Effect.Effect<ReadonlyArray<InstalledDomain>, PorticoError>
}

/**
 * Installs domains into the graph. It checks what is installed, not who asks: the module that fetches and verifies
 * bundles decides that.
 *
 * @example
 * ```ts
 * import { type InstallBundle, SchemaInstaller } from "@portico/kernel"
 * import * as Effect from "effect/Effect"
 *
 * const installUnlessItBreaks = Effect.fnUntraced(function* (bundle: InstallBundle) {
 *   const installer = yield* SchemaInstaller
 *   const plan = yield* installer.plan(bundle)
 *   return plan.breaking.length === 0 ? yield* installer.install(bundle) : plan
 * })
 * ```
 */
export class SchemaInstaller extends Context.Service<SchemaInstaller, SchemaInstallerService>()(
  "@portico/kernel/SchemaInstaller"
) {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "KernelModule of @portico/kernel"
}
