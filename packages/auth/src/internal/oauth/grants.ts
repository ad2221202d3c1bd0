import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomName, randomSecret, sameBytes, sha256 } from "../secrets.ts"
import { stored } from "../store.ts"

/** What somebody has let a client do: the root of a family of tokens. */
export interface Grant {
  readonly id: string
  readonly identity: string
  readonly client: string
  readonly scope: ReadonlyArray<string>
  /** Thumbprint of the key that its tokens are bound to. */
  readonly jkt: string | undefined
  /** When its person last proved who they are. Milliseconds since the epoch. */
  readonly signedInAt: number | undefined
  readonly createdAt: number
  readonly usedAt: number
}

interface Row {
  readonly id: string
  readonly identity: string
  readonly client: string
  readonly scope: string
  readonly jkt: string | null
  readonly signed_in_at: number | null
  readonly created_at: number
  readonly used_at: number
  readonly ended_at: number | null
}

interface TokenRow {
  readonly id: string
  readonly hash: Uint8Array
  readonly grant_id: string
  readonly expires_at: number
  readonly used_at: number | null
}

/** What became of a refresh token that was shown. */
export type Refreshed =
  | { readonly _tag: "Good"; readonly grant: Grant }
  | { readonly _tag: "Bad"; readonly reason: string }
  /** It was used before: one of the two who have it has no right to it. The family has been ended. */
  | { readonly _tag: "Reused"; readonly grant: string; readonly identity: string | undefined }

/** Grants and their refresh tokens, which are stored as hashes. */
export interface Grants {
  readonly make: (grant: Omit<Grant, "id" | "createdAt" | "usedAt">) => Effect.Effect<Grant, DatabaseError>
  /** One that has not ended. */
  readonly find: (id: string) => Effect.Effect<Grant | undefined, DatabaseError>
  readonly list: (identity: string) => Effect.Effect<ReadonlyArray<Grant>, DatabaseError>
  /** Ends a grant: its refresh tokens at once, and through `ended` its access tokens. */
  readonly end: (id: string) => Effect.Effect<void, DatabaseError>
  readonly endAllOf: (identity: string) => Effect.Effect<void, DatabaseError>
  readonly endAllOfClient: (client: string) => Effect.Effect<void, DatabaseError>
  readonly bind: (id: string, jkt: string) => Effect.Effect<void, DatabaseError>
  /** The next refresh token of a grant. */
  readonly refreshToken: (grant: string) => Effect.Effect<string, DatabaseError>
  /** Which grant a refresh token is of, whatever has become of it. */
  readonly grantOf: (
    token: string
  ) => Effect.Effect<
    { readonly grant: string; readonly good: boolean; readonly expiresAt: number } | undefined,
    DatabaseError
  >
  /** Uses a refresh token up, if `allow` says so. */
  readonly refresh: (
    token: string,
    allow: (grant: Grant) => string | undefined
  ) => Effect.Effect<Refreshed, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

export interface GrantOptions {
  readonly database: DatabaseService
  /** Milliseconds that a refresh token is good for; each use gives a new one. */
  readonly idle: number
  /** Ends the access tokens of a grant. */
  readonly ended: (grant: string) => Effect.Effect<void, DatabaseError>
}

const format = /^portico_rt_([0-9a-f]{20})_[A-Za-z0-9_-]{43}$/

/** Whether a text has the form of a refresh token. */
export const isRefreshToken = (text: string): boolean => format.test(text)

const grantOfRow = (row: Row): Grant => ({
  id: row.id,
  identity: row.identity,
  client: row.client,
  scope: row.scope.split(" ").filter((word) => word !== ""),
  jkt: row.jkt ?? undefined,
  signedInAt: row.signed_in_at ?? undefined,
  createdAt: row.created_at,
  usedAt: row.used_at
})

export const makeGrants = ({ database: { sql }, ended, idle }: GrantOptions): Grants => {
  const find = (id: string) =>
    Effect.map(
      stored(sql<Row>`SELECT * FROM auth_grants WHERE id = ${id} AND ended_at IS NULL`),
      ([row]) => row && grantOfRow(row)
    )

  const end = (id: string) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      yield* stored(sql`UPDATE auth_grants SET ended_at = ${now} WHERE id = ${id} AND ended_at IS NULL`)
      yield* ended(id)
    })

  const endWhere = (rows: Effect.Effect<ReadonlyArray<{ readonly id: string }>, DatabaseError>) =>
    Effect.flatMap(rows, (found) => Effect.forEach(found, ({ id }) => end(id), { discard: true }))

  const shown = (token: string) =>
    Effect.gen(function* () {
      const id = format.exec(token)?.[1]
      if (id === undefined) return undefined
      const [row] = yield* stored(sql<TokenRow>`SELECT * FROM auth_refresh_tokens WHERE id = ${id}`)
      return row !== undefined && sameBytes(row.hash, sha256(token)) ? row : undefined
    })

  return {
    find,
    end,
    make: (grant) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const id = randomName()
        const row = {
          id,
          identity: grant.identity,
          client: grant.client,
          scope: grant.scope.join(" "),
          jkt: grant.jkt ?? null,
          signed_in_at: grant.signedInAt ?? null,
          created_at: now,
          used_at: now
        }
        yield* stored(sql`INSERT INTO auth_grants ${sql.insert(row)}`)
        return { ...grant, id, createdAt: now, usedAt: now }
      }),
    list: (identity) =>
      Effect.map(
        stored(
          sql<Row>`SELECT * FROM auth_grants WHERE identity = ${identity} AND ended_at IS NULL ORDER BY created_at, id`
        ),
        (rows) => rows.map(grantOfRow)
      ),
    // Access tokens end with the identity's generation, so only the grants have to be told.
    endAllOf: (identity) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.asVoid(
          stored(sql`UPDATE auth_grants SET ended_at = ${now} WHERE identity = ${identity} AND ended_at IS NULL`)
        )
      ),
    endAllOfClient: (client) =>
      endWhere(stored(sql<Row>`SELECT * FROM auth_grants WHERE client = ${client} AND ended_at IS NULL`)),
    bind: (id, jkt) => Effect.asVoid(stored(sql`UPDATE auth_grants SET jkt = ${jkt} WHERE id = ${id}`)),

    refreshToken: (grant) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const id = randomName()
        const token = `portico_rt_${id}_${randomSecret()}`
        const row = { id, hash: sha256(token), grant_id: grant, expires_at: now + idle }
        yield* stored(sql`INSERT INTO auth_refresh_tokens ${sql.insert(row)}`)
        return token
      }),

    grantOf: (token) =>
      Effect.gen(function* () {
        const row = yield* shown(token)
        if (row === undefined) return undefined
        const now = yield* Clock.currentTimeMillis
        return { grant: row.grant_id, good: row.used_at === null && row.expires_at > now, expiresAt: row.expires_at }
      }),

    refresh: (token, allow) =>
      Effect.gen(function* () {
        const row = yield* shown(token)
        if (row === undefined) return { _tag: "Bad", reason: "unknown refresh token" }
        const grant = yield* find(row.grant_id)
        if (grant === undefined) return { _tag: "Bad", reason: "its authorization was ended" }
        // Whoever is not the client has not used it: a stranger with the token cannot end the family either.
        const refusal = allow(grant)
        if (refusal !== undefined) return { _tag: "Bad", reason: refusal }
        const now = yield* Clock.currentTimeMillis
        if (row.used_at === null && row.expires_at <= now) return { _tag: "Bad", reason: "expired" }
        const taken = yield* stored(
          sql`UPDATE auth_refresh_tokens SET used_at = ${now} WHERE id = ${row.id} AND used_at IS NULL RETURNING id`
        )
        if (taken.length === 0) {
          yield* end(grant.id)
          return { _tag: "Reused", grant: grant.id, identity: grant.identity }
        }
        yield* stored(sql`UPDATE auth_grants SET used_at = ${now} WHERE id = ${grant.id}`)
        return { _tag: "Good", grant }
      }),

    prune: Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      yield* stored(sql`DELETE FROM auth_refresh_tokens WHERE expires_at < ${now - idle}`)
      yield* stored(
        sql`DELETE FROM auth_grants WHERE (ended_at IS NOT NULL AND ended_at < ${now - idle}) OR used_at < ${now - 2 * idle}`
      )
    })
  }
}
