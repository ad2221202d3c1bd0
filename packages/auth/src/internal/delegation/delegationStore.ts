import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import type { Bound } from "@portico/kernel"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { stored } from "../store.ts"
import type { Audience, Delegation } from "./chain.ts"

/** Credentials of one identity that are good at the same time. */
const perIdentity = 1_000

/** Delegations as they are kept. */
export interface DelegationStore {
  /** Keeps a new one. Fails with LIMIT_EXCEEDED where its identity has a thousand that are good. */
  readonly add: (delegation: Delegation) => Effect.Effect<void, PorticoError | DatabaseError>
  /** Those with these ids, in any order, whether good or not. */
  readonly find: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Delegation>, DatabaseError>
  /** Those of an identity that are good, the oldest first. */
  readonly list: (root: string, now: number) => Effect.Effect<ReadonlyArray<Delegation>, DatabaseError>
  /** From the next request on it is worth nothing, and neither is what came of it. */
  readonly revoke: (id: string, now: number) => Effect.Effect<void, DatabaseError>
  /** Ends those of an identity that were made by somebody who had signed in, so by no API key. */
  readonly revokeSignedIn: (root: string) => Effect.Effect<void, DatabaseError>
  /** Whether an API key is still good. */
  readonly isGoodKey: (id: string, now: number) => Effect.Effect<boolean, DatabaseError>
}

interface Row {
  readonly id: string
  readonly root: string
  readonly chain: string
  readonly bounds: string
  readonly audience: string
  readonly jkt: string | null
  readonly api_key: string | null
  readonly created_at: number
  readonly expires_at: number
  readonly revoked_at: number | null
}

export const makeDelegationStore = ({ sql }: DatabaseService): DelegationStore => {
  const list = (root: string, now: number) =>
    Effect.map(
      stored(
        sql<Row>`SELECT * FROM auth_delegations WHERE root = ${root} AND revoked_at IS NULL AND expires_at > ${now} ORDER BY created_at, id`
      ),
      (rows) => rows.map(fromRow)
    )

  return {
    list,
    add: (delegation) =>
      Effect.gen(function* () {
        const { createdAt, root } = delegation
        // What is over is of no use to anybody: nothing lasts longer than what it came of.
        yield* stored(sql`DELETE FROM auth_delegations WHERE expires_at <= ${createdAt}`)
        const [counted] = yield* stored(
          sql<{
            readonly count: number
          }>`SELECT count(*) AS count FROM auth_delegations WHERE root = ${root} AND revoked_at IS NULL`
        )
        if (Number(counted?.count ?? 0) >= perIdentity) return yield* Effect.fail(tooMany)
        yield* stored(sql`INSERT INTO auth_delegations ${sql.insert({ ...toRow(delegation) })}`)
      }),
    find: (ids) =>
      Effect.map(stored(sql<Row>`SELECT * FROM auth_delegations WHERE id IN ${sql.in(ids)}`), (rows) =>
        rows.map(fromRow)
      ),
    revoke: (id, now) =>
      Effect.asVoid(
        stored(sql`UPDATE auth_delegations SET revoked_at = ${now} WHERE id = ${id} AND revoked_at IS NULL`)
      ),
    revokeSignedIn: (root) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.asVoid(
          stored(
            sql`UPDATE auth_delegations SET revoked_at = ${now} WHERE root = ${root} AND api_key IS NULL AND revoked_at IS NULL`
          )
        )
      ),
    isGoodKey: (id, now) =>
      Effect.map(
        stored(
          sql`SELECT 1 FROM auth_api_keys WHERE id = ${id} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${now})`
        ),
        (rows) => rows.length > 0
      )
  }
}

const tooMany = PorticoError.make("LIMIT_EXCEEDED", `An identity has at most ${perIdentity} delegations.`, {
  limit: "delegations",
  max: perIdentity
})

const toRow = (of: Delegation): Row => ({
  id: of.id,
  root: of.root,
  chain: JSON.stringify(of.chain),
  bounds: JSON.stringify(of.bounds),
  audience: JSON.stringify(of.audience),
  jkt: of.jkt,
  api_key: of.apiKey,
  created_at: of.createdAt,
  expires_at: of.expiresAt,
  revoked_at: of.revokedAt
})

// Boundary: the texts were written by `toRow`.
const fromRow = (row: Row): Delegation => ({
  id: row.id,
  root: row.root,
  chain: JSON.parse(row.chain) as ReadonlyArray<string>,
  bounds: JSON.parse(row.bounds) as ReadonlyArray<Bound>,
  audience: JSON.parse(row.audience) as Audience,
  jkt: row.jkt,
  apiKey: row.api_key,
  createdAt: Number(row.created_at),
  expiresAt: Number(row.expires_at),
  revokedAt: row.revoked_at === null ? null : Number(row.revoked_at)
})
