import * as Effect from "effect/Effect"
import { GateError } from "../../GateError.ts"
import { HealthCheck } from "../../HealthCheck.ts"
import type { ModuleState } from "../../ModuleState.ts"
import type { Inside } from "./inside.ts"

/** What a health check said. */
export interface CheckResult {
  readonly module: string
  readonly name: string
  readonly ok: boolean
  readonly reason?: string
}

/** The body of `/readyz`. */
export interface Readiness {
  /** `degraded`: it serves, but some modules are out. */
  readonly status: "ready" | "degraded"
  readonly modules: ReadonlyArray<Pick<ModuleState, "id" | "status" | "since" | "reason" | "waitingOn">>
  readonly checks: ReadonlyArray<CheckResult>
}

/** Milliseconds that one check may take. */
const checkTimeout = 2_000

const runChecks = (inside: Inside): Effect.Effect<ReadonlyArray<CheckResult>> =>
  Effect.forEach(
    inside.extensions.service.ref(HealthCheck).current,
    ({ module, value }) =>
      Effect.timeoutOrElse(value.check, {
        duration: checkTimeout,
        orElse: () => Effect.fail({ message: `no answer within ${checkTimeout} ms` })
      }).pipe(
        Effect.match({
          onSuccess: (): CheckResult => ({ module, name: value.name, ok: true }),
          onFailure: ({ message }): CheckResult => ({ module, name: value.name, ok: false, reason: message })
        }),
        Effect.catchDefect((defect) =>
          Effect.as(Effect.logError(`Health check "${value.name}" of module "${module}" broke.`, defect), {
            module,
            name: value.name,
            ok: false,
            reason: "the check itself failed; the log says more"
          })
        )
      ),
    { concurrency: "unbounded" }
  )

/**
 * Whether the instance should get traffic. Modules that may be missing do not make it unready: it was decided for them
 * (`onBootFailure: "degrade"`) that the product is of use without.
 */
export const readiness = Effect.fnUntraced(function* (inside: Inside) {
  const states = inside.board.all()
  const checks = yield* runChecks(inside)
  const modules = states.map(({ id, reason, since, status, waitingOn }) => ({ id, status, since, reason, waitingOn }))
  const pending = states.filter(({ status }) => status !== "ready" && status !== "degraded")
  const failed = checks.filter((check) => !check.ok)
  if (inside.isStopping() || pending.length > 0 || failed.length > 0) {
    const why = inside.isStopping() ? "it is stopping" : (notReady(pending) ?? `check ${failed[0]?.name} fails`)
    return yield* Effect.fail(GateError.make("UNAVAILABLE", `Not ready: ${why}.`, { details: { modules, checks } }))
  }
  const isDegraded = states.some(({ status }) => status === "degraded")
  return { status: isDegraded ? "degraded" : "ready", modules, checks } satisfies Readiness
})

const notReady = (pending: ReadonlyArray<ModuleState>): string | undefined => {
  const first = pending[0]
  if (first === undefined) return undefined
  const waiting = first.waitingOn.length === 0 ? "" : ` (waiting for ${first.waitingOn.join(", ")})`
  return `module ${first.id} is ${first.status}${waiting}`
}
