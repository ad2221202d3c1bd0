import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Auth, AuthModule } from "@portico/auth"
import { CurrentCaller, Gateway, StartNotice } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { GatewayTest, type TestRequest } from "@portico/gate/testing"
import { DatabaseModule } from "@portico/gate-adapters/database"
import { Authority, Kernel, KernelModule } from "@portico/kernel"
import { K } from "@portico/schema"
import { freshDatabase } from "@portico/test-support/server"
import { Effect, Option } from "effect"
import { HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { inject } from "vitest"
import { temporaryFolder } from "./temporaryFolder.ts"

const who = Effect.map(CurrentCaller, ({ caller }) =>
  HttpServerResponse.jsonUnsafe({ caller: Option.getOrNull(caller) })
)

/** Says who calls, on a route of each kind. */
const probe = Gateway.module.define({
  id: "probe",
  displayName: "Probe",
  routes: [
    { id: "required", scope: "public", mountPath: "/who", handle: who },
    { id: "changed", scope: "public", mountPath: "/who/changed", method: "POST", handle: who },
    { id: "domain", scope: "public", mountPath: "/d/:origin/who", auth: "optional", handle: who },
    { id: "optional", scope: "public", mountPath: "/who/optional", auth: "optional", handle: who },
    { id: "internal", scope: "internal", mountPath: "/gateway/v1/internal/who", handle: who }
  ]
})

/** What survives a restart: the data folder, and a database on a server where that is what is tested with. */
export interface World {
  readonly folder: string
  readonly database: Readonly<Record<string, string>>
}

const database = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => freshDatabase(inject("kernelTemplate"))),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => ({ "database.url": url })
)

export const newWorld = Effect.gen(function* () {
  const folder = yield* temporaryFolder
  const world: World = { folder, database: process.env.PORTICO_TEST_DATABASE === "postgres" ? yield* database : {} }
  return world
})

/** Starts a product with auth, and gives what tests ask of it. */
export const startIn = (world: World, config: Readonly<Record<string, unknown>> = {}) =>
  Effect.gen(function* () {
    const product = Gateway.make({
      identity: { id: "test", name: "Test" },
      modules: [DatabaseModule, KernelModule, AuthModule, probe]
    })
    const gateway = yield* GatewayTest.make(product, {
      config: { "gate.dataDir": world.folder, "gate.publicUrl": "http://localhost", ...world.database, ...config }
    })
    const auth = yield* gateway.get(Auth)
    const kernel = yield* gateway.get(Kernel)
    const database = yield* gateway.get(Database)
    const call = (path: string, params: Readonly<Record<string, unknown>> = {}) =>
      Effect.map(kernel.call(Authority.system, { path, params }), ({ result }) => result as { readonly id: string })
    return {
      ...gateway,
      auth,
      kernel,
      database,
      call,
      operatorToken: () => readFileSync(join(world.folder, "operator.token"), "utf8").trim(),
      /** A new User, and a key of its own. */
      user: (name: string) =>
        Effect.gen(function* () {
          const { id } = yield* call(K.Node.createNode.path, { class: K.User.ref, path: `/identities/${name}` })
          const made = yield* auth.apiKeys.create(id, { name: "test" })
          return { id, path: `/identities/${name}`, key: made.key, keyId: made.id }
        }),
      /** The code in the one-time link, if one is printed. */
      code: Effect.gen(function* () {
        const [notice] = gateway.instance.extensions(StartNotice).current
        const lines = notice === undefined ? [] : yield* notice.value.lines(gateway.instance.url)
        return lines.join("\n").split("#")[1]
      }),
      /** Lets minutes pass until something has come about; a day at most. */
      until: (come: Effect.Effect<boolean>): Effect.Effect<void> =>
        Effect.gen(function* () {
          for (let minute = 0; minute < 1_440; minute++) {
            if (yield* come) return
            yield* TestClock.adjust("1 minute")
          }
          yield* Effect.die(new Error("it has not come about"))
        }),
      status: (path: string, init?: TestRequest) => Effect.map(gateway.request(path, init), ({ status }) => status),
      rows: (sql: string) => database.read((conn) => conn.prepare(sql).all())
    }
  })

export const start = Effect.flatMap(newWorld, (world) => startIn(world))
