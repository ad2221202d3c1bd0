import type { DatabaseError, DatabaseService, SyncConnection } from "@portico/gate/database"
import type { Authority } from "@portico/kernel"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { AuditEvent, AuditLine, AuditQuery, Origin, ShownThing } from "../AuditEvent.ts"
import { stored } from "./store.ts"

/** Milliseconds within which refusals of one kind from one address are counted rather than written one by one. */
const window = 60_000

/** Addresses and kinds counted at once. */
const counted = 1_000

/** Writes the audit log. */
export interface Audit {
  readonly write: (event: AuditEvent) => Effect.Effect<void, DatabaseError>
  /**
   * The same for what anybody on the network can cause: the first of a kind from an address (or of an identity, where
   * there is none) is written, those of the next minute are counted, and the count goes with the one after. So refusals
   * cannot fill the disk. `by` is who is known to have been refused, where refusals are counted by that.
   */
  readonly writeRefusal: (event: AuditEvent, by?: string) => Effect.Effect<void, DatabaseError>
  /** What {@link writeRefusal} would write at this moment, for whoever writes it later. */
  readonly countRefusal: (event: AuditEvent, now: number, by?: string) => AuditEvent | undefined
  /** The newest first. */
  readonly list: (query: AuditQuery) => Effect.Effect<ReadonlyArray<AuditLine>, DatabaseError>
  /** Forgets what is older than it has to be kept. */
  readonly prune: Effect.Effect<void, DatabaseError>
}

interface Row {
  readonly id: number
  readonly at: number
  readonly event: string
  readonly identity: string | null
  readonly actor: string | null
  readonly address: string | null
  readonly user_agent: string | null
  readonly through: string | null
  readonly details: string | null
}

const throughText = ({ id, kind }: ShownThing): string => (id === undefined ? kind : `${kind} ${id}`)

const throughOf = (text: string): ShownThing => {
  const [kind = "", id] = text.split(" ")
  return id === undefined ? { kind } : { kind, id }
}

const lineOf = ({ at, details, id, through, user_agent, ...row }: Row): AuditLine => ({
  ...row,
  id: Number(id),
  at: Number(at),
  userAgent: user_agent,
  through: through === null ? null : throughOf(through),
  details: details === null ? null : JSON.parse(details)
})

/** A line's values, by the names of their columns. */
const columnsOf = ({ actor, details, event, from, identity }: AuditEvent, at: number) => ({
  at,
  event,
  identity: identity ?? null,
  actor: actor ?? null,
  address: from?.address ?? null,
  user_agent: from?.userAgent?.slice(0, 200) ?? null,
  through: from?.through === undefined ? null : throughText(from.through),
  details: details === undefined ? null : JSON.stringify(details)
})

/** Writes a line in somebody else's transaction. */
export const writeWithin = (conn: SyncConnection, event: AuditEvent, at: number): void => {
  const columns = columnsOf(event, at)
  const [names, values] = [Object.keys(columns), Object.values(columns)]
  conn
    .prepare(`INSERT INTO auth_audit (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
    .run(...values)
}

/** Where a call of the kernel comes from, and through what. */
export const originOf = ({ credential, from }: Authority): Origin => ({ ...from, through: credential })

/** `kept` is how long a line is kept, in milliseconds. */
export const makeAudit = ({ sql }: DatabaseService, kept: number): Audit => {
  const recent = new Map<string, { since: number; more: number }>()

  const countRefusal: Audit["countRefusal"] = (event, now, by) => {
    const key = `${event.event} ${by ?? event.from?.address ?? event.identity ?? ""}`
    const known = recent.get(key)
    if (known !== undefined && now - known.since < window) {
      known.more++
      return undefined
    }
    recent.delete(key)
    recent.set(key, { since: now, more: 0 })
    const oldest = recent.size > counted ? recent.keys().next() : undefined
    if (oldest?.done === false) recent.delete(oldest.value)
    const more = known === undefined || known.more === 0 ? undefined : { unwrittenBefore: known.more }
    const details = more === undefined && event.details === undefined ? undefined : { ...event.details, ...more }
    return { ...event, details }
  }

  const write = (event: AuditEvent): Effect.Effect<void, DatabaseError> =>
    Effect.flatMap(Clock.currentTimeMillis, (at) =>
      Effect.asVoid(stored(sql`INSERT INTO auth_audit ${sql.insert(columnsOf(event, at))}`))
    )

  const list = ({ address, before, event, identity, limit, since, until }: AuditQuery) => {
    const wanted = [
      sql`at >= ${since ?? 0}`,
      ...(until === undefined ? [] : [sql`at < ${until}`]),
      ...(before === undefined ? [] : [sql`id < ${before}`]),
      ...(event === undefined
        ? []
        : [sql`(event = ${event} OR substr(event, 1, ${event.length + 1}) = ${`${event}.`})`]),
      ...(identity === undefined ? [] : [sql`(identity = ${identity} OR actor = ${identity})`]),
      ...(address === undefined ? [] : [sql`address = ${address}`])
    ]
    const rows = stored(sql<Row>`SELECT * FROM auth_audit WHERE ${sql.and(wanted)} ORDER BY id DESC LIMIT ${limit}`)
    return Effect.map(rows, (found) => found.map(lineOf))
  }

  return {
    write,
    list,
    prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(stored(sql`DELETE FROM auth_audit WHERE at < ${now - kept}`))
    ),
    countRefusal,
    writeRefusal: (event, by) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const counted = countRefusal(event, now, by)
        return counted === undefined ? Effect.void : write(counted)
      })
  }
}
