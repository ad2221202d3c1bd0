import { type AuthenticatorService, RequestOrigin } from "@portico/gate"
import type { PermissionChange, PermissionRecorder, RefusalListener } from "@portico/kernel"
import { Mask, type PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { AuditEvent } from "../AuditEvent.ts"
import { type Audit, originOf, writeWithin } from "./audit.ts"

const events: Readonly<Record<PermissionChange["op"], string>> = {
  grant: "permission.granted",
  revoke: "permission.revoked",
  addMember: "member.added",
  removeMember: "member.removed"
}

/** Writes a line for each grant and membership, in the transaction that changes it. */
export const recordPermission: PermissionRecorder = (conn, { at, authority, identity, masks, on, op }) => {
  const { actor, via } = authority
  const held = masks && { before: Mask.names(masks.before), after: Mask.names(masks.after) }
  const event = {
    event: events[op],
    identity: identity.id,
    actor: actor ?? undefined,
    from: originOf(authority),
    // Where they were: both may be elsewhere, or gone, by the time that somebody reads it.
    details: { whom: identity.path, on: on.path, node: on.id, ...held, via }
  }
  writeWithin(conn, event, at)
}

/** Refusals that wait to be written. */
const waiting = 1_000

/** Who is told of refusals, on the path of what is refused. */
export interface RefusalListeners {
  /** Of calls of the kernel. */
  readonly ofCall: RefusalListener
  /** Of internal routes, to who is no operator. */
  readonly ofRoute: NonNullable<AuthenticatorService["onRefusal"]>
}

/**
 * Writes a line for who was refused for want of a permission, the first of a minute for each identity. Whoever is refused
 * does not wait for it.
 */
export const makeRefusalListeners = (audit: Audit): Effect.Effect<RefusalListeners, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const queue = yield* Queue.dropping<AuditEvent>(waiting)
    // A call that was refused may be what another one failed with.
    const told = new WeakSet<PorticoError>()
    const write = Effect.catch(Effect.flatMap(Queue.take(queue), audit.write), notWritten)
    yield* Effect.forkScoped(Effect.forever(write))
    const tell = (refusal: Omit<AuditEvent, "event">): void => {
      const event = { event: "permission.refused", ...refusal }
      const counted = audit.countRefusal(event, clock.currentTimeMillisUnsafe(), refusal.identity)
      if (counted !== undefined) Queue.offerUnsafe(queue, counted)
    }
    return {
      ofCall: ({ authority, error }) => {
        if (told.has(error)) return
        told.add(error)
        const { actor, via } = authority
        const details = { ...(error.details ?? { message: error.message }), via }
        tell({ identity: actor ?? undefined, from: originOf(authority), details })
      },
      ofRoute: ({ credential: { id: shown, kind }, id }, request) => {
        const from = { ...RequestOrigin.of(request), through: { kind, id: shown } }
        const route = request.url.split("?")[0]?.slice(0, 200)
        tell({ identity: id, from, details: { needs: "operator", on: route } })
      }
    }
  })

const notWritten = (error: unknown) => Effect.logError("A refusal could not be put on record.", error)
