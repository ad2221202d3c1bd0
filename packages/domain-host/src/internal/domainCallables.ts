import type { Authority, InstallPolicy, KernelCallable, KernelCallableCall, KernelService } from "@portico/kernel"
import { EDIT, K, Mask, type ParamsOf, PorticoError, READ, SHARE } from "@portico/schema"
import * as Effect from "effect/Effect"
import type { DomainHostService } from "../DomainHost.ts"

/**
 * Installing writes below Root and gives permissions there, so it takes who may do both. A function's callers never
 * delegate SHARE: no domain installs another in an administrator's name.
 */
const needs = EDIT | SHARE

const mayInstall = (kernel: KernelService, authority: Authority): Effect.Effect<void, PorticoError> =>
  Effect.flatMap(kernel.mask(authority, "/"), (mask) =>
    Mask.has(mask, needs)
      ? Effect.void
      : Effect.fail(
          PorticoError.make("PERMISSION_DENIED", `needs ${Mask.format(needs)} on /`, {
            needs: Mask.names(needs),
            on: "/",
            phase: "resource"
          })
        )
  )

/** What the callables need. */
export interface DomainTools {
  readonly host: DomainHostService
  readonly kernel: KernelService
  /** Puts on record who did it. */
  readonly audit: (event: string, by: Authority, details: Readonly<Record<string, unknown>>) => Effect.Effect<void>
}

// Boundary, for all three: the kernel has checked the params against the contract that these types come from.
type InstallParams = ParamsOf<typeof K.Domain.install>
type UninstallParams = ParamsOf<typeof K.Domain.uninstall>

const install =
  ({ audit, host, kernel }: DomainTools) =>
  ({ authority, params }: KernelCallableCall): Effect.Effect<unknown, PorticoError> =>
    Effect.gen(function* () {
      yield* mayInstall(kernel, authority)
      const { dryRun, local, package: fromPackage, policy, url } = params as InstallParams
      if (url !== undefined || fromPackage !== undefined) {
        return yield* PorticoError.make(
          "NOT_IMPLEMENTED",
          "This instance installs domains whose code runs in its own process: { local: origin }."
        )
      }
      if (local === undefined) {
        return yield* PorticoError.make("INVALID_PARAMS", "say which domain: { local: origin }", {
          issues: [{ path: ["local"], code: "required", message: "is missing" }]
        })
      }
      const report = yield* host.install(local, {
        ...(dryRun === undefined ? undefined : { dryRun }),
        ...(policy === undefined ? undefined : { policy: policy as InstallPolicy })
      })
      const { contractId, installed, origin, plan, postInstall } = report
      if (installed) yield* audit("domain.installed", authority, { origin, contractId })
      return { origin, contractId, installed, plan: { ...plan, postInstall } }
    })

const uninstall =
  ({ audit, host, kernel }: DomainTools) =>
  ({ authority, params }: KernelCallableCall): Effect.Effect<unknown, PorticoError> =>
    Effect.gen(function* () {
      yield* mayInstall(kernel, authority)
      const { dryRun, origin } = params as UninstallParams
      const known = (yield* host.domains).some((domain) => domain.origin === origin && domain.installed !== null)
      if (!known) return yield* PorticoError.make("NOT_FOUND", `${origin} is not installed`, { origin })
      if (dryRun !== true) {
        yield* host.uninstall(origin)
        yield* audit("domain.uninstalled", authority, { origin })
      }
      return { origin, uninstalled: dryRun !== true }
    })

/** The installed domains that the caller may READ. */
const list =
  ({ host, kernel }: DomainTools) =>
  ({ authority }: KernelCallableCall): Effect.Effect<unknown, PorticoError> =>
    Effect.gen(function* () {
      const domains: Array<unknown> = []
      for (const { installed, live, origin, version } of yield* host.domains) {
        if (installed === null) continue
        if (((yield* kernel.mask(authority, `/:${origin}`)) & READ) === 0) continue
        domains.push({ origin, contractId: installed, version, runs: live === null ? "stopped" : "in process" })
      }
      return { domains }
    })

/** The callables of `Domain` that this module implements. */
export const domainCallables = (tools: DomainTools): ReadonlyArray<KernelCallable> => [
  { path: K.Domain.install.path, handle: install(tools) },
  { path: K.Domain.uninstall.path, handle: uninstall(tools) },
  { path: K.Domain.list.path, handle: list(tools) }
]
