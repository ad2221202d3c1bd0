import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { AccessTokenClaims } from "./accessTokens.ts"
import { stored } from "./store.ts"

/**
 * What ends access tokens before their time. They are checked without the database, so what was ended lately is kept in
 * memory: no longer than a token of before could last.
 *
 * An identity has a generation, which a changed password or signing out everywhere raises; tokens carry the one that
 * they were issued under.
 */
export interface Revocations {
  /** Why a token is worth nothing any more; `undefined` where it still is. */
  readonly reasonAgainst: (claims: AccessTokenClaims) => string | undefined
  /** Learns what other processes have ended. */
  readonly learn: Effect.Effect<void, DatabaseError>
  readonly generationOf: (identity: string) => Effect.Effect<number, DatabaseError>
  /** Ends all access tokens of an identity. */
  readonly endAll: (identity: string) => Effect.Effect<void, DatabaseError>
  /** Ends one token and those that were made from it by exchange. */
  readonly endToken: (tokenId: string) => Effect.Effect<void, DatabaseError>
  /** Ends the access tokens of an authorization. */
  readonly endGrant: (grant: string) => Effect.Effect<void, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

/** `lifetime` is in milliseconds: how long any token may still be believed. `ended` is called after each end is durable. */
export const makeRevocations = Effect.fnUntraced(function* (
  { sql }: DatabaseService,
  lifetime: number,
  ended: () => void
) {
  const subjects = new Map<string, number>()
  const generations = new Map<string, { readonly generation: number; readonly at: number }>()

  const learn = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const rows = yield* stored(
      sql<{
        readonly subject: string
        readonly at: number
      }>`SELECT subject, at FROM auth_ended WHERE at > ${now - lifetime}`
    )
    for (const { at, subject } of rows) subjects.set(subject, Number(at))
    const known = yield* stored(
      sql<{
        readonly identity: string
        readonly generation: number
        readonly at: number
      }>`SELECT identity, generation, at FROM auth_generations WHERE at > ${now - lifetime}`
    )
    for (const { at, generation, identity } of known) {
      generations.set(identity, { generation: Number(generation), at: Number(at) })
    }
  })
  yield* learn

  const end = (subject: string) =>
    Effect.gen(function* () {
      const at = yield* Clock.currentTimeMillis
      yield* stored(
        sql`INSERT INTO auth_ended ${sql.insert({ subject, at })} ON CONFLICT (subject) DO UPDATE SET at = excluded.at`
      )
      subjects.set(subject, at)
      ended()
    })

  const revocations: Revocations = {
    learn,
    reasonAgainst: (claims) => {
      const { generation } = generations.get(claims.identity) ?? { generation: 0 }
      if ((claims.generation ?? 0) < generation) return "ended with all of its identity's"
      if (subjects.size === 0) return undefined
      if (claims.grant !== undefined && subjects.has(`grant:${claims.grant}`)) return "its authorization was ended"
      const ids = [claims.tokenId, ...(claims.chain ?? [])]
      return ids.some((id) => subjects.has(`token:${id}`)) ? "revoked" : undefined
    },
    generationOf: (identity) =>
      Effect.map(
        stored(
          sql<{ readonly generation: number }>`SELECT generation FROM auth_generations WHERE identity = ${identity}`
        ),
        ([row]) => Number(row?.generation ?? 0)
      ),
    endAll: (identity) =>
      Effect.gen(function* () {
        const at = yield* Clock.currentTimeMillis
        const [row] = yield* stored(
          sql<{
            readonly generation: number
          }>`INSERT INTO auth_generations ${sql.insert({ identity, generation: 1, at })} ON CONFLICT (identity) DO UPDATE SET generation = auth_generations.generation + 1, at = excluded.at RETURNING generation`
        )
        generations.set(identity, { generation: Number(row?.generation ?? 1), at })
        ended()
      }),
    endToken: (tokenId) => end(`token:${tokenId}`),
    endGrant: (grant) => end(`grant:${grant}`),
    prune: Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      for (const [subject, at] of subjects) if (at <= now - lifetime) subjects.delete(subject)
      for (const [identity, { at }] of generations) if (at <= now - lifetime) generations.delete(identity)
      yield* stored(sql`DELETE FROM auth_ended WHERE at <= ${now - lifetime}`)
    })
  }
  return revocations
})
