// A product of database, kernel and an authenticator that knows one token, with nodes ten folders deep. Prints its URL,
// the token and a path. On a file with FULL sync in the folder that it is given.
import { join } from "node:path"
import { Authenticator, GateError, Gateway, GatewayInstance } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { NodeGateway } from "@portico/gate/node"
import { SqliteDatabase } from "@portico/gate-adapters/sqlite"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Authority, Kernel, KernelModule, kernelMigrations } from "../../src/index.ts"

const token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
const caller: { id: string } = { id: "" }
const unknown = Effect.fail(GateError.make("UNAUTHENTICATED"))

const DatabaseModule = Gateway.module.define({
  id: "database",
  displayName: "Database",
  provides: [Database],
  layer: SqliteDatabase.layer({
    filename: join(process.argv[2] ?? ".", "data.db"),
    migrations: kernelMigrations.map((step) => ({ module: "kernel", step }))
  })
})

const AuthModule = Gateway.module.define({
  id: "auth",
  displayName: "Auth",
  provides: [Authenticator],
  layer: Layer.succeed(Authenticator, {
    authenticate: (request) =>
      request.headers.authorization === `Bearer ${token}`
        ? Effect.succeedSome({
            id: caller.id,
            kind: "User",
            name: "ada",
            operator: false,
            credential: { kind: "api-key" }
          })
        : unknown
  })
})

const deep = Array.from({ length: 10 }, (_, i) => `folder${i}`)

const FillModule = Gateway.module.define({
  id: "fill",
  displayName: "Fill",
  requires: [Kernel],
  layer: Layer.effectDiscard(
    Effect.gen(function* () {
      const kernel = yield* Kernel
      const call = (path: string, params: object) => kernel.call(Authority.system, { path, params })
      const create = (path: string, ref: string, props: object = {}) =>
        call(K.Node.createNode.path, { class: ref, path, props })
      const { result } = yield* create("/identities/ada", K.User.ref)
      // Boundary: what createNode answers.
      caller.id = (result as { readonly id: string }).id
      yield* create("/identities/team", K.Group.ref)
      yield* call("/identities/team::addMember", { member: "/identities/ada" })
      for (let i = 0; i < deep.length; i++) yield* create(`/${deep.slice(0, i + 1).join("/")}`, K.Folder.ref)
      yield* call("/identities/team::grantPerm", { node: "/folder0", perms: 7 })
      for (let i = 0; i < 1_000; i++) yield* create(`/${deep.join("/")}/n${i}`, K.Folder.ref, { name: `Node ${i}` })
    }).pipe(Effect.orDie)
  )
})

const product = Gateway.make({
  identity: { id: "bench", name: "Bench" },
  modules: [DatabaseModule, KernelModule, AuthModule, FillModule]
})

GatewayInstance.start(product, {
  settings: { flags: { "gate.port": "0", "gate.host": "127.0.0.1", "gate.accessLog": "false" } }
}).pipe(
  Effect.tap(({ url }) => Effect.sync(() => console.log(url))),
  Effect.andThen(Effect.never),
  Effect.scoped,
  Effect.provide(NodeGateway.layer),
  Effect.runFork
)
