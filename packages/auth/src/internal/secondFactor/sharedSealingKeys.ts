import { randomBytes } from "node:crypto"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { AuthStartError } from "../../AuthStartError.ts"
import type { KeyPlace } from "../keys/keyPlace.ts"
import { randomName } from "../secrets.ts"
import { stored } from "../store.ts"
import { ownRecipient, type Recipient, unwrap, wrapFor } from "./recipient.ts"
import { keyOfText, type SealingKeys } from "./sealingKeys.ts"

/** Milliseconds after which a process that was not seen gets no keys any more. */
const forgotten = 30 * 86_400_000

/** Keys of an instance that is several processes on one database. */
export interface SharedSealingKeys extends SealingKeys {
  /** Hands on to others what this process has and they have not. */
  readonly share: Effect.Effect<void, DatabaseError>
  /** Says that this process is there, and forgets those that have not been for long. */
  readonly tend: Effect.Effect<void, DatabaseError>
}

/**
 * Each key is in the database once for each process, readable by that one only: whoever has it wraps it for the others.
 * What reads it is in `place`, and never leaves it. `before` is where the key was that an instance of one process has
 * sealed with; it has no id.
 */
export const makeSharedSealingKeys = Effect.fnUntraced(function* (
  { sql }: DatabaseService,
  place: KeyPlace,
  before: KeyPlace
): Effect.fn.Return<SharedSealingKeys, AuthStartError | DatabaseError> {
  const own = yield* ownRecipient(place)
  const known = new Map<string, Buffer>()

  const give = (id: string, key: Buffer, to: Recipient) =>
    Effect.flatMap(wrapFor(to, id, key), (wrapped) =>
      stored(sql`INSERT INTO auth_sealing_keys ${sql.insert({ id, recipient: to.id, wrapped })} ON CONFLICT DO NOTHING`)
    )

  const find = (id: string) =>
    Effect.gen(function* () {
      const found = known.get(id)
      if (found !== undefined) return found
      const [row] = yield* stored(
        sql<{
          readonly wrapped: string
        }>`SELECT wrapped FROM auth_sealing_keys WHERE id = ${id} AND recipient = ${own.id}`
      )
      const key = row && (yield* unwrap(own, id, row.wrapped))
      if (key !== undefined) known.set(id, key)
      return key
    })

  const share = Effect.gen(function* () {
    const missing = yield* stored(
      sql<
        Recipient & { readonly key: string }
      >`SELECT k.id AS key, r.id AS id, r.x AS x FROM auth_sealing_keys k CROSS JOIN auth_sealing_recipients r WHERE k.recipient = ${own.id} AND NOT EXISTS (SELECT 1 FROM auth_sealing_keys h WHERE h.id = k.id AND h.recipient = r.id)`
    )
    for (const { key: id, ...to } of missing) {
      const key = yield* find(id)
      if (key !== undefined) yield* give(id, key, to)
    }
  })

  const make = Effect.gen(function* () {
    const made = { id: randomName(), key: randomBytes(32) }
    yield* give(made.id, made.key, own)
    yield* share
    return made
  })

  const current = Effect.gen(function* () {
    const rows = yield* stored(
      sql<{
        readonly id: string
      }>`SELECT id FROM auth_sealing_keys WHERE recipient = ${own.id} AND id <> '' ORDER BY id`
    )
    for (const { id } of rows) {
      const key = yield* find(id)
      if (key !== undefined) return { id, key }
    }
    return yield* make
  })

  const tend = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const row = { id: own.id, x: own.x, seen_at: now }
    yield* stored(
      sql`INSERT INTO auth_sealing_recipients ${sql.insert(row)} ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`
    )
    const gone = now - forgotten
    yield* stored(
      sql`DELETE FROM auth_sealing_keys WHERE recipient IN (SELECT id FROM auth_sealing_recipients WHERE seen_at < ${gone})`
    )
    yield* stored(sql`DELETE FROM auth_sealing_recipients WHERE seen_at < ${gone}`)
  })

  /** Versions before kept the key in the database as it is, beside what it has sealed. */
  const takeOver = Effect.gen(function* () {
    const name = "sealing-key"
    const [row] = yield* stored(sql<{ readonly value: string }>`SELECT value FROM auth_state WHERE name = ${name}`)
    const kept = row?.value ?? Option.getOrUndefined(yield* before.read)
    if (kept === undefined) return
    yield* give("", keyOfText(kept), own)
    yield* share
    yield* stored(sql`DELETE FROM auth_state WHERE name = ${name}`)
  })

  yield* tend
  yield* takeOver
  yield* share

  return { current, find, share, tend }
})
