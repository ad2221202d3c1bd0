// A kernel on a file of its own, and the nodes and edges that benchmarks look at.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Extensions } from "@portico/gate"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { compileDomain, defineSchema, edgeClass, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Authority, Kernel, kernelLayer, kernelMigrations, SchemaInstaller } from "../../src/index.ts"

const Thing = nodeClass({
  implements: [KernelSchema.interfaces.Named, KernelSchema.interfaces.Container],
  props: { text: Schema.optionalKey(Schema.String) }
})
const likes = edgeClass(
  { as: "one", types: [Thing] },
  { as: "other", types: [Thing] },
  { props: { weight: Schema.optionalKey(Schema.Int) } }
)
const schema = defineSchema("bench.example.dev", { classes: { Thing, likes }, imports: [KernelSchema] })
export const D = compileDomain(schema)

const noExtensions = Layer.succeed(Extensions, {
  ref: () => ({ current: [], away: [], version: 0, when: () => Effect.void })
})

/** A kernel over the file `data.db` of a folder. */
export const kernelIn = (
  folder: string,
  { cacheNodes = 100_000, synchronous = "NORMAL" }: { cacheNodes?: number; synchronous?: "FULL" | "NORMAL" } = {}
) =>
  kernelLayer({ cacheNodes }).pipe(
    Layer.provideMerge(
      SqliteDatabase.layer({
        filename: join(folder, "data.db"),
        synchronous,
        migrations: kernelMigrations.map((step) => ({ module: "kernel", step }))
      })
    ),
    Layer.provide(noExtensions)
  )

/** Runs a program in a folder that is gone after it. */
export const inFolder = <A, E>(run: (folder: string) => Effect.Effect<A, E>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "kernel-bench-"))
  return Effect.runPromise(run(folder)).finally(() => rmSync(folder, { recursive: true, force: true }))
}

/** What is granted to whom: `ada` is in `team`, `team` in `staff`, and `staff` may READ, EDIT and USE `/tree`. */
export const setUp = Effect.gen(function* () {
  const kernel = yield* Kernel
  const installer = yield* SchemaInstaller
  const { contract, contractId } = schema
  yield* installer.install({ contract, contractId, requires: [], owns: [], acts: null, grants: {}, postInstall: null })
  const call = (path: string, params: object) => kernel.call(Authority.system, { path, params })
  const create = (path: string, ref: string) => call(K.Node.createNode.path, { class: ref, path })
  const { result } = yield* create("/identities/ada", K.User.ref)
  for (const group of ["team", "staff"]) yield* create(`/identities/${group}`, K.Group.ref)
  yield* call("/identities/team::addMember", { member: "/identities/ada" })
  yield* call("/identities/staff::addMember", { member: "/identities/team" })
  yield* create("/tree", K.Folder.ref)
  yield* call("/identities/staff::grantPerm", { node: "/tree", perms: 7 })
  for (const ref of [D.Thing.ref, D.likes.ref]) {
    const node = `/${ref.replace(":", "/")}`
    yield* call("/identities/staff::grantPerm", { node, perms: 5 })
  }
  // Boundary: what createNode answers.
  return { ada: Authority.identity((result as { readonly id: string }).id) }
})
