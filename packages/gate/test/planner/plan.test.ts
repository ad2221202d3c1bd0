import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { HealthCheck } from "../../src/HealthCheck.ts"
import { Authenticator, Gateway, type Module } from "../../src/index.ts"
import { anyLayer, module, planned, product, route, tag } from "../support/planning.ts"

const Db = tag("app/Db")
const Kernel = tag("app/Kernel")
const Crm = tag("app/Crm")
const layer = anyLayer

const db = module("db", { provides: [Db], layer })
const kernel = module("kernel", { requires: [Db], provides: [Kernel], layer })
const crm = module("crm", { requires: [Kernel, Gateway.optional(Db)], provides: [Crm], layer })
const mail = module("mail", { requires: [Gateway.optional(Crm)] })
const audit = module("audit", { after: ["mail"] })

const plan = (...modules: ReadonlyArray<Module.Any>) => planned(Gateway.plan(product(...modules)))

describe("a plan", () => {
  it("a module starts one wave after the last that it waits for, however the product lists them", () => {
    expect(plan(audit, mail, crm, kernel, db).waves).toEqual([["db"], ["kernel"], ["crm"], ["mail"], ["audit"]])
    expect(plan(db, mail, kernel).waves).toEqual([["db", "mail"], ["kernel"]])
  })

  it("dependencies say which services are taken, and whether they can be missed", () => {
    const found = new Map(plan(db, kernel, crm, mail, audit).modules.map((planned) => [planned.id, planned]))
    expect(found.get("crm")?.dependsOn).toEqual([
      { module: "db", services: ["app/Db"], optional: true },
      { module: "kernel", services: ["app/Kernel"], optional: false }
    ])
    expect(found.get("audit")?.dependsOn).toEqual([{ module: "mail", services: [], optional: false }])
  })

  it("dependents are what a restart takes along: optional takers too, pure ordering not", () => {
    const found = new Map(plan(db, kernel, crm, mail, audit).modules.map((planned) => [planned.id, planned]))
    expect(found.get("db")?.dependents).toEqual(["kernel", "crm", "mail"])
    expect(found.get("mail")?.dependents).toEqual([])
  })

  it("services name their provider and takers; an unmet optional requirement has no provider", () => {
    const found = plan(db, kernel, module("x", { requires: [Gateway.optional(Crm), Gateway.FrameworkSettings] }))
    expect(found.services).toEqual([
      { key: "app/Db", provider: "db", requiredBy: ["kernel"] },
      { key: "app/Kernel", provider: "kernel", requiredBy: [] }
    ])
    expect(found.modules.find(({ id }) => id === "x")?.requires).toEqual([
      { service: "app/Crm", optional: true, provider: null },
      { service: "@portico/gate/FrameworkSettings", optional: false, provider: "gate" }
    ])
  })

  it("an api is expanded to its endpoints, and the innermost auth counts", () => {
    const api = HttpApi.make("crm").add(
      HttpApiGroup.make("contacts")
        .add(
          HttpApiEndpoint.get("list", "/contacts", { success: Schema.String }),
          HttpApiEndpoint.post("ping", "/ping", { success: Schema.String }).annotate(...Gateway.auth("public")),
          HttpApiEndpoint.get("root", "/", { success: Schema.String })
        )
        .annotate(...Gateway.auth("optional"))
    )
    const auth = module("auth", { provides: [Authenticator], layer })
    const found = plan(auth, module("crm", { routes: [{ id: "api", scope: "public", mountPath: "/crm", api }] }))
    expect(found.routes).toEqual(
      [
        ["/crm", "GET", "optional", "contacts.root"],
        ["/crm/contacts", "GET", "optional", "contacts.list"],
        ["/crm/ping", "POST", "public", "contacts.ping"]
      ].map(([path, method, auth, endpoint]) => {
        return { id: "api", module: "crm", scope: "public", auth, method, path, endpoint, handled: false }
      })
    )
  })

  it("contributions stand in start order, with the names that their points give them", () => {
    const check = (name: string) => HealthCheck.of({ name, check: Effect.void })
    const late = module("late", { requires: [Db], contributes: [check("b")] })
    const early = module("early", {
      provides: [Db],
      layer,
      contributes: [check("a"), HealthCheck.effect(Effect.succeed({ name: "c", check: Effect.void }))]
    })
    const found = plan(late, early)
    expect(found.extensionPoints).toEqual([{ id: "gate.health-checks", owner: "gate" }])
    expect(found.contributions.map(({ identity, made, module }) => [module, identity, made])).toEqual([
      ["early", "a", "declared"],
      ["early", null, "at start"],
      ["late", "b", "declared"]
    ])
  })

  it("the runtime gets each module with its settings and routes, and none of it is printed", () => {
    class Store extends Context.Service<Store, { readonly n: number }>()("app/Store") {}
    const config = Schema.Struct({ size: Schema.Int })
    const store = Gateway.module.define({
      id: "store",
      displayName: "Store",
      provides: [Store],
      layer: Layer.succeed(Store, { n: 1 }),
      config,
      routes: [route("/store", { id: "r" })]
    })
    const made = planned(Gateway.plan(product(store), { settings: { flags: { "store.size": 3 } } }))
    const [definition] = made.runtime.modules
    expect(definition?.module).toBe(store)
    expect(definition?.settings).toEqual({ size: 3 })
    expect(definition?.routes[0]?.planned[0]?.path).toBe("/store")
    expect(Object.keys(made)).not.toContain("runtime")
  })
})
