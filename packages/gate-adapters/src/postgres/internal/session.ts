import type { Socket } from "node:net"
import type { Row, SqlValue } from "@portico/gate/database"
import { Client, type ClientConfig } from "pg"
import { isReading } from "./isReading.ts"
import { numbered } from "./placeholders.ts"

/** How sessions are opened. */
export interface SessionOptions {
  readonly url: string
  /** Longest time a statement may run, in milliseconds; 0 for no limit. */
  readonly statementTimeout: number
  /** Longest wait for a lock, in milliseconds. */
  readonly lockTimeout: number
  /** Longest time to connect, in milliseconds. */
  readonly connectTimeout: number
  readonly readOnly: boolean
}

/** Statements that are prepared by name in each session; what comes after them is sent whole each time. */
const namedLimit = 500

/** What came back for a statement. */
export interface SessionAnswer {
  readonly rows: ReadonlyArray<Row>
  readonly changes: number
  /** What the server did, for example `COMMIT`. */
  readonly command: string
}

/** A connection to the server. Statements are sent at once and answered in order, each with its own failure. */
export interface Session {
  readonly query: (sql: string, params?: ReadonlyArray<SqlValue>) => Promise<SessionAnswer>
  /** Calls `told` for each notification; completes when the connection is gone. */
  readonly listen: (told: () => void) => Promise<void>
  /** Whether the connection is gone, or is about to be. */
  readonly isBroken: () => boolean
  readonly close: () => Promise<void>
}

/** Types of columns by oid: https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === "t" ? 1 : 0), // bool, as SQLite has it
  20: Number, // int8: beyond 2^53 nothing of ours is
  21: Number,
  23: Number,
  700: Number,
  701: Number,
  1700: Number, // numeric: sums of integers
  17: (text) => Uint8Array.from(Buffer.from(text.slice(2), "hex")) // bytea
}

const plain = (text: string): unknown => text

// What the driver asks for takes either format; all of ours is text.
const types = { getTypeParser: (oid: number) => parsers[oid] ?? plain } as unknown as NonNullable<ClientConfig["types"]>

const settingsOf = (options: SessionOptions): string =>
  [
    `statement_timeout=${options.statementTimeout}`,
    `lock_timeout=${options.lockTimeout}`,
    // A process that stops in the middle of a write holds up all others; the server lets go of it.
    "idle_in_transaction_session_timeout=30000",
    // A machine that is gone is found out within half a minute, also while nothing is sent.
    "tcp_keepalives_idle=10",
    "tcp_keepalives_interval=5",
    "tcp_keepalives_count=3",
    "synchronous_commit=on",
    `default_transaction_read_only=${options.readOnly ? "on" : "off"}`
  ]
    .map((setting) => `-c ${setting}`)
    .join(" ")

// Boundary: the driver's connection, which its types leave out.
const connectionOf = (client: Client) =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection

/** Opens a session; fails with the driver's error. */
export const openSession = async (options: SessionOptions): Promise<Session> => {
  const client = new Client({
    connectionString: options.url,
    connectionTimeoutMillis: options.connectTimeout,
    application_name: "portico",
    options: settingsOf(options),
    keepAlive: true,
    pipeline: true,
    types
  })
  let broken = false
  const lost = () => {
    broken = true
  }
  // Without a listener the driver's event would end the process; what fails are the statements.
  client.on("error", lost)
  client.on("end", lost)
  await client.connect()
  const names = new Map<string, { readonly text: string; readonly name: string | undefined }>()
  const prepared = (sql: string) => {
    const known = names.get(sql)
    if (known !== undefined) return known
    const made = { text: numbered(sql), name: names.size < namedLimit ? `portico_${names.size}` : undefined }
    if (made.name !== undefined) names.set(sql, made)
    return made
  }
  /** What is sent in one go leaves in one piece, rather than statement by statement. */
  let isGathering = false
  const gather = (): void => {
    if (isGathering) return
    isGathering = true
    const { stream } = connectionOf(client)
    stream.cork()
    process.nextTick(() => {
      isGathering = false
      stream.uncork()
    })
  }
  return {
    query: async (sql, params) => {
      gather()
      const { command, rows, rowCount } = await client.query(
        // Without parameters the simple protocol takes several statements at once.
        params === undefined
          ? { text: sql }
          : { ...prepared(sql), values: params.map((value) => parameter(sql, value)) }
      )
      // Boundary: `types` gives nothing else.
      return { rows: (rows ?? []) as ReadonlyArray<Row>, changes: rowCount ?? 0, command }
    },
    listen: (told) => {
      client.on("notification", told)
      return new Promise((resolve) => {
        if (broken) resolve()
        client.once("error", () => resolve())
        client.once("end", () => resolve())
      })
    },
    isBroken: () => broken,
    close: async () => {
      broken = true
      await client.end().catch(() => {})
    }
  }
}

const parameter = (sql: string, value: SqlValue): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (typeof value === "string" && value.includes("\u0000")) return withoutZero(sql, value)
  return typeof value === "bigint" ? String(value) : value
}

/** No text here has U+0000, so nothing is found that has; U+10FFFF, which is no character either, stands for it. */
const withoutZero = (sql: string, text: string): string => {
  if (isReading(sql)) return text.replaceAll("\u0000", "\u{10ffff}")
  throw new Error("PostgreSQL keeps no text that has U+0000 in it.")
}
