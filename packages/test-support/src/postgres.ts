import { randomBytes } from "node:crypto"
import { Client } from "pg"
import { describeWhere } from "./need.ts"

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

const server = await findServer()

/** Tests that need a PostgreSQL server; skipped by name where there is none. */
export const describeWithPostgres = describeWhere("postgres", server !== undefined)

/** A database of one's own. */
export interface FreshDatabase {
  /** `postgres://…`, as a superuser or whoever the server was named with. */
  readonly url: string
  /** Drops it, and cuts off whoever is still connected. */
  readonly drop: () => Promise<void>
}

/**
 * Makes an empty database that no other test has. Call `drop` when the tests of the file are over.
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
export const freshDatabase = async (): Promise<FreshDatabase> => {
  if (server === undefined) throw new Error("No PostgreSQL server answers; name one by PORTICO_TEST_POSTGRES_URL.")
  const name = `portico_test_${randomBytes(8).toString("hex")}`
  // Nobody may be connected to the template, and nobody ever is to this one.
  await withClient(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE template0`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: async () => {
      await withClient(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    }
  }
}
