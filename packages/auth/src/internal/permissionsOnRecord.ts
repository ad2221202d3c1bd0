import type { PermissionChange, PermissionRecorder, RefusalListener } from "@portico/kernel"
import { Mask, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
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

/**
 * Writes a line for who was refused for want of a permission, the first of a minute for each identity. Calls do not wait
 * for it.
 */
export const makeRefusalListener = (audit: Audit): Effect.Effect<RefusalListener, never, Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.dropping<Parameters<RefusalListener>[0]>(waiting)
    // A call that was refused may be what another one failed with.
    const told = new WeakSet<PorticoError>()
    const write = Effect.flatMap(Queue.take(queue), ({ authority, error: { details, message } }) => {
      const { actor, via } = authority
      const from = originOf(authority)
      const event = { event: "permission.refused", identity: actor ?? undefined, from }
      return audit.writeRefusal({ ...event, details: { ...(details ?? { message }), via } }, actor ?? undefined)
    })
    yield* Effect.forkScoped(Effect.forever(Effect.catch(write, notWritten)))
    return (refusal) => {
      if (told.has(refusal.error)) return
      told.add(refusal.error)
      Queue.offerUnsafe(queue, refusal)
    }
  })

const notWritten = (error: unknown) => Effect.logError("A refusal could not be put on record.", error)
