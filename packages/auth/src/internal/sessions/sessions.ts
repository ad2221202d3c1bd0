import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Origin } from "../../AuditEvent.ts"
import type { Session } from "../../Auth.ts"
import { sameBytes, sha256 } from "../secrets.ts"
import { stored } from "../store.ts"
import { makeSessionValue, sessionId } from "./sessionCookie.ts"

/** Sessions of one identity at the same time; the one that was used least lately makes room. */
const perIdentity = 100

/** How long sessions last, in milliseconds. */
export interface SessionRules {
  /** Without being used. */
  readonly idle: number
  /** From sign-in on, however much it is used. */
  readonly lifetime: number
}

/** A session that was shown and is good. */
export interface GoodSession {
  readonly id: string
  readonly identity: string
  /** When its person last proved who they are. Milliseconds since the epoch. */
  readonly signedInAt: number
  /** When it ends unless it is used. */
  readonly expiresAt: number
  /** How long it need not be looked up again. */
  readonly believedUntil: number
}

interface Row {
  readonly id: string
  readonly identity: string
  readonly hash: Uint8Array
  readonly method: string
  readonly created_at: number
  readonly seen_at: number
  readonly address: string | null
  readonly user_agent: string | null
}

/** Sessions of people in browsers. Stored as hashes. */
export interface Sessions {
  /** `method` is how the person has shown who they are, for example `password`. The value is shown only now. */
  readonly begin: (
    identity: string,
    options: { readonly method: string; readonly from: Origin }
  ) => Effect.Effect<{ readonly id: string; readonly value: string }, DatabaseError>
  /** The session, if it is good now; otherwise why it is refused, in words for the audit log. */
  readonly verify: (value: string) => Effect.Effect<GoodSession, string | DatabaseError>
  readonly list: (identity: string) => Effect.Effect<ReadonlyArray<Session>, DatabaseError>
  /** Fails with NOT_FOUND where the identity has no such session. */
  readonly end: (identity: string, id: string) => Effect.Effect<void, PorticoError | DatabaseError>
  /** Ends all of an identity's, but for one. */
  readonly endOthers: (identity: string, but: string | undefined) => Effect.Effect<void, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

/** `ended` is called after each end is durable. */
export const makeSessions = ({ sql }: DatabaseService, rules: SessionRules, ended: () => void): Sessions => {
  // Being used is written down at most this often.
  const grain = Math.min(300_000, Math.floor(rules.idle / 10))
  const endOf = (row: Row): number => Math.min(row.created_at + rules.lifetime, row.seen_at + rules.idle)
  const good = (now: number) => sql`created_at > ${now - rules.lifetime} AND seen_at > ${now - rules.idle}`

  const makeRoom = (identity: string) =>
    stored(
      sql`DELETE FROM auth_sessions WHERE id IN (SELECT id FROM auth_sessions WHERE identity = ${identity} ORDER BY seen_at DESC, id LIMIT 1000 OFFSET ${perIdentity})`
    )

  return {
    begin: (identity, { from, method }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const { id, value } = makeSessionValue()
        const row = {
          id,
          identity,
          hash: sha256(value),
          method,
          created_at: now,
          seen_at: now,
          address: from.address ?? null,
          user_agent: from.userAgent?.slice(0, 200) ?? null
        }
        yield* stored(sql`INSERT INTO auth_sessions ${sql.insert(row)}`)
        yield* makeRoom(identity)
        return { id, value }
      }),

    verify: (value) =>
      Effect.gen(function* () {
        const id = sessionId(value)
        if (id === undefined) return yield* Effect.fail("malformed")
        const now = yield* Clock.currentTimeMillis
        const [row] = yield* stored(sql<Row>`SELECT * FROM auth_sessions WHERE id = ${id}`)
        if (row === undefined || !sameBytes(row.hash, sha256(value))) return yield* Effect.fail("unknown session")
        if (now >= endOf(row)) return yield* Effect.fail("expired")
        if (now - row.seen_at >= grain) {
          yield* stored(sql`UPDATE auth_sessions SET seen_at = ${now} WHERE id = ${id} AND seen_at < ${now}`)
        }
        const expiresAt = Math.min(row.created_at + rules.lifetime, now + rules.idle)
        const believedUntil = Math.min(expiresAt, now + grain)
        return { id, identity: row.identity, signedInAt: row.created_at, expiresAt, believedUntil }
      }),

    list: (identity) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const rows = yield* stored(
          sql<Row>`SELECT * FROM auth_sessions WHERE identity = ${identity} AND ${good(now)} ORDER BY created_at, id`
        )
        return rows.map((row) => ({
          id: row.id,
          createdAt: row.created_at,
          lastSeenAt: row.seen_at,
          expiresAt: endOf(row),
          method: row.method,
          address: row.address,
          userAgent: row.user_agent
        }))
      }),

    end: (identity, id) =>
      Effect.gen(function* () {
        const rows = yield* stored(
          sql`DELETE FROM auth_sessions WHERE id = ${id} AND identity = ${identity} RETURNING id`
        )
        if (rows.length === 0) return yield* Effect.fail(PorticoError.make("NOT_FOUND", `There is no session ${id}.`))
        ended()
      }),

    endOthers: (identity, but = "") =>
      Effect.gen(function* () {
        yield* stored(sql`DELETE FROM auth_sessions WHERE identity = ${identity} AND id <> ${but}`)
        ended()
      }),

    prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(
        stored(
          sql`DELETE FROM auth_sessions WHERE created_at <= ${now - rules.lifetime} OR seen_at <= ${now - rules.idle}`
        )
      )
    )
  }
}
