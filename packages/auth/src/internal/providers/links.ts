import type { DatabaseError, DatabaseService, SyncConnection } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomName } from "../secrets.ts"
import { stored } from "../store.ts"

/** An account at a provider with which an identity signs in. It is known by issuer and subject, and by nothing else. */
export interface Link {
  readonly id: string
  readonly issuer: string
  readonly subject: string
  /** Node id. */
  readonly identity: string
  /** Id of the provider in the settings. */
  readonly provider: string
  /** What the provider called the account when it was last used; only to tell people which one it is. */
  readonly name: string | null
  readonly email: string | null
  /** Whether the identity was made for it. */
  readonly made: boolean
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly usedAt: number | null
}

type Shown = Pick<Link, "name" | "email">

interface Row {
  readonly id: string
  readonly issuer: string
  readonly subject: string
  readonly identity: string
  readonly provider: string
  readonly name: string | null
  readonly email: string | null
  readonly made: number
  readonly created_at: number
  readonly used_at: number | null
}

const linkOf = (row: Row): Link => ({
  id: row.id,
  issuer: row.issuer,
  subject: row.subject,
  identity: row.identity,
  provider: row.provider,
  name: row.name,
  email: row.email,
  made: Number(row.made) === 1,
  createdAt: Number(row.created_at),
  usedAt: row.used_at === null ? null : Number(row.used_at)
})

/** Which account at a provider is which identity, what it gave that identity, and which sessions it began. */
export interface Links {
  readonly find: (issuer: string, subject: string) => Effect.Effect<Link | undefined, DatabaseError>
  /** Those of one identity, or all of them; the oldest first. */
  readonly list: (identity?: string) => Effect.Effect<ReadonlyArray<Link>, DatabaseError>
  /** `undefined` where the account is linked already, whoever it is linked to. */
  readonly make: (link: NewLink) => Effect.Effect<Link | undefined, DatabaseError>
  /** The same, and uses an invitation up, both or neither. `used` where that was used before. */
  readonly redeem: (link: NewLink, invitation: string) => Effect.Effect<Link | "used" | undefined, DatabaseError>
  readonly used: (id: string, shown: Shown) => Effect.Effect<void, DatabaseError>
  readonly remove: (id: string) => Effect.Effect<void, DatabaseError>
  /** Node ids of the groups that an identity is in because of a link. */
  readonly groupsOf: (id: string) => Effect.Effect<ReadonlyArray<string>, DatabaseError>
  readonly putGroup: (id: string, group: string) => Effect.Effect<void, DatabaseError>
  readonly dropGroup: (id: string, group: string) => Effect.Effect<void, DatabaseError>
  readonly began: (
    id: string,
    session: { readonly id: string; readonly sid: string | undefined }
  ) => Effect.Effect<void, DatabaseError>
  /** The sessions that accounts of an issuer began: those of one account, of one session there, or of both. */
  readonly sessionsOf: (
    issuer: string,
    of: { readonly subject?: string | undefined; readonly sid?: string | undefined }
  ) => Effect.Effect<ReadonlyArray<{ readonly session: string; readonly identity: string }>, DatabaseError>
  /** Id of the provider that a session was begun with. */
  readonly providerOf: (session: string) => Effect.Effect<string | undefined, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

/** What a new link is made of. */
export type NewLink = Pick<Link, "issuer" | "subject" | "identity" | "provider" | "made"> & Shown

const rowFor = (
  { email, identity, issuer, made, name, provider, subject }: NewLink,
  created_at: number,
  id = randomName()
) => ({
  id,
  issuer,
  subject,
  identity,
  provider,
  name,
  email,
  made: made ? 1 : 0,
  created_at
})

/**
 * Makes a link in somebody else's transaction: with the identity that is made for it. `undefined` where the account is
 * linked already. A transaction may be run more than once, so what is new each time comes from outside.
 */
export const linkWithin = (
  conn: SyncConnection,
  link: NewLink,
  made: { readonly id: string; readonly now: number }
): Link | undefined => {
  const row = rowFor(link, made.now, made.id)
  const [names, values] = [Object.keys(row), Object.values(row)]
  const insert = `INSERT INTO auth_links (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})
    ON CONFLICT (issuer, subject) DO NOTHING RETURNING id`
  const kept = conn.prepare(insert).get(...values)
  return kept === undefined ? undefined : linkOf({ ...row, used_at: null })
}

export const makeLinks = ({ sql }: DatabaseService): Links => {
  const inOne = <A, E>(work: Effect.Effect<A, E>) => sql.withTransaction(work)
  const insert = (link: NewLink, now: number) =>
    Effect.map(
      sql<Row>`INSERT INTO auth_links ${sql.insert(rowFor(link, now))} ON CONFLICT (issuer, subject) DO NOTHING RETURNING *`,
      ([row]) => row && linkOf(row)
    )
  return {
    find: (issuer, subject) =>
      Effect.map(
        stored(sql<Row>`SELECT * FROM auth_links WHERE issuer = ${issuer} AND subject = ${subject}`),
        ([row]) => row && linkOf(row)
      ),
    list: (identity) =>
      Effect.map(
        stored(
          identity === undefined
            ? sql<Row>`SELECT * FROM auth_links ORDER BY created_at, id`
            : sql<Row>`SELECT * FROM auth_links WHERE identity = ${identity} ORDER BY created_at, id`
        ),
        (rows) => rows.map(linkOf)
      ),
    make: (link) => Effect.flatMap(Clock.currentTimeMillis, (now) => stored(insert(link, now))),
    redeem: (link, invitation) =>
      stored(
        inOne(
          Effect.gen(function* () {
            const now = yield* Clock.currentTimeMillis
            const use = yield* sql`UPDATE auth_invitations SET used_at = ${now}
              WHERE id = ${invitation} AND used_at IS NULL RETURNING id`
            if (use.length === 0) return "used"
            const made = yield* insert(link, now)
            if (made === undefined) yield* sql`UPDATE auth_invitations SET used_at = NULL WHERE id = ${invitation}`
            return made
          })
        )
      ),
    used: (id, { email, name }) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.asVoid(
          stored(sql`UPDATE auth_links SET used_at = ${now}, name = ${name}, email = ${email} WHERE id = ${id}`)
        )
      ),
    remove: (id) =>
      stored(
        inOne(
          Effect.gen(function* () {
            yield* sql`DELETE FROM auth_link_members WHERE link = ${id}`
            yield* sql`DELETE FROM auth_link_sessions WHERE link = ${id}`
            yield* sql`DELETE FROM auth_links WHERE id = ${id}`
          })
        )
      ),
    groupsOf: (id) =>
      Effect.map(
        stored(
          sql<{
            readonly group_id: string
          }>`SELECT group_id FROM auth_link_members WHERE link = ${id} ORDER BY group_id`
        ),
        (rows) => rows.map(({ group_id }) => group_id)
      ),
    putGroup: (link, group_id) =>
      Effect.asVoid(
        stored(
          sql`INSERT INTO auth_link_members ${sql.insert({ link, group_id })} ON CONFLICT (link, group_id) DO NOTHING`
        )
      ),
    dropGroup: (link, group) =>
      Effect.asVoid(stored(sql`DELETE FROM auth_link_members WHERE link = ${link} AND group_id = ${group}`)),
    began: (link, { id, sid }) =>
      Effect.asVoid(stored(sql`INSERT INTO auth_link_sessions ${sql.insert({ session: id, link, sid: sid ?? null })}`)),
    sessionsOf: (issuer, { sid, subject }) =>
      stored(
        sql<{
          readonly session: string
          readonly identity: string
        }>`SELECT session, identity FROM auth_link_sessions JOIN auth_links ON auth_links.id = link WHERE ${sql.and([
          sql`issuer = ${issuer}`,
          ...(subject === undefined ? [] : [sql`subject = ${subject}`]),
          ...(sid === undefined ? [] : [sql`sid = ${sid}`])
        ])}`
      ),
    providerOf: (session) =>
      Effect.map(
        stored(
          sql<{
            readonly provider: string
          }>`SELECT provider FROM auth_links WHERE id = (SELECT link FROM auth_link_sessions WHERE session = ${session})`
        ),
        ([row]) => row?.provider
      ),
    prune: Effect.asVoid(
      stored(sql`DELETE FROM auth_link_sessions WHERE session NOT IN (SELECT id FROM auth_sessions)`)
    )
  }
}
