import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomName, randomSecret, sameBytes, sha256 } from "../secrets.ts"
import { stored } from "../store.ts"

/** Milliseconds that a code is good for (RFC 9700: as short as can be). */
const lifetime = 60_000
/** Milliseconds that a used one is remembered, so that a second use is noticed. */
const remembered = 86_400_000

/** What a code stands for. */
export interface Code {
  readonly grant: string
  /** As in the request: it has to be the same when the code is used. */
  readonly redirect: string
  /** S256 of the verifier (RFC 7636). */
  readonly challenge: string
  readonly nonce: string | undefined
}

interface Row {
  readonly id: string
  readonly hash: Uint8Array
  readonly grant_id: string
  readonly redirect: string
  readonly challenge: string
  readonly nonce: string | null
  readonly expires_at: number
  readonly used_at: number | null
}

/** Authorization codes, which are stored as hashes. */
export interface Codes {
  readonly make: (code: Code) => Effect.Effect<string, DatabaseError>
  /** The code, whatever has become of it. */
  readonly find: (
    text: string
  ) => Effect.Effect<(Code & { readonly id: string; readonly expired: boolean }) | undefined, DatabaseError>
  /** Whether this is the first time that it is used. */
  readonly use: (id: string) => Effect.Effect<boolean, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

const format = /^([0-9a-f]{20})\.[A-Za-z0-9_-]{43}$/

export const makeCodes = ({ sql }: DatabaseService): Codes => ({
  make: ({ challenge, grant, nonce, redirect }) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const id = randomName()
      const text = `${id}.${randomSecret()}`
      const row = { id, hash: sha256(text), grant_id: grant, redirect, challenge, nonce: nonce ?? null }
      yield* stored(sql`INSERT INTO auth_codes ${sql.insert({ ...row, expires_at: now + lifetime })}`)
      return text
    }),
  find: (text) =>
    Effect.gen(function* () {
      const id = format.exec(text)?.[1]
      if (id === undefined) return undefined
      const [row] = yield* stored(sql<Row>`SELECT * FROM auth_codes WHERE id = ${id}`)
      if (row === undefined || !sameBytes(row.hash, sha256(text))) return undefined
      const now = yield* Clock.currentTimeMillis
      const { challenge, expires_at, grant_id, nonce, redirect } = row
      return { id, grant: grant_id, redirect, challenge, nonce: nonce ?? undefined, expired: expires_at <= now }
    }),
  use: (id) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.map(
        stored(sql`UPDATE auth_codes SET used_at = ${now} WHERE id = ${id} AND used_at IS NULL RETURNING id`),
        (rows) => rows.length > 0
      )
    ),
  prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.asVoid(stored(sql`DELETE FROM auth_codes WHERE expires_at < ${now - remembered}`))
  )
})
