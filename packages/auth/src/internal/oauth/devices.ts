import { randomInt } from "node:crypto"
import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { randomName, randomSecret, sameBytes, sha256 } from "../secrets.ts"
import { stored } from "../store.ts"

/** Seconds that somebody has to enter the code, and between two questions whether they have. */
export const deviceLifetime = 600
export const devicePause = 5

/** No vowels, so that no words come about, and nothing that is read as something else (RFC 8628, section 6.1). */
const letters = "BCDFGHJKLMNPQRSTVWXZ"

interface Row {
  readonly id: string
  readonly hash: Uint8Array
  readonly user_code: string
  readonly client: string
  readonly scope: string
  readonly expires_at: number
  readonly pause: number
  readonly polled_at: number
  readonly grant_id: string | null
  readonly denied_at: number | null
}

/** A device that waits for somebody. */
export interface Waiting {
  readonly id: string
  readonly client: string
  readonly scope: ReadonlyArray<string>
}

/** What a device that asks is told. */
export type Polled = "unknown" | "expired" | "pending" | "slow" | "denied" | { readonly grant: string }

/** Devices without a browser (RFC 8628). */
export interface Devices {
  readonly begin: (
    client: string,
    scope: ReadonlyArray<string>
  ) => Effect.Effect<{ readonly deviceCode: string; readonly userCode: string }, DatabaseError>
  /** The one with this code, however it is typed, as long as nobody has decided. */
  readonly waiting: (userCode: string) => Effect.Effect<Waiting | undefined, DatabaseError>
  /** Decides, with a grant or against it. Whether it was still open. */
  readonly decide: (id: string, grant: string | undefined) => Effect.Effect<boolean, DatabaseError>
  /** Asked by `client`; a grant is given out once. */
  readonly poll: (deviceCode: string, client: string) => Effect.Effect<Polled, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

const format = /^([0-9a-f]{20})\.[A-Za-z0-9_-]{43}$/

const plain = (userCode: string): string => userCode.toUpperCase().replace(/[^A-Z]/g, "")

const newUserCode = (): string => Array.from({ length: 8 }, () => letters.charAt(randomInt(letters.length))).join("")

/** As people read it. */
const spaced = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`

export const makeDevices = ({ sql }: DatabaseService): Devices => {
  const polled = (row: Row, now: number, pause: number) =>
    stored(sql`UPDATE auth_devices SET polled_at = ${now}, pause = ${pause} WHERE id = ${row.id}`)

  return {
    begin: (client, scope) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const id = randomName()
        const deviceCode = `${id}.${randomSecret()}`
        const userCode = newUserCode()
        const row = {
          id,
          hash: sha256(deviceCode),
          user_code: userCode,
          client,
          scope: scope.join(" "),
          expires_at: now + deviceLifetime * 1_000,
          pause: devicePause,
          polled_at: now - devicePause * 1_000
        }
        yield* stored(sql`INSERT INTO auth_devices ${sql.insert(row)}`)
        return { deviceCode, userCode: spaced(userCode) }
      }),

    waiting: (userCode) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const [row] = yield* stored(
          sql<Row>`SELECT * FROM auth_devices WHERE user_code = ${plain(userCode)} AND expires_at > ${now} AND grant_id IS NULL AND denied_at IS NULL`
        )
        return row && { id: row.id, client: row.client, scope: row.scope.split(" ") }
      }),

    decide: (id, grant) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const rows = yield* stored(
          sql`UPDATE auth_devices SET grant_id = ${grant ?? null}, denied_at = ${grant === undefined ? now : null} WHERE id = ${id} AND expires_at > ${now} AND grant_id IS NULL AND denied_at IS NULL RETURNING id`
        )
        return rows.length > 0
      }),

    poll: (deviceCode, client) =>
      Effect.gen(function* () {
        const id = format.exec(deviceCode)?.[1]
        if (id === undefined) return "unknown"
        const now = yield* Clock.currentTimeMillis
        const [row] = yield* stored(sql<Row>`SELECT * FROM auth_devices WHERE id = ${id} AND client = ${client}`)
        if (row === undefined || !sameBytes(row.hash, sha256(deviceCode))) return "unknown"
        if (row.expires_at <= now) return "expired"
        if (row.denied_at !== null) return "denied"
        if (now - row.polled_at < row.pause * 1_000) {
          yield* polled(row, now, row.pause + devicePause)
          return "slow"
        }
        if (row.grant_id === null) {
          yield* polled(row, now, row.pause)
          return "pending"
        }
        const taken = yield* stored(sql`DELETE FROM auth_devices WHERE id = ${id} RETURNING id`)
        return taken.length === 0 ? "unknown" : { grant: row.grant_id }
      }),

    prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(stored(sql`DELETE FROM auth_devices WHERE expires_at < ${now - 3_600_000}`))
    )
  }
}
