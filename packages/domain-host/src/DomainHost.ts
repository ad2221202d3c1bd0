import type { DomainDefinition } from "@portico/domain"
import { Gateway } from "@portico/gate"
import type { DispatchCall, InstallPlan, InstallPolicy } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** A domain whose code runs in this process. */
export interface LocalDomain {
  readonly definition: DomainDefinition
  /** Installed at start, unless the setting `domains.bundled` says otherwise. */
  readonly bundled?: boolean
  /** What the domain's `env` is read from, instead of the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** How the last run of a domain's `postInstall` ended. */
export type PostInstallState =
  | { readonly status: "none" | "pending" | "done" }
  | { readonly status: "failed"; readonly code: string; readonly message: string }

/** A domain that is installed, or that could be. */
export interface HostedDomain {
  readonly origin: string
  readonly version: string | null
  readonly bundled: boolean
  /** Contract id of the code, `null` where it does not run in this process. */
  readonly live: string | null
  /** Contract id of what is in the graph, `null` where nothing is. */
  readonly installed: string | null
  readonly postInstall: PostInstallState
  /** Why it does not serve, or not all of it; `null` where it does. */
  readonly problem: string | null
}

/** What an install did, or with `dryRun` would do. */
export interface InstallReport {
  readonly origin: string
  readonly contractId: string
  /** False for a dry run. */
  readonly installed: boolean
  readonly plan: InstallPlan
  readonly postInstall: PostInstallState
}

/** The interface behind {@link DomainHost}. */
export interface DomainHostService {
  /** Every domain that is installed or runs here, by origin. */
  readonly domains: Effect.Effect<ReadonlyArray<HostedDomain>>
  /**
   * Installs a domain that runs here, then runs its `postInstall`, whose failure is part of the report. Asks nobody's
   * permission. Fails with NOT_FOUND (no such domain here), INSTALL_IN_PROGRESS, and what the graph refuses.
   */
  readonly install: (
    origin: string,
    options?: { readonly dryRun?: boolean; readonly policy?: InstallPolicy }
  ) => Effect.Effect<InstallReport, PorticoError>
  /** Takes a domain's schema out of the graph. Fails with NOT_FOUND, SCHEMA_IN_USE or INSTALL_IN_PROGRESS. */
  readonly uninstall: (origin: string) => Effect.Effect<void, PorticoError>
  /** Runs a callable of a domain whose code runs here, with the halves of authority that its call gives it. */
  readonly dispatch: (call: DispatchCall) => Effect.Effect<unknown, PorticoError>
  /** Fails with the reason while a bundled domain is being installed, or could not be. */
  readonly ready: Effect.Effect<void, { readonly message: string }>
}

/**
 * Installs domains and runs their code in this process.
 *
 * @example
 * ```ts
 * import { defineDomain, defineRemoteFunction } from "@portico/domain"
 * import { DomainHost } from "@portico/domain-host"
 * import { Gateway } from "@portico/gate"
 * import { defineSchema } from "@portico/schema"
 * import * as Schema from "effect/Schema"
 *
 * const ping = defineRemoteFunction({ auth: "public", returns: Schema.String, execute: () => "pong" })
 * const hello = defineDomain({ schema: defineSchema("hello.example.dev", {}), functions: { ping } })
 *
 * export const HelloModule = Gateway.module.define({
 *   id: "hello",
 *   displayName: "Hello",
 *   contributes: [DomainHost.localDomains.of({ definition: hello, bundled: true })]
 * })
 * ```
 */
export class DomainHost extends Context.Service<DomainHost, DomainHostService>()("@portico/domain-host/DomainHost") {
  /** Whom a plan names to whoever forgot it. */
  static readonly providedBy = "DomainHostModule of @portico/domain-host"
  /** Where domains come from whose code runs in this process. One per origin. */
  static readonly localDomains = Gateway.extensionPoint<LocalDomain>("domains.local", {
    description: "Domains whose code runs in this process.",
    identityOf: ({ definition }) => definition.origin
  })
}
