import type { ExtensionRef } from "@portico/gate"
import type { Dispatcher } from "@portico/kernel"
import { isInstallInProgress, isPorticoError, type PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { LocalDomain, PostInstallState } from "../DomainHost.ts"
import type { Health } from "./health.ts"
import type { Installs } from "./installs.ts"
import type { PostInstallLog } from "./postInstallLog.ts"

export interface BundledTools {
  readonly installs: Installs
  readonly log: PostInstallLog
  readonly health: Health
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Installs what is new or has changed, one after the other, and gives the domains whose `postInstall` is due: after an
 * install, and where the last one was cut short or failed. What goes wrong with one domain is noted; the others go on.
 */
export const installBundled = Effect.fnUntraced(function* (
  tools: BundledTools,
  domains: ReadonlyArray<LocalDomain>
): Effect.fn.Return<ReadonlyArray<LocalDomain>> {
  const { health } = tools
  const due: Array<LocalDomain> = []
  for (const local of domains) {
    const { definition } = local
    const { origin } = definition
    const isDue = yield* installOne(tools, local).pipe(
      Effect.catchCause((cause) =>
        Effect.map(reasonOf(`${origin} could not be installed`, cause), (reason) => {
          health.raise(origin, "install", `${origin} could not be installed: ${reason}`)
          return false
        })
      )
    )
    if (isDue) {
      due.push(local)
      health.postInstall(origin, { status: "pending" })
    }
    yield* definition.checkEnv(local.env ?? tools.env).pipe(
      Effect.catch(({ message }) => {
        health.raise(origin, "environment", message)
        return Effect.logError(message)
      })
    )
  }
  return due
})

/** Between two tries, and how many: of gateways that start at once on one store, one does it and the others wait. */
const patience = { schedule: Schedule.spaced("500 millis"), times: 240 }

const inTurn =
  (lock: Installs["lock"]) =>
  <A>(origin: string, work: Effect.Effect<A, PorticoError>): Effect.Effect<A, PorticoError> =>
    Effect.retry(lock(origin, work), { while: isInstallInProgress, ...patience })

/** `postInstall`, unless another process has done it meanwhile. */
const afterOnce = (
  { installs, log }: Pick<BundledTools, "installs" | "log">,
  { bundle, origin }: LocalDomain["definition"]
): Effect.Effect<PostInstallState, PorticoError> =>
  Effect.flatMap(log.stateOf(origin, bundle.contractId), (state) =>
    state.status === "done" ? Effect.succeed(state) : installs.after(origin)
  )

/** Whether its `postInstall` is due. */
const installOne = ({ installs, log }: BundledTools, local: LocalDomain): Effect.Effect<boolean, PorticoError> =>
  inTurn(installs.lock)(
    local.definition.origin,
    Effect.gen(function* () {
      const { bundle, origin } = local.definition
      const current = yield* installs.isCurrent(local)
      if (!current) {
        yield* installs.schema(local)
        // Whatever ran before, ran for what was there before.
        yield* log.forget(origin)
        yield* Effect.logInfo(`Installed ${origin} (${bundle.contractId.slice(0, 19)}…).`)
      }
      if (bundle.postInstall === null) return false
      return !current || (yield* log.stateOf(origin, bundle.contractId)).status !== "done"
    })
  )

/**
 * Runs what is due as soon as the kernel hands calls to this host, since a `postInstall` may call other methods of its
 * domain.
 */
export const runDue = Effect.fnUntraced(function* (
  { health, installs, log }: BundledTools,
  due: ReadonlyArray<LocalDomain>,
  dispatcher: ExtensionRef<Dispatcher>
): Effect.fn.Return<void> {
  if (due.length > 0) yield* dispatcher.when((current) => current.length > 0)
  for (const { definition } of due) {
    const { origin } = definition
    const state = yield* inTurn(installs.lock)(origin, afterOnce({ installs, log }, definition)).pipe(
      Effect.catchCause((cause) =>
        Effect.map(
          reasonOf(`postInstall of ${origin} could not run`, cause),
          (message): PostInstallState => ({ status: "failed", code: "INTERNAL", message })
        )
      )
    )
    health.postInstall(origin, state)
  }
})

/** Logs a failure, and says as much of it as anybody may read. */
const reasonOf = (what: string, cause: Cause.Cause<PorticoError>): Effect.Effect<string> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
  const error = Cause.squash(cause)
  const reason = isPorticoError(error) ? error.message : "it failed unexpectedly; the log says more"
  return Effect.as(Effect.logError(`${what}.`, cause), reason)
}
