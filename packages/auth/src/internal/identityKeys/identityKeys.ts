import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { stored } from "../store.ts"

/** Keys of one identity. */
const perIdentity = 20

/** A public key that an identity has proved to hold. */
export interface IdentityKey {
  /** Thumbprint (RFC 7638). */
  readonly jkt: string
  /** Node id. */
  readonly identity: string
  /** The key, as in a JWK. */
  readonly x: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** Which keys are whose. A key is of one identity. */
export interface IdentityKeys {
  /** Fails with CONSTRAINT_VIOLATED where the key is another's, and with LIMIT_EXCEEDED. */
  readonly add: (key: Omit<IdentityKey, "createdAt">) => Effect.Effect<void, PorticoError | DatabaseError>
  /**
   * The same for a domain, which has one key, by its origin: also where its node is a new one, after it was uninstalled.
   * Fails with KEY_CHANGED for another key until the one before is removed.
   */
  readonly pin: (
    key: Omit<IdentityKey, "createdAt"> & { readonly origin: string }
  ) => Effect.Effect<void, PorticoError | DatabaseError>
  readonly list: (identity: string) => Effect.Effect<ReadonlyArray<IdentityKey>, DatabaseError>
  /** The key of an origin, also where it was pinned to a node of before, for which it proves nothing any more. */
  readonly pinned: (origin: string) => Effect.Effect<ReadonlyArray<IdentityKey>, DatabaseError>
  /** Fails with NOT_FOUND where the identity has no such key. */
  readonly remove: (identity: string, jkt: string) => Effect.Effect<void, PorticoError | DatabaseError>
  /** The same for an origin, which may have another one then. */
  readonly unpin: (origin: string, jkt: string) => Effect.Effect<void, PorticoError | DatabaseError>
}

interface Row {
  readonly jkt: string
  readonly identity: string
  readonly x: string
  readonly created_at: number
  readonly origin: string | null
}

export const makeIdentityKeys = ({ sql }: DatabaseService): IdentityKeys => {
  type Owner = "identity" | "origin"
  const listOf = (column: Owner, owner: string) =>
    Effect.map(
      stored(sql<Row>`SELECT * FROM auth_identity_keys WHERE ${sql(column)} = ${owner} ORDER BY created_at, jkt`),
      (rows) =>
        rows.map(({ created_at, origin: _, ...row }): IdentityKey => ({ ...row, createdAt: Number(created_at) }))
    )
  const list = (identity: string) => listOf("identity", identity)
  const removeOf = (column: Owner, owner: string, jkt: string) =>
    Effect.gen(function* () {
      const gone = yield* stored(
        sql`DELETE FROM auth_identity_keys WHERE jkt = ${jkt} AND ${sql(column)} = ${owner} RETURNING jkt`
      )
      if (gone.length === 0) return yield* Effect.fail(PorticoError.make("NOT_FOUND", "There is no such key."))
    })

  return {
    list,
    pinned: (origin) => listOf("origin", origin),
    add: ({ identity, jkt, x }) =>
      Effect.gen(function* () {
        const known = yield* list(identity)
        if (known.some((key) => key.jkt === jkt)) return
        if (known.length >= perIdentity) return yield* Effect.fail(tooMany)
        const row = { jkt, identity, x, created_at: yield* Clock.currentTimeMillis }
        yield* stored(sql`INSERT INTO auth_identity_keys ${sql.insert(row)} ON CONFLICT (jkt) DO NOTHING`)
        const [kept] = yield* stored(sql<Row>`SELECT * FROM auth_identity_keys WHERE jkt = ${jkt}`)
        if (kept?.identity !== identity) return yield* Effect.fail(takenKey)
      }),
    pin: ({ identity, jkt, origin, x }) =>
      Effect.gen(function* () {
        const row = { jkt, identity, x, created_at: yield* Clock.currentTimeMillis, origin }
        yield* stored(sql`INSERT INTO auth_identity_keys ${sql.insert(row)} ON CONFLICT DO NOTHING`)
        const kept = yield* stored(sql<Row>`SELECT * FROM auth_identity_keys WHERE origin = ${origin} OR jkt = ${jkt}`)
        if (kept.some((key) => key.jkt === jkt && key.origin !== origin)) return yield* Effect.fail(takenKey)
        const [pinned] = kept
        if (pinned?.jkt !== jkt) return yield* Effect.fail(changedKey(origin, pinned?.jkt))
        if (pinned.identity === identity) return
        yield* stored(sql`UPDATE auth_identity_keys SET identity = ${identity} WHERE jkt = ${jkt}`)
      }),
    remove: (identity, jkt) => removeOf("identity", identity, jkt),
    unpin: (origin, jkt) => removeOf("origin", origin, jkt)
  }
}

const tooMany = PorticoError.make("LIMIT_EXCEEDED", `An identity has at most ${perIdentity} keys.`, {
  limit: "identity-keys",
  max: perIdentity
})

const takenKey = PorticoError.make("CONSTRAINT_VIOLATED", "This key is bound to another identity.", {
  constraint: "unique"
})

const changedKey = (origin: string, pinned: string | undefined): PorticoError =>
  PorticoError.make("KEY_CHANGED", `${origin} has another key. Take that back first, if this is meant.`, {
    origin,
    ...(pinned === undefined ? undefined : { pinned })
  })
