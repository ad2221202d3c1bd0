import type { DatabaseError, DatabaseService } from "@portico/gate/database"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { randomName, randomSecret, sameBytes, sha256 } from "../secrets.ts"
import { stored } from "../store.ts"

/** How a client proves who it is. */
export const clientMethods = ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"] as const
export type ClientMethod = (typeof clientMethods)[number]

/** What a client may ask for tokens with. */
export const grantTypes = {
  code: "authorization_code",
  refresh: "refresh_token",
  client: "client_credentials",
  device: "urn:ietf:params:oauth:grant-type:device_code",
  assertion: "urn:ietf:params:oauth:grant-type:jwt-bearer",
  exchange: "urn:ietf:params:oauth:grant-type:token-exchange"
} as const

/** The command line of every instance: it has nothing to register with, and asks on somebody's behalf. */
export const commandLineClient = "portico-cli"

/** A program that acts for somebody, or for itself. */
export interface Client {
  readonly id: string
  readonly name: string
  readonly method: ClientMethod
  readonly redirects: ReadonlyArray<string>
  readonly grants: ReadonlyArray<string>
  /** Words that it may ask for at most; `undefined` is whatever it is granted. */
  readonly scope: ReadonlyArray<string> | undefined
  /** Its public keys, or where they are. */
  readonly jwks: unknown
  readonly jwksUri: string | undefined
  /** Node id of the identity that it is itself. */
  readonly identity: string | undefined
  /** Node id of who registered it; nobody where that is open to all. */
  readonly registeredBy: string | undefined
  readonly createdAt: number
}

interface Row {
  readonly id: string
  readonly name: string
  readonly method: string
  readonly secret: Uint8Array | null
  readonly secret_before: Uint8Array | null
  readonly secret_before_until: number | null
  readonly redirects: string
  readonly grants: string
  readonly scope: string | null
  readonly jwks: string | null
  readonly jwks_uri: string | null
  readonly identity: string | null
  readonly registered_by: string | null
  readonly created_at: number
}

/** Clients as they are stored. */
export interface Clients {
  readonly register: (
    client: Omit<Client, "id" | "createdAt">
  ) => Effect.Effect<{ readonly client: Client; readonly secret: string | undefined }, DatabaseError>
  readonly find: (id: string) => Effect.Effect<Client | undefined, DatabaseError>
  /** Whether it is a secret of the client's, the one before among them for as long as that lasts. */
  readonly hasSecret: (id: string, secret: string) => Effect.Effect<boolean, DatabaseError>
  /**
   * A new secret, shown only now; the one before lasts for `overlap` milliseconds more. `undefined` where there is no such
   * client, or none with a secret.
   */
  readonly renewSecret: (id: string, overlap: number) => Effect.Effect<string | undefined, DatabaseError>
  readonly list: Effect.Effect<ReadonlyArray<Client>, DatabaseError>
  /** Whether there was one. */
  readonly remove: (id: string) => Effect.Effect<boolean, DatabaseError>
  /** It was given tokens. */
  readonly used: (id: string) => Effect.Effect<void, DatabaseError>
  /** How many there are that nobody answers for. */
  readonly countOpen: Effect.Effect<number, DatabaseError>
  readonly prune: Effect.Effect<void, DatabaseError>
}

const Texts = Schema.fromJsonString(Schema.Array(Schema.String))
const decodeTexts = Schema.decodeUnknownSync(Texts)
const decodeMethod = Schema.decodeUnknownSync(Schema.Literals(clientMethods))

const clientOf = (row: Row): Client => ({
  id: row.id,
  name: row.name,
  method: decodeMethod(row.method),
  redirects: decodeTexts(row.redirects),
  grants: decodeTexts(row.grants),
  scope: row.scope === null ? undefined : row.scope.split(" "),
  jwks: row.jwks === null ? undefined : JSON.parse(row.jwks),
  jwksUri: row.jwks_uri ?? undefined,
  identity: row.identity ?? undefined,
  registeredBy: row.registered_by ?? undefined,
  createdAt: row.created_at
})

const builtIn: Client = {
  id: commandLineClient,
  name: "Portico command line",
  method: "none",
  redirects: ["http://127.0.0.1/callback", "http://[::1]/callback"],
  grants: [grantTypes.device, grantTypes.code, grantTypes.refresh],
  scope: undefined,
  jwks: undefined,
  jwksUri: undefined,
  identity: undefined,
  registeredBy: undefined,
  createdAt: 0
}

// The words in front let secret scanners find one that was published by mistake.
const newSecret = (): string => `portico_cs_${randomSecret()}`

/** Milliseconds after which a client is forgotten that nobody answers for and that was never, or not again, used. */
const neverUsed = 86_400_000
const longUnused = 90 * 86_400_000

export const makeClients = ({ sql }: DatabaseService): Clients => ({
  register: (client) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const id = randomName()
      const needsSecret = client.method === "client_secret_basic" || client.method === "client_secret_post"
      const secret = needsSecret ? newSecret() : undefined
      const row = {
        id,
        name: client.name,
        method: client.method,
        secret: secret === undefined ? null : sha256(secret),
        redirects: JSON.stringify(client.redirects),
        grants: JSON.stringify(client.grants),
        scope: client.scope?.join(" ") ?? null,
        jwks: client.jwks === undefined ? null : JSON.stringify(client.jwks),
        jwks_uri: client.jwksUri ?? null,
        identity: client.identity ?? null,
        registered_by: client.registeredBy ?? null,
        created_at: now
      }
      yield* stored(sql`INSERT INTO auth_clients ${sql.insert(row)}`)
      return { client: { ...client, id, createdAt: now }, secret }
    }),
  find: (id) =>
    id === commandLineClient
      ? Effect.succeed(builtIn)
      : Effect.map(stored(sql<Row>`SELECT * FROM auth_clients WHERE id = ${id}`), ([row]) => row && clientOf(row)),
  hasSecret: (id, secret) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const [row] = yield* stored(sql<Row>`SELECT * FROM auth_clients WHERE id = ${id}`)
      const isBeforeGood = Number(row?.secret_before_until ?? 0) > now
      const shown = sha256(secret)
      return [row?.secret, isBeforeGood ? row?.secret_before : null].some(
        (known) => known != null && sameBytes(known, shown)
      )
    }),
  renewSecret: (id, overlap) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const secret = newSecret()
      const renewed = yield* stored(
        sql`UPDATE auth_clients SET secret_before = secret, secret_before_until = ${now + overlap}, secret = ${sha256(secret)} WHERE id = ${id} AND secret IS NOT NULL RETURNING id`
      )
      return renewed.length > 0 ? secret : undefined
    }),
  list: Effect.map(stored(sql<Row>`SELECT * FROM auth_clients ORDER BY created_at, id`), (rows) => rows.map(clientOf)),
  remove: (id) =>
    Effect.map(stored(sql`DELETE FROM auth_clients WHERE id = ${id} RETURNING id`), (rows) => rows.length > 0),
  used: (id) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      Effect.asVoid(
        stored(
          sql`UPDATE auth_clients SET used_at = ${now} WHERE id = ${id} AND (used_at IS NULL OR used_at < ${now - 3_600_000})`
        )
      )
    ),
  countOpen: Effect.map(
    stored(sql<{ readonly n: number }>`SELECT count(*) AS n FROM auth_clients WHERE registered_by IS NULL`),
    ([row]) => Number(row?.n ?? 0)
  ),
  prune: Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.asVoid(
      stored(
        sql`DELETE FROM auth_clients WHERE registered_by IS NULL AND ((used_at IS NULL AND created_at < ${now - neverUsed}) OR used_at < ${now - longUnused})`
      )
    )
  )
})
