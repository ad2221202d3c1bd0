import { PostgresDatabase } from "@portico/gate-adapters/postgres"
import type { PorticoError } from "@portico/schema"
import { freshDatabase } from "@portico/test-support/postgres"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authority, Kernel, kernelLayer, SchemaInstaller } from "../../src/index.ts"
import { extensions, migrations } from "../support/kernel.ts"

/** One of several processes, as far as the store can tell: a kernel with connections and memory of its own. */
export interface Process {
  readonly kernel: Kernel["Service"]
  readonly installer: SchemaInstaller["Service"]
  readonly call: (path: string, params?: object, as?: Authority) => Effect.Effect<Answer, PorticoError>
  readonly code: (path: string, params?: object, as?: Authority) => Effect.Effect<string>
}

// Boundary: tests look at whatever came back.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Answer = any

/** A database for the test, and processes on it. */
export const onOneDatabase = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => freshDatabase()),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => ({ url, start: start(url) })
)

const start = (url: string) =>
  Effect.gen(function* () {
    const layer = kernelLayer().pipe(
      Layer.provide(PostgresDatabase.layer({ url, migrations, poolSize: 2 })),
      Layer.provide(extensions())
    )
    const context = yield* Layer.build(Layer.fresh(layer))
    const kernel = Context.get(context, Kernel)
    const call: Process["call"] = (path, params, as = Authority.system) =>
      Effect.map(kernel.call(as, params === undefined ? { path } : { path, params }), ({ result }) => result)
    const code: Process["code"] = (path, params, as) =>
      Effect.match(call(path, params, as), { onSuccess: () => "ok", onFailure: (error) => error.code })
    const process: Process = { kernel, installer: Context.get(context, SchemaInstaller), call, code }
    return process
  })
