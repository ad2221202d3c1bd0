import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { AuditEvent } from "../AuditEvent.ts"
import { stored } from "./store.ts"

/** Milliseconds within which refusals of one kind from one address are counted rather than written one by one. */
const window = 60_000

/** Addresses and kinds counted at once. */
const counted = 1_000

/** Writes the audit log. */
export interface Audit {
  readonly write: (event: AuditEvent) => Effect.Effect<void, DatabaseError>
  /**
   * The same for what anybody on the network can cause: the first of a kind from an address is written, those of the
   * next minute are counted, and the count goes with the one after. So refusals cannot fill the disk.
   */
  readonly writeRefusal: (event: AuditEvent) => Effect.Effect<void, DatabaseError>
  /** Forgets what is older than it has to be kept. */
  readonly prune: Effect.Effect<void, DatabaseError>
}

/** `kept` is how long a line is kept, in milliseconds. */
export const makeAudit = ({ sql }: DatabaseService, kept: number): Audit => {
  const recent = new Map<string, { since: number; more: number }>()

  const write = (event: AuditEvent): Effect.Effect<void, DatabaseError> =>
    Effect.flatMap(Clock.currentTimeMillis, (at) =>
      Effect.asVoid(
        stored(
          sql`INSERT INTO auth_audit ${sql.insert({
            at,
            event: event.event,
            identity: event.identity ?? null,
            actor: event.actor ?? null,
            address: event.from?.address ?? null,
            user_agent: event.from?.userAgent?.slice(0, 200) ?? null,
            details: event.details === undefined ? null : JSON.stringify(event.details)
          })}`
        )
      )
    )

  return {
    write,
    prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(stored(sql`DELETE FROM auth_audit WHERE at < ${now - kept}`))
    ),
    writeRefusal: (event) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const key = `${event.event} ${event.from?.address ?? ""}`
        const known = recent.get(key)
        if (known !== undefined && now - known.since < window) {
          known.more++
          return Effect.void
        }
        recent.delete(key)
        recent.set(key, { since: now, more: 0 })
        const oldest = recent.size > counted ? recent.keys().next() : undefined
        if (oldest?.done === false) recent.delete(oldest.value)
        const more = known === undefined || known.more === 0 ? undefined : { unwrittenBefore: known.more }
        const details = more === undefined && event.details === undefined ? undefined : { ...event.details, ...more }
        return write({ ...event, details })
      })
  }
}
