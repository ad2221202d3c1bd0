import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomName, randomSecret, sameBytes, sha256 } from "../secrets.ts"
import { stored } from "../store.ts"

/** Lets whoever has its code link their account at a provider to an identity, once. */
export interface Invitation {
  readonly id: string
  /** Node id. */
  readonly identity: string
  /** Id of the only provider that will do. */
  readonly provider: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

interface Row {
  readonly id: string
  readonly hash: Uint8Array
  readonly identity: string
  readonly provider: string | null
  readonly expires_at: number
  readonly used_at: number | null
}

/** Invitations, whose codes are stored as hashes. */
export interface Invitations {
  /** The code is shown only now. `lifetime` is in milliseconds. */
  readonly make: (
    invitation: Pick<Invitation, "identity" | "provider">,
    lifetime: number
  ) => Effect.Effect<Invitation & { readonly code: string }, DatabaseError>
  /** Those that are good now, the oldest first. */
  readonly list: Effect.Effect<ReadonlyArray<Invitation>, DatabaseError>
  /** Takes one back that is good now: it is given, or nothing where there is none. */
  readonly remove: (id: string) => Effect.Effect<Invitation | undefined, DatabaseError>
  /** One that is good now. */
  readonly find: (code: string) => Effect.Effect<Invitation | undefined, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

const invitationOf = (row: Row): Invitation => ({
  id: row.id,
  identity: row.identity,
  provider: row.provider ?? undefined,
  expiresAt: Number(row.expires_at)
})

const format = /^([0-9a-f]{20})\.[A-Za-z0-9_-]{43}$/

export const makeInvitations = ({ sql }: DatabaseService): Invitations => ({
  make: ({ identity, provider }, lifetime) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const id = randomName()
      const code = `${id}.${randomSecret()}`
      const expiresAt = now + lifetime
      const row = { id, hash: sha256(code), identity, provider: provider ?? null, created_at: now }
      yield* stored(sql`INSERT INTO auth_invitations ${sql.insert({ ...row, expires_at: expiresAt })}`)
      return { id, code, identity, provider, expiresAt }
    }),
  find: (code) =>
    Effect.gen(function* () {
      const id = format.exec(code)?.[1]
      if (id === undefined) return undefined
      const [row] = yield* stored(sql<Row>`SELECT * FROM auth_invitations WHERE id = ${id}`)
      if (row === undefined || !sameBytes(row.hash, sha256(code)) || row.used_at !== null) return undefined
      const found = invitationOf(row)
      return found.expiresAt <= (yield* Clock.currentTimeMillis) ? undefined : found
    }),
  list: Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.map(
      stored(
        sql<Row>`SELECT * FROM auth_invitations WHERE used_at IS NULL AND expires_at > ${now} ORDER BY created_at, id`
      ),
      (rows) => rows.map(invitationOf)
    )
  ),
  remove: (id) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.map(
        stored(
          sql<Row>`DELETE FROM auth_invitations WHERE id = ${id} AND used_at IS NULL AND expires_at > ${now} RETURNING *`
        ),
        ([row]) => row && invitationOf(row)
      )
    ),
  prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.asVoid(stored(sql`DELETE FROM auth_invitations WHERE expires_at < ${now}`))
  )
})
