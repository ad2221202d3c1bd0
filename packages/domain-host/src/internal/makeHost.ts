import { Database } from "@portico/gate/database"
import { type InstalledDomain, Kernel, SchemaInstaller } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import {
  DomainHost,
  type DomainHostService,
  type HostedDomain,
  type LocalDomain,
  type PostInstallState
} from "../DomainHost.ts"
import { installBundled, runDue } from "./bundled.ts"
import { makeCatalogue, wanted } from "./catalogue.ts"
import { makeDepsCache } from "./depsCache.ts"
import { makeDispatch } from "./dispatch.ts"
import { makeDrift } from "./drift.ts"
import { makeHealth } from "./health.ts"
import { makeInstalledDomains } from "./installedDomains.ts"
import { makeInstalls } from "./installs.ts"
import { makePostInstall } from "./postInstall.ts"
import { makePostInstallLog } from "./postInstallLog.ts"

export interface HostOptions {
  /** The setting `domains.bundled`. */
  readonly bundled: string
  /** Milliseconds that a `postInstall` may take. */
  readonly postInstallTimeout: number
  /** What the domains' environments are read from. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The setting names a domain that is not there. */
class UnknownBundledDomain extends Error {
  override readonly name = "UnknownBundledDomain"
}

/** Builds the host, installs the bundled domains, and runs what is due of their `postInstall`s in the background. */
export const makeHost = Effect.fnUntraced(function* (options: HostOptions) {
  const kernel = yield* Kernel
  const installer = yield* SchemaInstaller
  const log = makePostInstallLog(yield* Database)
  const catalogue = makeCatalogue(yield* DomainHost.localDomains.ref)
  const scope = yield* Effect.scope
  const deps = makeDepsCache(yield* Scope.fork(scope), options.env)
  const installed = makeInstalledDomains(kernel, installer)
  const drift = makeDrift(installer)
  // Closes before what the calls work with, and all calls at once.
  const calls = yield* Scope.fork(scope, "parallel")
  const dispatch = makeDispatch({ kernel, catalogue, installed, drift, deps, scope: calls })
  const postInstall = makePostInstall({ kernel, dispatch, log, timeout: options.postInstallTimeout })
  const installs = makeInstalls({ installer, catalogue, postInstall, log })
  const health = makeHealth()

  const { domains, unknown } = wanted(options.bundled, catalogue.all())
  if (unknown.length > 0) {
    const known = catalogue.all().flatMap(({ bundled, definition }) => (bundled === true ? [definition.origin] : []))
    return yield* Effect.fail(
      new UnknownBundledDomain(
        `PORTICO_BUNDLED_DOMAINS names ${unknown.join(", ")}, which this product does not bundle; it has ${known.join(", ") || "none"}.`
      )
    )
  }
  const bundled = { installs, log, health, env: options.env }
  const due = yield* installBundled(bundled, domains)
  yield* Effect.forkScoped(runDue(bundled, due, yield* Kernel.dispatcher.ref))

  const postInstallOf = (domain: InstalledDomain | undefined): Effect.Effect<PostInstallState, PorticoError> => {
    if (domain === undefined || domain.postInstall === null) return Effect.succeed({ status: "none" })
    return health.isPending(domain.origin)
      ? Effect.succeed({ status: "pending" })
      : log.stateOf(domain.origin, domain.contractId)
  }

  const hosted = (origin: string, local: LocalDomain | undefined): Effect.Effect<HostedDomain, PorticoError> =>
    Effect.gen(function* () {
      const there = yield* installs.installedOf(origin)
      const live = local?.definition.bundle
      const drifted = there === undefined || live === undefined ? undefined : yield* drift(live, there)
      return {
        origin,
        version: there?.version ?? local?.definition.version ?? null,
        bundled: local?.bundled === true,
        live: live?.contractId ?? null,
        installed: there?.contractId ?? null,
        postInstall: yield* postInstallOf(there),
        problem: health.of(origin) ?? (drifted?.kind === "mismatch" ? drifted.error.message : null)
      }
    })

  const service: DomainHostService = {
    domains: Effect.gen(function* () {
      const there = (yield* installer.installed).map(({ origin }) => origin)
      const here = catalogue.all().map(({ definition }) => definition.origin)
      const origins = [...new Set([...there, ...here])].sort()
      return yield* Effect.forEach(origins, (origin) => hosted(origin, catalogue.find(origin)))
    }).pipe(Effect.orDie),
    install: (origin, asked) =>
      Effect.tap(installs.install(origin, asked), ({ installed, postInstall }) =>
        Effect.sync(() => {
          if (!installed) return
          health.settle(origin, "install")
          health.postInstall(origin, postInstall)
        })
      ),
    uninstall: (origin) =>
      Effect.tap(installs.uninstall(origin), () =>
        Effect.sync(() => {
          health.settle(origin, "install")
          health.postInstall(origin, { status: "none" })
        })
      ),
    dispatch,
    ready: Effect.suspend(() => {
      const reasons = health.all()
      return reasons.length === 0 ? Effect.void : Effect.fail({ message: reasons.join("; ") })
    })
  }
  return DomainHost.of(service)
})
