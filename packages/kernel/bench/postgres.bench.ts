// What calls cost on PostgreSQL, beside hand-written `pg` that does the same statements on the same database in the same
// run. Run: node packages/kernel/bench/postgres.bench.ts

import { Extensions } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { PostgresDatabase } from "@portico/gate-adapters/postgres"
import { K } from "@portico/schema"
import { freshDatabase } from "@portico/test-support/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Client } from "pg"
import { Authority, Kernel, kernelLayer, kernelMigrations } from "../src/index.ts"

const { drop, url } = await freshDatabase()
const children = 100
const width = 64

const noExtensions = Layer.succeed(Extensions, {
  ref: () => ({ current: [], away: [], version: 0, when: () => Effect.void })
})
const migrations = kernelMigrations.map((step) => ({ module: "kernel", step }))
const store = kernelLayer().pipe(
  Layer.provideMerge(PostgresDatabase.layer({ url, migrations })),
  Layer.provide(noExtensions)
)

const perSecond = async (count: number, run: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now()
  await run()
  return (count * 1_000) / (performance.now() - begin)
}

const report = (name: string, ours: number, raw: number) =>
  console.log(
    `${name.padEnd(52)} ${ours.toFixed(0).padStart(8)}/s  ${(ours / raw).toFixed(2).padStart(6)} × hand-written (${raw.toFixed(0)}/s)`
  )

/** Runs `count` turns, so many of them at once. */
const together = async (count: number, at: number, turn: (i: number) => Promise<unknown>): Promise<void> => {
  let next = 0
  const lane = async () => {
    for (let i = next++; i < count; i = next++) await turn(i)
  }
  await Promise.all(Array.from({ length: at }, lane))
}

const measure = Effect.gen(function* () {
  const kernel = yield* Kernel
  const { read } = yield* Database
  const call = (path: string, params: object, as = Authority.system) => kernel.call(as, { path, params })
  yield* call(K.Node.createNode.path, { class: K.Folder.ref, path: "/tree" })
  const { result } = yield* call(K.Node.createNode.path, { class: K.User.ref, path: "/identities/ada" })
  // Boundary: what createNode answers.
  const me = Authority.identity((result as { readonly id: string }).id)
  yield* call("/identities/ada::grantPerm", { node: "/", perms: 15 })
  const keep = (i: number) => call(K.Node.createNode.path, { class: K.Folder.ref, path: `/tree/n${i}` })
  yield* Effect.forEach(
    Array.from({ length: children }, (_, i) => i),
    keep,
    { concurrency: width }
  )
  const rows = yield* read((conn) => conn.prepare("SELECT key, class, parent FROM nodes WHERE slug LIKE 'n%'").all())
  const keys = rows.map((row) => Number(row.key))
  const { class: folder, parent } = rows[0] ?? {}
  const ada = yield* read((conn) => conn.prepare("SELECT key FROM nodes WHERE slug = 'ada'").get()?.key)

  yield* Effect.promise(async () => {
    const clients = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const client = new Client({ connectionString: url })
        // If the run fails, the database is dropped under it.
        client.on("error", () => {})
        await client.connect()
        return client
      })
    )
    const free = [...clients]
    const waiting: Array<(client: Client) => void> = []
    const withClient = async <A>(use: (client: Client) => Promise<A>): Promise<A> => {
      const client = free.pop() ?? (await new Promise<Client>((resolve) => waiting.push(resolve)))
      try {
        return await use(client)
      } finally {
        const next = waiting.shift()
        if (next === undefined) free.push(client)
        else next(client)
      }
    }
    const prepared = (client: Client, text: string, values: Array<unknown>) =>
      client.query({ name: text.slice(0, 60), text, values })
    /** A look-up of the node by its path's last slug, and of the masks on it and above it. */
    const rawGet = (i: number) =>
      withClient((client) =>
        prepared(
          client,
          `WITH RECURSIVE up AS (
             SELECT * FROM nodes WHERE parent = $1 AND slug = $2
             UNION ALL SELECT n.* FROM up JOIN nodes n ON n.key = up.parent)
           SELECT up.*, e.mask FROM up LEFT JOIN edges e ON e.target = up.key AND e.source = $3 AND e.mask IS NOT NULL`,
          [parent, `n${i % children}`, ada]
        )
      )
    const get = (i: number) => Effect.runPromise(call(`/tree/n${i % children}::get`, {}, me))
    const rawList = () =>
      withClient((client) =>
        prepared(client, "SELECT * FROM nodes WHERE parent = $1 ORDER BY slug LIMIT 101", [parent])
      )
    const list = () => Effect.runPromise(call("/tree::listChildren", {}, me))
    let made = 0
    const create = () =>
      Effect.runPromise(call(K.Node.createNode.path, { class: K.Folder.ref, path: `/tree/c${made++}` }, me))
    /** The same statements, each create in a transaction of its own. */
    const rawCreate = () =>
      withClient(async (client) => {
        // Below all keys that the kernel will draw.
        const [slug, key] = [`r${made}`, -1_000 - made++]
        await client.query("BEGIN")
        await client.query("SELECT pg_advisory_xact_lock(1)")
        const { rows: counted } = await client.query(
          "UPDATE kernel_meta SET value = value + 1 WHERE name = 'seq' RETURNING value"
        )
        const seq = counted[0]?.value
        await prepared(client, "SELECT key FROM nodes WHERE parent = $1 AND slug = $2", [parent, slug])
        await prepared(
          client,
          "INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '{}')",
          [key, slug, parent, slug, folder, seq]
        )
        await prepared(
          client,
          "INSERT INTO node_changes (seq, at, op, node, half, node_id, path) VALUES ($1, 0, 'create', $2, 'caller', $3, $4)",
          [seq, key, slug, `/tree/${slug}`]
        )
        await client.query("COMMIT")
      })

    const pair = async (
      name: string,
      count: number,
      at: number,
      ours: (i: number) => Promise<unknown>,
      raw: (i: number) => Promise<unknown>
    ) => {
      await together(Math.min(count, 200), at, ours)
      await together(Math.min(count, 200), at, raw)
      const [a, b] = [
        await perSecond(count, () => together(count, at, ours)),
        await perSecond(count, () => together(count, at, raw))
      ]
      report(name, a, b)
    }
    console.log(`${keys.length} children; hand-written with ${clients.length} connections\n`)
    await pair("get by path, checked, one at a time", 1_000, 1, get, rawGet)
    await pair(`get by path, checked, ${width} at once`, 20_000, width, get, rawGet)
    await pair("listChildren, 100 nodes, one at a time", 500, 1, list, rawList)
    await pair(`listChildren, 100 nodes, ${width} at once`, 2_000, width, list, rawList)
    await pair("createNode, durable, one at a time", 100, 1, create, rawCreate)
    await pair(`createNode, durable, ${width} at once`, 2_000, width, create, rawCreate)
    await Promise.all(clients.map((client) => client.end()))
  })
})

await Effect.runPromise(Effect.provide(measure, store)).finally(drop)
