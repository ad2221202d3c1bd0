import type { ExtensionRef } from "@portico/gate"
import type { Dispatcher } from "@portico/kernel"
import type { PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { LocalDomain, PostInstallState } from "../DomainHost.ts"
import type { Installs } from "./installs.ts"
import type { PostInstallLog } from "./postInstallLog.ts"

/** Why readiness is not given, by origin. */
export type Problems = Map<string, string>

export interface BundledTools {
  readonly installs: Installs
  readonly log: PostInstallLog
  readonly problems: Problems
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Installs what is new or has changed, one after the other, and gives the domains whose `postInstall` is due: after an
 * install, and where the last one was cut short or failed. A domain that cannot be installed is a problem of its own;
 * the others go on.
 */
export const installBundled = ({ env, installs, log, problems }: BundledTools, domains: ReadonlyArray<LocalDomain>) =>
  Effect.gen(function* () {
    const due: Array<LocalDomain> = []
    for (const local of domains) {
      const { definition } = local
      const { contractId, postInstall } = definition.bundle
      const outcome = yield* installs
        .lock(
          definition.origin,
          Effect.gen(function* () {
            const current = yield* installs.isCurrent(local)
            if (!current) yield* installs.schema(local)
            const last: PostInstallState = current
              ? yield* log.stateOf(definition.origin, contractId)
              : { status: "pending" }
            if (postInstall !== null && last.status !== "done") due.push(local)
            yield* definition.checkEnv(local.env ?? env)
            return current ? "unchanged" : "installed"
          })
        )
        .pipe(Effect.catchCause((cause) => reported(problems, definition.origin, "could not be installed", cause)))
      if (outcome === "installed")
        yield* Effect.logInfo(`Installed ${definition.origin} (${contractId.slice(0, 19)}…).`)
    }
    return due
  })

/**
 * Runs what is due as soon as the kernel hands calls to this host, since a `postInstall` may call other methods of its
 * domain.
 */
export const runDue = (
  { installs, problems }: BundledTools,
  due: ReadonlyArray<LocalDomain>,
  dispatcher: ExtensionRef<Dispatcher>
) =>
  Effect.gen(function* () {
    for (const { definition } of due)
      problems.set(definition.origin, `postInstall of ${definition.origin} is still to run`)
    while (dispatcher.current.length === 0) yield* Effect.yieldNow
    for (const { definition } of due) {
      const { origin } = definition
      const state = yield* installs
        .lock(origin, installs.after(origin))
        .pipe(Effect.catchCause((cause) => reported(problems, origin, "could not run its postInstall", cause)))
      if (state?.status === "failed") {
        problems.set(origin, `postInstall of ${origin} failed: ${state.code}: ${state.message}`)
      } else if (state !== undefined) problems.delete(origin)
    }
  })

const reported = (problems: Problems, origin: string, what: string, cause: Cause.Cause<PorticoError>) =>
  Effect.suspend(() => {
    if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
    const error = Cause.squash(cause)
    const reason = error instanceof Error ? error.message : "it failed unexpectedly"
    problems.set(origin, `${origin} ${what}: ${reason}`)
    return Effect.as(Effect.logError(`${origin} ${what}.`, cause), undefined)
  })
