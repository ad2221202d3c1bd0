import { expect, it } from "@effect/vitest"
import { PostgresDatabase } from "@portico/gate-adapters/postgres"
import { askDatabase, describeWithPostgres } from "@portico/test-support/postgres"
import * as Effect from "effect/Effect"
import { bundle, D } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { migrations } from "../support/kernel.ts"
import { onOneDatabase } from "./support.ts"

const ask = (url: string, sql: string) => Effect.promise(() => askDatabase(url, sql))

describeWithPostgres("a graph whose tables were copied before an upgrade", () => {
  it.effect("is as it was where the copy is put back, and nobody runs on it", () =>
    Effect.gen(function* () {
      const { start, url } = yield* onOneDatabase
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { call, installer } = yield* start
          yield* installer.install(bundle)
          const links = [{ edgeClass: D.works_on.ref, target: "/p", props: { role: "r" } }]
          yield* call("/:kernel.portico.dev:interface.Node:mutate", {
            ops: [
              { op: "createNode", class: D.Project.ref, path: "/p", props: { title: "p" } },
              { op: "createNode", class: D.Contact.ref, path: "/ada", props: { email: "a@x.example" }, links }
            ]
          })
        })
      )
      const upgrade = { module: "kernel", step: { id: "9999_worse", up: ["DELETE FROM nodes", "DROP TABLE edges"] } }
      const open = (steps: typeof migrations) =>
        PostgresDatabase.make({ url, migrations: steps, keepBackups: 1, poolSize: 1 })
      const [{ name } = {}] = yield* Effect.scoped(
        Effect.gen(function* () {
          const instance = yield* open([...migrations, upgrade])
          yield* instance.read((conn) => conn.prepare("SELECT 1 AS one").get())
          const found = yield* ask(
            url,
            "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'portico!_%' ESCAPE '!'"
          )
          const running = yield* Effect.exit(ask(url, `CALL ${found[0]?.name}.restore()`))
          expect(String(running)).toContain("stop it first")
          return found
        })
      )
      yield* ask(url, `CALL ${name}.restore()`)
      const { call } = yield* start
      yield* call("/ada::update", { props: { company: "new" } })
      yield* call("/p::link", { edgeClass: D.blocks.ref, target: "/p" }).pipe(Effect.ignore)
      expect((yield* call("/ada::getLinks")).edges).toHaveLength(1)
      const found = yield* Effect.provide(violations, PostgresDatabase.layer({ url, migrations, poolSize: 1 }))
      expect(found).toEqual([])
    }).pipe(Effect.scoped)
  )
})
