// What must compile, and what must not. The sentences are checked in messages.test.ts.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { CurrentCaller, Gateway, type Module } from "../../src/index.ts"

class Db extends Context.Service<Db, { readonly rows: number }>()("app/Db") {}
class Crm extends Context.Service<Crm, { readonly contacts: number }>()("app/Crm") {}
class Mailer extends Context.Service<Mailer, { readonly send: Effect.Effect<void> }>()("app/Mailer") {}
/** A tag without a class: its key is no literal type. */
const Clock = Context.Service<{ readonly now: number }>("app/Clock")

const CrmConfig = Schema.Struct({ pageSize: Schema.Int })
const Names = Gateway.extensionPoint<string>("crm.names")

const CrmApi = HttpApi.make("crm").add(
  HttpApiGroup.make("contacts").add(HttpApiEndpoint.get("count", "/count", { success: Schema.Int }))
)
const handlers = HttpApiBuilder.group(CrmApi, "contacts", (group) =>
  group.handle("count", () => Effect.map(Db, (db) => db.rows))
)

const crmLayer = Layer.effect(
  Crm,
  Effect.gen(function* () {
    const db = yield* Db
    const names = yield* Names.ref
    const { pageSize } = yield* Gateway.config(CrmConfig)
    const settings = yield* Gateway.FrameworkSettings
    const mailer = yield* Effect.serviceOption(Mailer)
    const files = yield* FileSystem.FileSystem
    yield* Effect.addFinalizer(() => files.remove(settings.dataDir).pipe(Effect.ignore))
    const size: number = pageSize
    return { contacts: db.rows + names.current.length + size + (mailer._tag === "Some" ? 1 : 0) }
  })
)

// What the framework gives needs no mention; optional services are read with `Effect.serviceOption`.
export const CrmModule = Gateway.module.define({
  id: "crm",
  displayName: "CRM",
  version: "1.2.0",
  requires: [Db, Gateway.optional(Mailer)],
  provides: [Crm],
  layer: crmLayer,
  config: CrmConfig,
  owns: [Names],
  contributes: [Names.of("a"), Names.effect(Effect.map(Crm, (crm) => String(crm.contacts)))],
  routes: [
    { id: "route:crm", scope: "public", mountPath: "/crm", api: CrmApi, handlers },
    {
      id: "route:crm-export",
      scope: "public",
      mountPath: "/crm/export",
      method: "POST",
      auth: "optional",
      handle: Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const { caller } = yield* CurrentCaller
        const crm = yield* Crm
        return HttpServerResponse.text(`${request.url} ${caller._tag} ${crm.contacts}`)
      })
    }
  ]
})

const DbModule = Gateway.module.define({
  id: "db",
  displayName: "Db",
  provides: [Db],
  layer: Layer.succeed(Db, { rows: 1 })
})
const ClockModule = Gateway.module.define({
  id: "clock",
  displayName: "Clock",
  provides: [Clock],
  layer: Layer.succeed(Clock, { now: 1 })
})

/** A layer may provide nothing and only do something. */
export const WorkerModule = Gateway.module.define({
  id: "worker",
  displayName: "Worker",
  requires: [Db],
  layer: Layer.effectDiscard(Effect.flatMap(Db, (db) => Effect.log(db.rows)))
})
export const IdleModule = Gateway.module.define({ id: "idle", displayName: "Idle", layer: Layer.empty })

/** The smallest module. */
export const HelloModule = Gateway.module.define({
  id: "hello",
  displayName: "Hello",
  routes: [{ id: "route:hello", scope: "public", mountPath: "/hello" }]
})

const identity = { id: "p", name: "P" }
export const complete = Gateway.make({ identity, modules: [DbModule, CrmModule, HelloModule, ClockModule] })
export const conditional = Gateway.make({
  identity,
  modules: [Gateway.when(true, DbModule), Gateway.when(false, DbModule), CrmModule]
})
// Types that were lost are left to the planner.
export const untyped = Gateway.make({ identity, modules: [CrmModule] as ReadonlyArray<Module.Any> })
// biome-ignore lint/suspicious/noExplicitAny: what a layer is without types
const anything: any = undefined
export const UntypedModule = Gateway.module.define({
  id: "untyped",
  displayName: "Untyped",
  requires: [Db],
  provides: [Crm],
  layer: anything
})
const lost: Module.Any = DbModule
export const partlyUntyped = Gateway.make({ identity, modules: [lost, lost, CrmModule, DbModule] })
export const empty = Gateway.make({ identity, modules: [] })

// The id stays a literal type.
export const id: "crm" = CrmModule.id

// @ts-expect-error CRM needs a database
Gateway.make({ identity, modules: [CrmModule, HelloModule] })
// @ts-expect-error two modules provide the database
Gateway.make({ identity, modules: [DbModule, DbModule, CrmModule] })
// @ts-expect-error a route needs an id, a scope and a path
Gateway.module.define({ id: "x", displayName: "X", routes: [{ id: "r", scope: "public" }] })
// @ts-expect-error a scope is public or internal
Gateway.module.define({ id: "x", displayName: "X", routes: [{ id: "r", scope: "private", mountPath: "/x" }] })
// @ts-expect-error a path starts with a slash
Gateway.module.define({ id: "x", displayName: "X", routes: [{ id: "r", scope: "public", mountPath: "x" }] })
// @ts-expect-error a module has a name
Gateway.module.define({ id: "x" })
// @ts-expect-error a contribution is made by its point
Gateway.module.define({ id: "x", displayName: "X", contributes: ["a"] })
// @ts-expect-error a point takes values of its own type
Names.of(3)
