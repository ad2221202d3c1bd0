import { type DatabaseError, type DatabaseService, Migration } from "@portico/gate/database"
import { PorticoError } from "@portico/schema"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { stored } from "../store.ts"

export const passkeyTables = Migration.of({
  id: "0111_passkeys",
  up: `
    CREATE TABLE auth_passkeys (
      id TEXT PRIMARY KEY,
      identity TEXT NOT NULL,
      name TEXT NOT NULL,
      public_key BLOB NOT NULL,
      counter INTEGER NOT NULL,
      transports TEXT NOT NULL,
      synced INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      used_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX auth_passkeys_identity ON auth_passkeys (identity);
  `
})

/** Passkeys of one identity. */
const perIdentity = 20

/** What its person may know of a passkey. Times are in milliseconds since the epoch. */
export interface Passkey {
  /** The credential's id, in base64url. */
  readonly id: string
  /** Node id of the identity that it stands for. */
  readonly identity: string
  readonly name: string
  /** Whether its authenticator keeps copies of it elsewhere. */
  readonly isSynced: boolean
  readonly createdAt: number
  readonly usedAt: number | null
}

/** A passkey with what it is verified by. */
export interface StoredPasskey extends Passkey {
  /** COSE (RFC 9052). */
  readonly publicKey: Uint8Array<ArrayBuffer>
  /** Signatures so far, or 0 where its authenticator does not count. */
  readonly counter: number
  readonly transports: ReadonlyArray<string>
}

interface Row {
  readonly id: string
  readonly identity: string
  readonly name: string
  readonly public_key: Uint8Array
  readonly counter: number
  readonly transports: string
  readonly synced: number
  readonly created_at: number
  readonly used_at: number | null
}

const decodeTransports = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(Schema.String)))

const passkeyOf = (row: Row): StoredPasskey => ({
  id: row.id,
  identity: row.identity,
  name: row.name,
  publicKey: new Uint8Array(row.public_key),
  counter: Number(row.counter),
  transports: decodeTransports(row.transports),
  isSynced: row.synced === 1,
  createdAt: row.created_at,
  usedAt: row.used_at
})

/** Passkeys as they are kept: public halves. */
export interface PasskeyStore {
  /** Fails with LIMIT_EXCEEDED, and with PATH_CONFLICT where there is one with this id. */
  readonly add: (
    passkey: Omit<StoredPasskey, "createdAt" | "usedAt">
  ) => Effect.Effect<Passkey, PorticoError | DatabaseError>
  readonly find: (id: string) => Effect.Effect<StoredPasskey | undefined, DatabaseError>
  /** The oldest first. */
  readonly list: (identity: string) => Effect.Effect<ReadonlyArray<StoredPasskey>, DatabaseError>
  /** Writes down that it was used. Whether its counter went on, or it does not count. */
  readonly used: (id: string, counter: number, isSynced: boolean) => Effect.Effect<boolean, DatabaseError>
  /** Fails with NOT_FOUND where the identity has no such passkey. */
  readonly rename: (identity: string, id: string, name: string) => Effect.Effect<void, PorticoError | DatabaseError>
  readonly remove: (identity: string, id: string) => Effect.Effect<void, PorticoError | DatabaseError>
  readonly removeAll: (identity: string) => Effect.Effect<void, DatabaseError>
}

export const makePasskeyStore = ({ sql }: DatabaseService): PasskeyStore => {
  const some = (rows: ReadonlyArray<unknown>) =>
    rows.length === 0 ? Effect.fail(PorticoError.make("NOT_FOUND", "There is no such passkey.")) : Effect.void

  const list: PasskeyStore["list"] = (identity) =>
    Effect.map(
      stored(sql<Row>`SELECT * FROM auth_passkeys WHERE identity = ${identity} ORDER BY created_at, id`),
      (rows) => rows.map(passkeyOf)
    )

  return {
    list,
    add: Effect.fnUntraced(function* (passkey) {
      if ((yield* list(passkey.identity)).length >= perIdentity) {
        return yield* Effect.fail(PorticoError.make("LIMIT_EXCEEDED", `Nobody has more than ${perIdentity} passkeys.`))
      }
      const row: Row = {
        id: passkey.id,
        identity: passkey.identity,
        name: passkey.name,
        public_key: passkey.publicKey,
        counter: passkey.counter,
        transports: JSON.stringify(passkey.transports),
        synced: passkey.isSynced ? 1 : 0,
        created_at: yield* Clock.currentTimeMillis,
        used_at: null
      }
      const added = yield* stored(
        sql`INSERT INTO auth_passkeys ${sql.insert({ ...row })} ON CONFLICT DO NOTHING RETURNING id`
      )
      if (added.length === 0) {
        return yield* Effect.fail(PorticoError.make("PATH_CONFLICT", "This passkey is known already."))
      }
      return passkeyOf(row)
    }),
    find: (id) =>
      Effect.map(stored(sql<Row>`SELECT * FROM auth_passkeys WHERE id = ${id}`), ([row]) => row && passkeyOf(row)),
    used: (id, counter, isSynced) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.map(
          stored(
            sql`UPDATE auth_passkeys SET counter = ${counter}, synced = ${isSynced ? 1 : 0}, used_at = ${now} WHERE id = ${id} AND (counter < ${counter} OR (counter = 0 AND ${counter} = 0)) RETURNING id`
          ),
          (rows) => rows.length > 0
        )
      ),
    rename: (identity, id, name) =>
      Effect.flatMap(
        stored(sql`UPDATE auth_passkeys SET name = ${name} WHERE id = ${id} AND identity = ${identity} RETURNING id`),
        some
      ),
    remove: (identity, id) =>
      Effect.flatMap(
        stored(sql`DELETE FROM auth_passkeys WHERE id = ${id} AND identity = ${identity} RETURNING id`),
        some
      ),
    removeAll: (identity) => Effect.asVoid(stored(sql`DELETE FROM auth_passkeys WHERE identity = ${identity}`))
  }
}
