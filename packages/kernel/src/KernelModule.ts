import { type Extensions, Gateway, Settings } from "@portico/gate"
import { Database, Migration, type MigrationStep } from "@portico/gate/database"
import { Path, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { kernelRoutes } from "./http.ts"
import { mostOfPage } from "./internal/call/pages.ts"
import { type KernelOptions, makeKernel } from "./internal/makeKernel.ts"
import { mostPropsBytes } from "./internal/schema/props.ts"
import { epochTables } from "./internal/store/epochs.ts"
import { feedTables, movesTables } from "./internal/store/feedTables.ts"
import { findTables, holdsTables } from "./internal/store/findTables.ts"
import { keptTables } from "./internal/store/keptTables.ts"
import { metaTable, tables } from "./internal/store/tables.ts"
import { mergeTables, textTables } from "./internal/store/textIndex.ts"
import { Kernel } from "./Kernel.ts"
import { SchemaInstaller } from "./SchemaInstaller.ts"
import { kernelCalls } from "./socket.ts"

const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const Positive = Schema.Int.check(Schema.isGreaterThan(0))
const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Time = Settings.Millis.check(Schema.isGreaterThan(0))
const day = 86_400_000

/** Settings of the kernel; their keys start with `kernel.`. */
export const KernelConfig = Schema.Struct({
  cacheNodes: withDefault(Gateway.setting(Positive, { description: "Nodes that are kept in memory." }), 100_000),
  callTimeout: withDefault(
    Gateway.setting(Time, {
      description: "Longest time that a call into a domain may take."
    }),
    30_000
  ),
  streamTimeout: withDefault(
    Gateway.setting(Time, {
      description: "Longest time that a call into a domain may last whose input or output is a stream."
    }),
    3_600_000
  ),
  keepTrash: withDefault(
    Gateway.setting(Time, { description: "How long what was deleted can be restored." }),
    30 * day
  ),
  keepHistory: withDefault(
    Gateway.setting(Time, {
      description: "How long it is kept who changed what, for history, watchers and restores."
    }),
    90 * day
  ),
  scanLimit: withDefault(
    Gateway.setting(Positive, { description: "Nodes that a where or an order may look at which no index serves." }),
    10_000
  ),
  importRows: withDefault(
    Gateway.setting(Positive, {
      description:
        "Rows of a file that are imported in one transaction; ten times as many where it is to be whole, or is tried."
    }),
    1_000
  ),
  queryDepth: withDefault(Gateway.setting(Positive, { description: "Edges that a query may follow in a row." }), 16),
  queryVisited: withDefault(
    Gateway.setting(Positive, { description: "Nodes that a query, a count or a check for cycles may come by." }),
    100_000
  ),
  restoreNodes: withDefault(
    Gateway.setting(Positive, {
      description:
        "Nodes that one restore of all below a node may come by; ten times as many changes of place are looked through."
    }),
    10_000
  ),
  pageSize: withDefault(
    Gateway.setting(between(100, mostOfPage), { description: "Items that a page may have; at most 1,000." }),
    1_000
  ),
  batchSize: withDefault(Gateway.setting(Positive, { description: "Changes of one Node:mutate." }), 1_000),
  propsBytes: withDefault(
    Gateway.setting(between(1_024, mostPropsBytes), {
      description: "Bytes that the props of a node or an edge may take as JSON; at most 16 MiB."
    }),
    262_144
  ),
  pathDepth: withDefault(
    Gateway.setting(between(8, Path.maxPathDepth), { description: "Slugs that a path may have; at most 64." }),
    64
  ),
  callDepth: withDefault(
    Gateway.setting(Positive, { description: "Calls that may be within one another, of domains for one." }),
    32
  )
})

const countFromZero = "INSERT INTO kernel_meta (name, value) VALUES ('seq', 0)"

/** The kernel's tables, as steps for the provider of the database. */
export const kernelMigrations: ReadonlyArray<MigrationStep> = [
  {
    id: "0001_graph",
    up: {
      sqlite: [metaTable.sqlite, ...tables, countFromZero],
      postgres: [metaTable.postgres, ...tables, countFromZero]
    }
  },
  { id: "0002_feed", up: feedTables },
  { id: "0004_find", up: findTables },
  { id: "0005_holds", up: holdsTables },
  { id: "0006_text", up: textTables },
  { id: "0007_kept", up: keptTables },
  { id: "0008_epochs", up: { sqlite: [], postgres: epochTables } },
  { id: "0009_merge", up: { sqlite: mergeTables, postgres: [] } },
  { id: "0010_moves", up: movesTables }
]

const defaults: KernelOptions = {
  cacheNodes: 100_000,
  callTimeout: 30_000,
  streamTimeout: 3_600_000,
  keepTrash: 30 * day,
  keepHistory: 90 * day,
  scanLimit: 10_000,
  importRows: 1_000,
  queryDepth: 16,
  queryVisited: 100_000,
  restoreNodes: 10_000,
  pageSize: 1_000,
  batchSize: 1_000,
  propsBytes: 262_144,
  pathDepth: 64,
  callDepth: 32
}

/**
 * The kernel's services over a database that has its tables, booted. For tests and tools; a product has
 * {@link KernelModule}.
 */
export const kernelLayer = (
  options: Partial<KernelOptions> = {}
): Layer.Layer<Kernel | SchemaInstaller, PorticoError, Database | Extensions> =>
  Layer.unwrap(makeKernel({ ...defaults, ...options }))

/** The graph store in the product's database; see {@link Kernel} and {@link SchemaInstaller}. */
export const KernelModule = Gateway.module.define({
  id: "kernel",
  displayName: "Kernel",
  description: "The graph store: nodes, edges, schema, permissions and calls.",
  requires: [Database],
  provides: [Kernel, SchemaInstaller],
  layer: Layer.unwrap(Effect.flatMap(Gateway.config(KernelConfig), makeKernel)),
  config: KernelConfig,
  routes: kernelRoutes,
  contributes: [...kernelMigrations.map((step) => Migration.of(step)), kernelCalls],
  owns: [Kernel.callables, Kernel.dispatcher, Kernel.permissionRecorders, Kernel.refusalListeners]
})
