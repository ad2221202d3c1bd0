import { type Contributed, Extensions } from "@portico/gate"
import { Database, type SqlValue } from "@portico/gate/database"
import { PostgresDatabase } from "@portico/gate-adapters/postgres"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { K, type PorticoError } from "@portico/schema"
import { freshDatabase } from "@portico/test-support/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { inject } from "vitest"
import {
  Authority,
  type InstallBundle,
  type InstallPolicy,
  Kernel,
  kernelLayer,
  kernelMigrations,
  type NodeView,
  SchemaInstaller
} from "../../src/index.ts"

/** Contributions to the kernel's points, by the point's id. */
export type Contributions = Readonly<Record<string, ReadonlyArray<unknown>>>

export const extensions = (given: Contributions = {}, away: ReadonlyArray<string> = []): Layer.Layer<Extensions> =>
  Layer.succeed(Extensions, {
    ref: <A>(point: { readonly id: string }) => ({
      version: 1,
      away,
      when: () => Effect.void,
      // Boundary: a test gives values of the point's type.
      current: (given[point.id] ?? []).map((value): Contributed<A> => ({ module: "test", value: value as A }))
    })
  })

export const migrations = kernelMigrations.map((step) => ({ module: "kernel", step }))

/** A copy of a database on a server in which a kernel was booted before. */
const copied = Layer.effect(
  Database,
  Effect.gen(function* () {
    const { url } = yield* Effect.acquireRelease(
      Effect.promise(() => freshDatabase(inject("kernelTemplate"))),
      ({ drop }) => Effect.promise(drop)
    )
    return yield* PostgresDatabase.make({ url, migrations })
  })
)

/** Whether each statement is a way to a server and back, so that less is done of what is done over and over. */
export const onServer = process.env.PORTICO_TEST_DATABASE === "postgres"

/** A database of its own for each test; which kind, says the run. */
export const database = onServer ? copied : SqliteDatabase.layer({ filename: ":memory:", migrations })

/** A kernel in memory, and the database under it. */
export const kernel = (
  contributions: Contributions = {},
  away: ReadonlyArray<string> = [],
  options: Parameters<typeof kernelLayer>[0] = {}
): Layer.Layer<Kernel | SchemaInstaller | Database, unknown> =>
  kernelLayer(options).pipe(Layer.provideMerge(database), Layer.provide(extensions(contributions, away)))

/** Runs a test on a kernel of its own. */
export const onKernel = <A, E>(
  test: Effect.Effect<A, E, Kernel | SchemaInstaller | Database>,
  contributions?: Contributions,
  away?: ReadonlyArray<string>,
  options?: Parameters<typeof kernelLayer>[0]
): Effect.Effect<A, unknown> => Effect.provide(test, kernel(contributions, away, options), { local: true })

/** Calls as the instance itself, or as somebody. */
export const call = Effect.fnUntraced(function* (
  path: string,
  params?: unknown,
  authority: Authority = Authority.system
) {
  const service = yield* Kernel
  const { result } = yield* service.call(authority, params === undefined ? { path } : { path, params })
  // Boundary: tests look at whatever came back.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  return result as any
})

/** A call that has to fail; gives the error. */
export const refused = (
  path: string,
  params?: unknown,
  authority?: Authority
): Effect.Effect<PorticoError, unknown, Kernel> => Effect.flip(call(path, params, authority))

export const create = (
  path: string,
  options: {
    readonly class?: string
    readonly props?: object
    readonly as?: Authority
    readonly [key: string]: unknown
  } = {}
) => {
  const { as, class: ref = K.Folder.ref, ...rest } = options
  return call(K.Node.createNode.path, { class: ref, path, ...rest }, as)
}

/** A new user, and the authority of one. */
export const user = Effect.fnUntraced(function* (name: string) {
  const { id } = yield* create(`/identities/${name}`, { class: K.User.ref })
  return { id: id as string, path: `/identities/${name}`, as: Authority.identity(id) }
})

export const grant = (identity: string, node: string, perms: unknown, as?: Authority) =>
  call(`${identity}::grantPerm`, { node, perms }, as)

export const get = (path: string, as?: Authority): Effect.Effect<NodeView, unknown, Kernel> =>
  call(`${path}::get`, undefined, as)

/** Puts a domain in. */
export const install = (bundle: InstallBundle, policy?: InstallPolicy) =>
  Effect.flatMap(SchemaInstaller, (installer) => installer.install(bundle, policy))

/** Every row of the kernel's tables but times of installing, as one text: equal texts are an unchanged store. */
export const digest = Effect.flatMap(Database, ({ read }) =>
  read((conn) =>
    JSON.stringify(
      [
        "nodes",
        "edges",
        "node_uniques",
        "node_index",
        "indexed_lists",
        "node_changes",
        "trash",
        "trash_claims",
        "installed_domains",
        "owned_folders",
        "kernel_meta"
      ].map((table) => conn.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all())
    )
  )
)

/** Rows of the store, read past the kernel. */
export const rows = (sql: string, ...params: ReadonlyArray<SqlValue>) =>
  Effect.flatMap(Database, ({ read }) => read((conn) => conn.prepare(sql).all(...params)))
