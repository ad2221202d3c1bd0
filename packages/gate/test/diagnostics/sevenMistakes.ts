// A product with seven mistakes of different kinds, as people make them.
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { Gateway, HealthCheck, type Module } from "../../src/index.ts"

class Db extends Context.Service<Db, string>()("app/Db") {
  static readonly providedBy = "SqliteModule of @portico/gate-adapters"
}
class Mail extends Context.Service<Mail, string>()("app/Mail") {}
class Crm extends Context.Service<Crm, string>()("app/Crm") {}
class Billing extends Context.Service<Billing, string>()("app/Billing") {}

const ok = Effect.succeed(HttpServerResponse.empty())

/** 1: it needs a service that nobody provides. 2: it reads a setting that nobody set. */
export const CrmModule = Gateway.module.define({
  id: "crm",
  displayName: "CRM",
  version: "1.2.0",
  requires: [Db, Billing],
  provides: [Crm],
  config: Schema.Struct({
    pageSize: Gateway.setting(Schema.Int, { description: "Contacts on a page." })
  }),
  layer: Layer.effect(
    Crm,
    Effect.map(Effect.all([Db, Billing]), () => "crm")
  ),
  routes: [{ id: "route:crm", scope: "public", auth: "public", mountPath: "/crm/:id", handle: ok }]
})

/** 3: it and the CRM need each other. 4: a version of the CRM that this one is not. */
export const BillingModule = Gateway.module.define({
  id: "billing",
  displayName: "Billing",
  requires: [Crm],
  provides: [Billing],
  versions: { crm: "^2.0.0" },
  layer: Layer.effect(
    Billing,
    Effect.map(Crm, () => "billing")
  )
})

/** 5: a route that the CRM has under another name. 6: it comes after a module whose name is mistyped. */
export const PortalModule = Gateway.module.define({
  id: "portal",
  displayName: "Portal",
  after: ["biling"],
  routes: [{ id: "route:portal", scope: "public", auth: "public", mountPath: "/crm/:contact", handle: ok }]
})

/** 7: two modules provide mail. */
export const SmtpModule = Gateway.module.define({
  id: "smtp",
  displayName: "SMTP",
  provides: [Mail],
  layer: Layer.succeed(Mail, "smtp"),
  contributes: [HealthCheck.of({ name: "smtp", check: Effect.void })]
})
export const OutboxModule = Gateway.module.define({
  id: "outbox",
  displayName: "Outbox",
  provides: [Mail],
  layer: Layer.succeed(Mail, "outbox")
})

const modules: ReadonlyArray<Module.Any> = [CrmModule, BillingModule, PortalModule, SmtpModule, OutboxModule]
export const product = Gateway.make({ identity: { id: "shop", name: "Shop" }, modules })
