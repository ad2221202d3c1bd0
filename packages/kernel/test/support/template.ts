import { Extensions } from "@portico/gate"
import { PostgresDatabase } from "@portico/gate-adapters/postgres"
import { freshDatabase } from "@portico/test-support/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { TestProject } from "vitest/node"
import { Kernel, kernelLayer, kernelMigrations } from "../../src/index.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** URL of a database in which a kernel was booted; tests copy it, and nobody opens it. */
    kernelTemplate: string
  }
}

const noExtensions = Layer.succeed(Extensions, {
  ref: () => ({ current: [], away: [], version: 0, when: () => Effect.void })
})

/** Boots a kernel once for all tests that want one on PostgreSQL. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const { drop, url } = await freshDatabase()
  const migrations = kernelMigrations.map((step) => ({ module: "kernel", step }))
  const layer = kernelLayer().pipe(
    Layer.provide(PostgresDatabase.layer({ url, migrations })),
    Layer.provide(noExtensions)
  )
  await Effect.runPromise(Effect.provide(Kernel, layer))
  project.provide("kernelTemplate", url)
  return drop
}
