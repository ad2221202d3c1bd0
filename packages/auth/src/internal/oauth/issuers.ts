import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { stored } from "../store.ts"

/** Somebody else whose word counts here, about some of their subjects. */
export interface TrustedIssuer {
  /** As in `iss`. */
  readonly issuer: string
  readonly jwksUri: string
  /** Node ids of identities here, by `sub` there. */
  readonly subjects: Readonly<Record<string, string>>
}

/** Trusted issuers. Trust is an operator's to give: none is there by itself. */
export interface Issuers {
  readonly find: (issuer: string) => Effect.Effect<{ readonly jwksUri: string } | undefined, DatabaseError>
  /** Node id of the identity that a subject stands for. */
  readonly identityOf: (issuer: string, subject: string) => Effect.Effect<string | undefined, DatabaseError>
  readonly list: Effect.Effect<ReadonlyArray<TrustedIssuer>, DatabaseError>
  /** Puts an issuer and its subjects in the place of what was there. */
  readonly put: (issuer: TrustedIssuer) => Effect.Effect<void, DatabaseError>
  /** Whether there was one. */
  readonly remove: (issuer: string) => Effect.Effect<boolean, DatabaseError>
}

export const makeIssuers = ({ sql }: DatabaseService): Issuers => {
  const inOne = <A, E>(work: Effect.Effect<A, E>) => sql.withTransaction(work)
  return {
    find: (issuer) =>
      Effect.map(
        stored(sql<{ readonly jwks_uri: string }>`SELECT jwks_uri FROM auth_issuers WHERE issuer = ${issuer}`),
        ([row]) => row && { jwksUri: row.jwks_uri }
      ),
    identityOf: (issuer, subject) =>
      Effect.map(
        stored(
          sql<{
            readonly identity: string
          }>`SELECT identity FROM auth_subjects WHERE issuer = ${issuer} AND subject = ${subject}`
        ),
        ([row]) => row?.identity
      ),
    list: Effect.gen(function* () {
      const issuers = yield* stored(
        sql<{
          readonly issuer: string
          readonly jwks_uri: string
        }>`SELECT issuer, jwks_uri FROM auth_issuers ORDER BY issuer`
      )
      const subjects = yield* stored(
        sql<{
          readonly issuer: string
          readonly subject: string
          readonly identity: string
        }>`SELECT issuer, subject, identity FROM auth_subjects ORDER BY issuer, subject`
      )
      return issuers.map(({ issuer, jwks_uri }) => ({
        issuer,
        jwksUri: jwks_uri,
        subjects: Object.fromEntries(
          subjects.filter((each) => each.issuer === issuer).map(({ identity, subject }) => [subject, identity])
        )
      }))
    }),
    put: ({ issuer, jwksUri, subjects }) =>
      stored(
        inOne(
          Effect.gen(function* () {
            const created_at = yield* Clock.currentTimeMillis
            yield* sql`DELETE FROM auth_subjects WHERE issuer = ${issuer}`
            yield* sql`INSERT INTO auth_issuers ${sql.insert({ issuer, jwks_uri: jwksUri, created_at })} ON CONFLICT (issuer) DO UPDATE SET jwks_uri = excluded.jwks_uri`
            for (const [subject, identity] of Object.entries(subjects)) {
              yield* sql`INSERT INTO auth_subjects ${sql.insert({ issuer, subject, identity })}`
            }
          })
        )
      ),
    remove: (issuer) =>
      stored(
        inOne(
          Effect.gen(function* () {
            yield* sql`DELETE FROM auth_subjects WHERE issuer = ${issuer}`
            return (yield* sql`DELETE FROM auth_issuers WHERE issuer = ${issuer} RETURNING issuer`).length > 0
          })
        )
      )
  }
}
