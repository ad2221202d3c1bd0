import { Authority, type DispatchCall, type InstalledDomain, type KernelService } from "@portico/kernel"
import { isPorticoError, PorticoError } from "@portico/schema"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { DomainHostService, PostInstallState } from "../DomainHost.ts"
import { callableAt } from "./callableAt.ts"
import type { PostInstallLog } from "./postInstallLog.ts"

export interface PostInstallTools {
  readonly kernel: KernelService
  readonly dispatch: DomainHostService["dispatch"]
  readonly log: PostInstallLog
  /** Milliseconds. */
  readonly timeout: number
}

/**
 * Runs `postInstall` of a domain that has just been installed, as the Domain identity: with what it owns and was
 * granted and with nothing else. It never fails; how it ended is the answer, and is remembered.
 */
export const makePostInstall = ({ dispatch, kernel, log, timeout }: PostInstallTools) => {
  const callOf = Effect.fnUntraced(function* (
    domain: InstalledDomain,
    address: string
  ): Effect.fn.Return<DispatchCall, PorticoError> {
    const found = callableAt(domain.contract, address)
    const node = found === undefined ? Option.none() : yield* kernel.node(found.nodePath)
    if (found === undefined || Option.isNone(node)) {
      return yield* PorticoError.make("METHOD_NOT_FOUND", `${domain.origin} has no ${address}.`)
    }
    return {
      callable: { ...found.callable, nodeId: node.value.id, domainId: domain.id },
      params: {},
      authority: Authority.identity(domain.id),
      deadline: (yield* Clock.currentTimeMillis) + timeout,
      depth: 1,
      callId: `post-install-${node.value.id}`
    }
  })

  return Effect.fnUntraced(function* (domain: InstalledDomain): Effect.fn.Return<PostInstallState, PorticoError> {
    const { contractId, origin, postInstall } = domain
    if (postInstall === null) return { status: "none" }
    yield* log.record(origin, contractId, { status: "pending" })
    const state = yield* Effect.flatMap(callOf(domain, postInstall), dispatch).pipe(
      Effect.as<PostInstallState>({ status: "done" }),
      Effect.catchCause((cause) => failed(origin, cause))
    )
    yield* log.record(origin, contractId, state)
    return state
  })
}

const failed = (origin: string, cause: Cause.Cause<PorticoError>): Effect.Effect<PostInstallState> => {
  if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
  const error = Cause.squash(cause)
  const { code, message } = isPorticoError(error) ? error : PorticoError.make("INTERNAL", "It failed unexpectedly.")
  return Effect.as(Effect.logError(`postInstall of ${origin} failed: ${code}: ${message}`, cause), {
    status: "failed",
    code,
    message
  })
}
