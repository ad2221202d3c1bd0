import { type DatabaseError, type DatabaseService, Migration } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { fingerprint, randomSecret } from "./secrets.ts"
import { stored } from "./store.ts"

export const challengeTables = Migration.of({
  id: "0110_challenges",
  up: `
    CREATE TABLE auth_challenges (
      id TEXT PRIMARY KEY,
      purpose TEXT NOT NULL,
      browser TEXT NOT NULL,
      identity TEXT,
      expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_challenges_expires_at ON auth_challenges (expires_at);
  `
})

/** What somebody is asked to answer, and only they. */
export interface Asked {
  /** Answers to one purpose are worth nothing for another. */
  readonly purpose: "passkey.add" | "passkey.sign-in" | "second-factor"
  /** What only the browser that was asked can show: its session, or a cookie that it was given with the challenge. */
  readonly browser: string
}

/** Questions that are good once, for some minutes, and for one browser. In the database: any process takes the answer. */
export interface Challenges {
  /** 256 random bits, in base64url. `lifetime` is in milliseconds. */
  readonly make: (
    asked: Asked & { readonly identity?: string; readonly lifetime: number }
  ) => Effect.Effect<string, DatabaseError>
  /** Whose it is, if it is good. It stays good. */
  readonly look: (
    challenge: string,
    asked: Asked
  ) => Effect.Effect<{ readonly identity: string | undefined } | undefined, DatabaseError>
  /** The same, and it is good no more. */
  readonly take: Challenges["look"]
  readonly prune: Effect.Effect<void, DatabaseError>
}

interface Row {
  readonly identity: string | null
}

export const makeChallenges = ({ sql }: DatabaseService): Challenges => {
  const isThis = (challenge: string, { browser, purpose }: Asked, now: number) =>
    sql`id = ${fingerprint(challenge)} AND purpose = ${purpose} AND browser = ${fingerprint(browser)} AND expires_at > ${now}`
  const found = ([row]: ReadonlyArray<Row>) => row && { identity: row.identity ?? undefined }

  return {
    make: ({ browser, identity, lifetime, purpose }) =>
      Effect.gen(function* () {
        const challenge = randomSecret()
        const row = {
          id: fingerprint(challenge),
          purpose,
          browser: fingerprint(browser),
          identity: identity ?? null,
          expires_at: (yield* Clock.currentTimeMillis) + lifetime
        }
        yield* stored(sql`INSERT INTO auth_challenges ${sql.insert(row)}`)
        return challenge
      }),
    look: (challenge, asked) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.map(stored(sql<Row>`SELECT identity FROM auth_challenges WHERE ${isThis(challenge, asked, now)}`), found)
      ),
    take: (challenge, asked) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.map(
          stored(sql<Row>`DELETE FROM auth_challenges WHERE ${isThis(challenge, asked, now)} RETURNING identity`),
          found
        )
      ),
    prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(stored(sql`DELETE FROM auth_challenges WHERE expires_at <= ${now}`))
    )
  }
}
