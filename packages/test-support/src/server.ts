import { randomBytes } from "node:crypto"
import { Client } from "pg"

/** Milliseconds in which a server on this machine answers, or is none. */
const patience = 2_000

const withClient = async <A>(url: string, use: (client: Client) => Promise<A>): Promise<A> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: patience })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** The server to test with. One that was named is not checked: if it does not answer, the tests say so. */
const findServer = async (): Promise<string | undefined> => {
  const named = process.env.PORTICO_TEST_POSTGRES_URL
  if (named !== undefined && named !== "") return named
  const local = "postgres://postgres@127.0.0.1:5432/postgres"
  return withClient(local, async () => local).catch(() => undefined)
}

/** The server's URL; `undefined` where there is none. */
export const server = await findServer()

/**
 * What one statement answers, on a connection of its own: whatever a pool of the code under test is doing.
 *
 * @example
 * ```ts no-run
 * import { askDatabase, freshDatabase } from "@portico/test-support/postgres"
 *
 * const { drop, url } = await freshDatabase()
 * console.log(await askDatabase(url, "SELECT 1 AS one")) // [{ one: 1 }]
 * await drop()
 * ```
 */
export const askDatabase = (url: string, sql: string): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>> =>
  withClient(url, async (client) => (await client.query(sql)).rows)

/** A database of one's own. */
export interface FreshDatabase {
  /** `postgres://…`, as a superuser or whoever the server was named with. */
  readonly url: string
  /** Drops it, and cuts off whoever is still connected. */
  readonly drop: () => Promise<void>
}

/**
 * Makes a database that no other test has: empty, or a copy of another one, which nobody may be connected to. Call `drop` when the tests of the file are over.
 *
 * @example
 * ```ts no-run
 * import { freshDatabase } from "@portico/test-support/postgres"
 *
 * const { drop, url } = await freshDatabase()
 * console.log(url)
 * await drop()
 * ```
 */
export const freshDatabase = async (template?: string): Promise<FreshDatabase> => {
  if (server === undefined) throw new Error("No PostgreSQL server answers; name one by PORTICO_TEST_POSTGRES_URL.")
  const name = `portico_test_${randomBytes(8).toString("hex")}`
  // Nobody is ever connected to this one.
  const source = template === undefined ? "template0" : new URL(template).pathname.slice(1)
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${source}`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: async () => {
      await withClient(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    }
  }
}
