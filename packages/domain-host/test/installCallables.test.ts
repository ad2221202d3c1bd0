import { assert, describe, it } from "@effect/vitest"
import { defineDomain, defineRemoteFunction } from "@portico/domain"
import {
  defineSchema,
  EDIT,
  isInstallInProgress,
  isNotFound,
  isPermissionDenied,
  isSchemaInUse,
  K,
  READ,
  USE
} from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { crm, D } from "./crm.ts"
import { start } from "./product.ts"

const local = { local: "crm.example.dev" }
const hosted = { local: [{ definition: crm }] }

describe("Domain:install", () => {
  it.effect("shows what it would change, changes nothing, then does it and runs postInstall", () =>
    Effect.gen(function* () {
      const { admin, host, kernel } = yield* start(hosted)
      const { graph } = yield* admin
      const before = yield* kernel.seq
      const dry = yield* graph.call(K.Domain.install, { ...local, dryRun: true })
      assert.isFalse(dry.installed)
      assert.include(dry.plan.added as ReadonlyArray<string>, "class.Contact")
      assert.deepInclude(dry.plan, { owns: [{ path: "/contacts", state: "new" }] })
      assert.strictEqual(yield* kernel.seq, before)
      const done = yield* graph.call(K.Domain.install, local)
      assert.isTrue(done.installed)
      assert.deepStrictEqual(done.plan.postInstall, { status: "done" })
      assert.strictEqual((yield* graph.get(D.Contact, "/contacts/ada")).props.email, "ada@example.dev")
      assert.isNull((yield* host.domains)[0]?.problem)
      const again = yield* graph.call(K.Domain.install, local)
      assert.isTrue(again.plan.unchanged)
    }).pipe(Effect.scoped)
  )

  it.effect("needs EDIT and SHARE on the root", () =>
    Effect.gen(function* () {
      const { host, kernel, user } = yield* start(hosted)
      const ada = yield* user("ada", { "/": READ | EDIT | USE })
      const seq = yield* kernel.seq
      for (const [callable, params] of [
        [K.Domain.install.path, local],
        [K.Domain.install.path, { ...local, dryRun: true }],
        [K.Domain.uninstall.path, { origin: "crm.example.dev" }]
      ] as const) {
        const error = yield* Effect.flip(ada.graph.call(callable, params))
        assert.isTrue(isPermissionDenied(error))
        assert.deepStrictEqual(error.details?.needs, ["EDIT", "SHARE"])
      }
      assert.strictEqual(yield* kernel.seq, seq)
      assert.isNull((yield* host.domains)[0]?.installed)
    }).pipe(Effect.scoped)
  )

  it.effect("says which domains there are, and what this instance cannot do", () =>
    Effect.gen(function* () {
      const { admin } = yield* start(hosted)
      const { graph } = yield* admin
      const missing = yield* Effect.flip(graph.call(K.Domain.install, { local: "crm.example.de" }))
      assert.isTrue(isNotFound(missing))
      assert.deepStrictEqual(missing.details?.candidates, ["crm.example.dev"])
      assert.strictEqual((yield* Effect.flip(graph.call(K.Domain.install, {}))).code, "INVALID_PARAMS")
      for (const params of [{ url: "http://127.0.0.1:1" }, { package: "crm" }]) {
        assert.strictEqual((yield* Effect.flip(graph.call(K.Domain.install, params))).code, "NOT_IMPLEMENTED")
      }
    }).pipe(Effect.scoped)
  )

  it.effect("of one origin twice at once: one does it, the other is told", () =>
    Effect.gen(function* () {
      const gate = Promise.withResolvers<void>()
      const started = Promise.withResolvers<void>()
      const seed = defineRemoteFunction({
        execute: async () => {
          started.resolve()
          await gate.promise
        }
      })
      const slow = defineDomain({
        schema: defineSchema("slow.example.dev", {}),
        functions: { seed },
        postInstall: seed
      })
      const { host } = yield* start({ local: [{ definition: slow }] })
      const first = yield* Effect.forkChild(host.install("slow.example.dev"))
      yield* Effect.promise(() => started.promise)
      assert.isTrue(isInstallInProgress(yield* Effect.flip(host.install("slow.example.dev"))))
      assert.isTrue(isInstallInProgress(yield* Effect.flip(host.uninstall("slow.example.dev"))))
      gate.resolve()
      assert.deepStrictEqual((yield* Fiber.join(first)).postInstall, { status: "done" })
      assert.isTrue((yield* host.install("slow.example.dev")).installed)
    }).pipe(Effect.scoped)
  )

  it.effect("that is given up leaves the way free for the next", () =>
    Effect.gen(function* () {
      const started = Promise.withResolvers<void>()
      let hang = true
      const seed = defineRemoteFunction({
        execute: async () => {
          started.resolve()
          if (hang) await new Promise(() => {})
        }
      })
      const slow = defineDomain({
        schema: defineSchema("slow.example.dev", {}),
        functions: { seed },
        postInstall: seed
      })
      const { host } = yield* start({ local: [{ definition: slow }] })
      const first = yield* Effect.forkChild(host.install("slow.example.dev"))
      yield* Effect.promise(() => started.promise)
      yield* Fiber.interrupt(first)
      hang = false
      assert.deepStrictEqual((yield* host.install("slow.example.dev")).postInstall, { status: "done" })
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a folder that another domain owns, and says so in the plan", () =>
    Effect.gen(function* () {
      const thief = defineDomain({ schema: defineSchema("thief.example.dev", {}), owns: ["/contacts"] })
      const { admin } = yield* start({ bundled: [crm], local: [{ definition: thief }] })
      const { graph } = yield* admin
      const plan = (yield* graph.call(K.Domain.install, { local: "thief.example.dev", dryRun: true })).plan
      assert.deepStrictEqual(plan.owns, [{ path: "/contacts", state: "conflict", owner: "crm.example.dev" }])
      assert.strictEqual(
        (yield* Effect.flip(graph.call(K.Domain.install, { local: "thief.example.dev" }))).code,
        "SCHEMA_CONFLICT"
      )
    }).pipe(Effect.scoped)
  )
})

describe("Domain:uninstall", () => {
  it.effect("takes the schema out, unless nodes still use it, and the domain can come back", () =>
    Effect.gen(function* () {
      const { admin, settled } = yield* start({ bundled: [crm] })
      yield* settled
      const { graph } = yield* admin
      const uninstall = graph.call(K.Domain.uninstall, { origin: "crm.example.dev" })
      assert.isTrue(isSchemaInUse(yield* Effect.flip(uninstall)))
      yield* graph.delete("/contacts/ada")
      const dry = yield* graph.call(K.Domain.uninstall, { origin: "crm.example.dev", dryRun: true })
      assert.isFalse(dry.uninstalled)
      yield* uninstall
      assert.strictEqual((yield* Effect.flip(graph.call(D.functions.seed))).code, "NOT_FOUND")
      assert.isTrue(isNotFound(yield* Effect.flip(uninstall)))
      yield* graph.call(K.Domain.install, local)
      assert.strictEqual(yield* graph.call(D.functions.seed), 0)
    }).pipe(Effect.scoped)
  )
})

describe("Domain:list", () => {
  it.effect("shows the domains that the caller may see, and whether they run", () =>
    Effect.gen(function* () {
      const secret = defineDomain({ schema: defineSchema("secret.example.dev", {}), grants: { authenticated: [] } })
      const { admin, user } = yield* start({ bundled: [crm, secret] })
      const seen = (yield* (yield* admin).graph.call(K.Domain.list)).domains
      assert.deepStrictEqual(
        seen.map(({ origin, runs }) => [origin, runs]),
        [
          ["crm.example.dev", "in process"],
          ["secret.example.dev", "in process"]
        ]
      )
      const ada = yield* user("ada")
      assert.deepStrictEqual(
        (yield* ada.graph.call(K.Domain.list)).domains.map(({ origin }) => origin),
        ["crm.example.dev"]
      )
    }).pipe(Effect.scoped)
  )
})
