import { GateError } from "@portico/gate"
import { type DatabaseError, type DatabaseService, Migration } from "@portico/gate/database"
import type { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Origin } from "../AuditEvent.ts"
import type { Administrator, IssuedToken, NewApiKey } from "../Auth.ts"
import type { AccessTokens } from "./accessTokens.ts"
import type { Administrators } from "./administrators.ts"
import type { ApiKeys } from "./apiKeys.ts"
import type { Audit } from "./audit.ts"
import { identityPaths } from "./identities.ts"
import { checkPassword } from "./passwords.ts"
import { fingerprint, randomSecret } from "./secrets.ts"
import { stored } from "./store.ts"

/** How long a link works, in milliseconds. */
const lifetime = 3_600_000

/** What the first administrator is given. */
export interface FirstAdmin {
  readonly identity: Administrator
  readonly apiKey: NewApiKey
  readonly accessToken: IssuedToken
}

/** Making the first administrator, once in the life of an instance. */
export interface Setup {
  /** A new code, which ends the one before of this process; `undefined` once there is an administrator. */
  readonly offer: Effect.Effect<string | undefined, DatabaseError>
  /**
   * Uses a code up, and with it those of all processes. Fails with `UNAUTHENTICATED` for one that none of them offered last,
   * and with `INVALID_PARAMS`.
   */
  readonly redeem: (
    code: string,
    options: { readonly password?: string | undefined; readonly from: Origin }
  ) => Effect.Effect<FirstAdmin, GateError | PorticoError | DatabaseError>
}

export interface SetupOptions {
  readonly database: DatabaseService
  readonly administrators: Pick<Administrators, "isThere" | "make" | "made">
  readonly keys: ApiKeys
  readonly tokens: AccessTokens
  readonly audit: Audit
}

const invalid = GateError.make("UNAUTHENTICATED", "This link is not valid. A link works once, and for an hour.")

export const setupTables = Migration.of({
  id: "0112_setup_links",
  up: `
    CREATE TABLE auth_setup_links (
      code TEXT PRIMARY KEY,
      process TEXT NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `
})

/** How long whoever redeems a link keeps others from it, in milliseconds; no longer, should its process die on the way. */
const turn = 60_000

/** The links are in the database, by hashes of their codes: any process takes one, and all are worth nothing after that. */
export const makeSetup = (options: SetupOptions): Setup => {
  const { administrators, audit, database, keys, tokens } = options
  const { sql } = database
  // A file has one process at a time, so there the next start ends what the one before has printed.
  const process = database.dialect === "sqlite" ? "the only one" : randomSecret()

  const isGood = (code: string, now: number) =>
    Effect.map(
      stored(sql`SELECT 1 FROM auth_setup_links WHERE code = ${fingerprint(code)} AND expires_at > ${now}`),
      (rows) => rows.length > 0
    )

  /** Of all who redeem a link at once, in any process, one gets its turn. */
  const takeTurn = (until: string, now: number) =>
    Effect.map(
      stored(sql`INSERT INTO auth_state ${sql.insert({ name: "setup.turn", value: until })}
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        WHERE CAST(auth_state.value AS BIGINT) <= ${now} RETURNING name`),
      (rows) => rows.length > 0
    )
  const endTurn = (until: string) =>
    Effect.ignore(stored(sql`DELETE FROM auth_state WHERE name = 'setup.turn' AND value = ${until}`))

  const makeAdmin = (password: string | undefined, from: Origin) =>
    Effect.gen(function* () {
      // Another process, or the command line, may have made one since.
      if (yield* administrators.isThere) return yield* Effect.fail(invalid)
      const path = identityPaths.admin
      const identity = yield* administrators.make({ path, name: "Administrator", password })
      const { id } = identity
      const apiKey = yield* keys.create(id, { name: "first key", kind: "api-key" })
      const accessToken = yield* tokens.issue({ identity: id })
      yield* audit.write({ event: "setup", identity: id, from, details: { apiKey: apiKey.id } })
      yield* administrators.made(id)
      yield* Effect.ignore(stored(sql`DELETE FROM auth_setup_links`))
      return { identity, apiKey, accessToken }
    })

  return {
    offer: Effect.gen(function* () {
      if (yield* administrators.isThere) return undefined
      const code = randomSecret()
      const now = yield* Clock.currentTimeMillis
      yield* stored(sql`DELETE FROM auth_setup_links WHERE process = ${process} OR expires_at <= ${now}`)
      const link = { code: fingerprint(code), process, expires_at: now + lifetime }
      yield* stored(sql`INSERT INTO auth_setup_links ${sql.insert(link)}`)
      return code
    }),

    redeem: (code, { from, password }) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (!(yield* isGood(code, now))) {
          yield* Effect.ignore(audit.writeRefusal({ event: "setup.refused", from }))
          return yield* Effect.fail(invalid)
        }
        if (password !== undefined) yield* checkPassword(password, ["admin"])
        const until = String(now + turn)
        if (!(yield* takeTurn(until, now))) return yield* Effect.fail(invalid)
        return yield* Effect.ensuring(makeAdmin(password, from), endTurn(until))
      })
  }
}
