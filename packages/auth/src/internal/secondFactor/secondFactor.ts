import { GateError } from "@portico/gate"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Origin } from "../../AuditEvent.ts"
import type { Audit } from "../audit.ts"
import { attemptAll, makeThrottle } from "../limits/throttle.ts"
import { stored } from "../store.ts"
import { appCode, newSecret, recoveryCodes, recoveryHash, stepOf } from "./codes.ts"
import type { Sealer } from "./sealer.ts"

const minutes = 60_000

/** Milliseconds for somebody to fetch their phone. */
const patience = 15 * minutes

/** Codes of an app beside the password (RFC 6238), and recovery codes for when the app is lost. */
export interface SecondFactor {
  /** Whether a password alone is not enough. */
  readonly isOn: (identity: string) => Effect.Effect<boolean, DatabaseError>
  /** How many recovery codes are left. */
  readonly codesLeft: (identity: string) => Effect.Effect<number, DatabaseError>
  /** A new secret, in Base32; the one of before, if it was never confirmed. Fails with INVALID_PARAMS where it is on. */
  readonly begin: (identity: string) => Effect.Effect<string, GateError | DatabaseError>
  /** With a code of the new secret it is on. Gives the recovery codes, which are shown only now. */
  readonly confirm: (
    identity: string,
    code: string,
    from: Origin
  ) => Effect.Effect<ReadonlyArray<string>, GateError | DatabaseError>
  /**
   * Uses a code up, which is what it is then called. Fails with UNAUTHENTICATED for one that is wrong or was used, and
   * with RATE_LIMITED after some of these.
   */
  readonly check: (
    identity: string,
    code: string,
    from: Origin
  ) => Effect.Effect<"totp" | "recovery code", GateError | DatabaseError>
  /** Uses a code up as `check` does, and gives recovery codes in the place of those that are left. */
  readonly renew: (
    identity: string,
    code: string,
    from: Origin
  ) => Effect.Effect<ReadonlyArray<string>, GateError | DatabaseError>
  readonly off: (identity: string) => Effect.Effect<void, DatabaseError>
}

export interface SecondFactorOptions {
  readonly database: DatabaseService
  readonly sealer: Sealer
  readonly audit: Audit
  /** The database, where people sign in through other processes on it, too. */
  readonly shared: DatabaseService | undefined
}

interface Row {
  readonly identity: string
  readonly secret: string
  readonly created_at: number
  readonly confirmed_at: number | null
  readonly last_step: number
}

const wrong = GateError.make("UNAUTHENTICATED", "This code is wrong, or it was used already.")
const isOnAlready = GateError.make("INVALID_PARAMS", "There is a second factor already. Turn it off first.")

export const makeSecondFactor = ({ audit, database, sealer, shared }: SecondFactorOptions): SecondFactor => {
  const { sql } = database
  // A million codes, of which three are good at a time: five tries, then 30 s, and twice as long with each further one.
  const throttle = makeThrottle({ name: "second-factor", free: 5, base: 30_000, max: 60 * minutes }, shared)

  const find = (identity: string) =>
    Effect.map(stored(sql<Row>`SELECT * FROM auth_totp WHERE identity = ${identity}`), ([row]) => row)

  /** Whether the code is of an app with this secret, and of a step after all that were used. */
  const isOfApp = (row: Row, code: string) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const secret = yield* sealer.open(row.secret, row.identity)
      const step = yield* stepOf(secret, code, now)
      if (step === undefined) return false
      const used = yield* stored(
        sql`UPDATE auth_totp SET last_step = ${step} WHERE identity = ${row.identity} AND last_step < ${step} RETURNING identity`
      )
      return used.length > 0
    })

  const isForRecovery = (identity: string, code: string) =>
    Effect.map(
      stored(
        sql`DELETE FROM auth_recovery_codes WHERE identity = ${identity} AND hash = ${recoveryHash(code)} RETURNING identity`
      ),
      (rows) => rows.length > 0
    )

  const kindOf = (row: Row, typed: string) =>
    Effect.gen(function* () {
      const code = appCode(typed)
      if (code !== undefined) return (yield* isOfApp(row, code)) ? "totp" : undefined
      if (row.confirmed_at === null) return undefined
      return (yield* isForRecovery(row.identity, typed)) ? "recovery code" : undefined
    })

  const used = (row: Row | undefined, identity: string, code: string, from: Origin) =>
    Effect.gen(function* () {
      yield* attemptAll([[throttle, identity]])
      const kind = row && (yield* kindOf(row, code))
      if (kind === undefined) {
        const details = { with: "second factor" }
        yield* Effect.ignore(audit.writeRefusal({ event: "sign-in.refused", identity, from, details }))
        return yield* Effect.fail(wrong)
      }
      yield* throttle.forget(identity)
      return kind
    })

  const renewCodes = (identity: string) =>
    Effect.gen(function* () {
      const codes = recoveryCodes()
      yield* stored(sql`DELETE FROM auth_recovery_codes WHERE identity = ${identity}`)
      for (const code of codes) {
        yield* stored(sql`INSERT INTO auth_recovery_codes ${sql.insert({ identity, hash: recoveryHash(code) })}`)
      }
      return codes
    })

  const check: SecondFactor["check"] = (identity, code, from) =>
    Effect.flatMap(find(identity), (row) =>
      used(row === undefined || row.confirmed_at === null ? undefined : row, identity, code, from)
    )

  return {
    isOn: (identity) => Effect.map(find(identity), (row) => row !== undefined && row.confirmed_at !== null),

    codesLeft: (identity) =>
      Effect.map(
        stored(sql<{ readonly n: number }>`SELECT count(*) AS n FROM auth_recovery_codes WHERE identity = ${identity}`),
        ([row]) => Number(row?.n ?? 0)
      ),

    begin: (identity) =>
      Effect.gen(function* () {
        const known = yield* find(identity)
        if (known !== undefined && known.confirmed_at !== null) return yield* Effect.fail(isOnAlready)
        const now = yield* Clock.currentTimeMillis
        // Whoever mistypes a code, or goes back to the page, has the app read the same square code.
        if (known !== undefined && now - known.created_at < patience) return yield* sealer.open(known.secret, identity)
        const secret = yield* newSecret
        const sealed = yield* sealer.seal(secret, identity)
        const row: Row = { identity, secret: sealed, created_at: now, confirmed_at: null, last_step: 0 }
        yield* stored(
          sql`INSERT INTO auth_totp ${sql.insert({ ...row })} ON CONFLICT (identity) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at WHERE auth_totp.confirmed_at IS NULL`
        )
        return secret
      }),

    confirm: (identity, code, from) =>
      Effect.gen(function* () {
        const row = yield* find(identity)
        if (row !== undefined && row.confirmed_at !== null) return yield* Effect.fail(isOnAlready)
        yield* used(row, identity, code, from)
        const codes = yield* renewCodes(identity)
        const now = yield* Clock.currentTimeMillis
        yield* stored(sql`UPDATE auth_totp SET confirmed_at = ${now} WHERE identity = ${identity}`)
        yield* audit.write({ event: "second-factor.on", identity, from })
        return codes
      }),

    check,

    renew: (identity, code, from) =>
      Effect.gen(function* () {
        const by = yield* check(identity, code, from)
        const codes = yield* renewCodes(identity)
        yield* audit.write({ event: "second-factor.codes-renewed", identity, from, details: { by } })
        return codes
      }),

    off: (identity) =>
      Effect.gen(function* () {
        yield* stored(sql`DELETE FROM auth_totp WHERE identity = ${identity}`)
        yield* stored(sql`DELETE FROM auth_recovery_codes WHERE identity = ${identity}`)
      })
  }
}
