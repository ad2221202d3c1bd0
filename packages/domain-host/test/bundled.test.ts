import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { type DomainDefinition, defineDomain, defineRemoteFunction } from "@portico/domain"
import { defineSchema, isContractMismatch, K, nodeClass, PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { crm, D } from "./crm.ts"
import { start } from "./product.ts"

/** Runs with a data folder that outlives each product in it. */
const withFolder = <A, E>(work: (config: Readonly<Record<string, unknown>>) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "portico-domains-"))),
    (folder) => work({ "gate.dataDir": folder, "database.file": "test.db" }),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

/** A domain that does nothing but count its postInstalls, or fail in them. */
const counted = (
  origin: string,
  runs: Array<string>,
  options: { readonly fails?: () => boolean; readonly requires?: ReadonlyArray<string>; readonly more?: boolean } = {}
) => {
  const seed = defineRemoteFunction({
    execute: () => {
      runs.push(origin)
      if (options.fails?.() === true) throw PorticoError.make("UNAVAILABLE", "The mail server is down.")
    }
  })
  return defineDomain({
    schema: defineSchema(origin, options.more === true ? { classes: { More: nodeClass() } } : {}),
    functions: { seed },
    postInstall: seed,
    ...(options.requires === undefined ? undefined : { requires: options.requires })
  })
}

const readyz = (gateway: {
  readonly request: (path: string) => Effect.Effect<{ readonly status: number; readonly text: string }>
}) => Effect.map(gateway.request("/readyz"), ({ status, text }) => ({ status, text }))

describe("bundled domains", () => {
  it.effect("are installed, seeded and served when the product is ready", () =>
    Effect.gen(function* () {
      const { admin, gateway, host, settled } = yield* start({ bundled: [crm] })
      yield* settled
      assert.strictEqual((yield* readyz(gateway)).status, 200)
      assert.deepInclude((yield* host.domains)[0], {
        origin: "crm.example.dev",
        version: "1.0.0",
        live: crm.bundle.contractId,
        installed: crm.bundle.contractId,
        postInstall: { status: "done" },
        problem: null
      })
      const { graph } = yield* admin
      assert.strictEqual((yield* graph.get(D.Contact, "/contacts/ada")).props.email, "ada@example.dev")
      const path = yield* graph.call(D.ContactOps.createContact, { email: "grace@example.dev" })
      assert.strictEqual(yield* graph.call(D.Contact.mail, {}, { self: path }), "grace@example.dev")
    }).pipe(Effect.scoped)
  )

  it.effect("are those that the setting names", () =>
    Effect.gen(function* () {
      const runs: Array<string> = []
      const bundled = ["a.example.dev", "b.example.dev", "c.example.dev"].map((origin) => counted(origin, runs))
      const installed = (setting: string) =>
        Effect.gen(function* () {
          const { host, settled } = yield* start({ bundled, config: { "domains.bundled": setting } })
          yield* settled
          return (yield* host.domains).filter((one) => one.installed !== null).map(({ origin }) => origin)
        }).pipe(Effect.scoped)
      assert.deepStrictEqual(yield* installed("none"), [])
      assert.deepStrictEqual(yield* installed("a.example.dev, c.example.dev"), ["a.example.dev", "c.example.dev"])
      assert.deepStrictEqual(yield* installed("all"), ["a.example.dev", "b.example.dev", "c.example.dev"])
      const error = yield* Effect.flip(installed("b.example.dev,d.example.dev"))
      assert.include(error.message, "d.example.dev")
      assert.include(error.message, "a.example.dev, b.example.dev, c.example.dev")
    })
  )

  it.effect("come after those that they require, whatever their order in the product", () =>
    Effect.gen(function* () {
      const runs: Array<string> = []
      const second = counted("a.example.dev", runs, { requires: ["b.example.dev"] })
      const first = counted("b.example.dev", runs)
      const { host, settled } = yield* start({ bundled: [second, first] })
      yield* settled
      assert.deepStrictEqual(runs, ["b.example.dev", "a.example.dev"])
      for (const { problem } of yield* host.domains) assert.isNull(problem)
    }).pipe(Effect.scoped)
  )

  it.effect("are installed again at a later start only if they changed", () =>
    withFolder((config) => {
      const runs: Array<string> = []
      const startWith = (definition: DomainDefinition) =>
        Effect.gen(function* () {
          const { host, kernel, settled } = yield* start({ bundled: [definition], config })
          yield* settled
          return { seq: yield* kernel.seq, installed: (yield* host.domains)[0]?.installed }
        }).pipe(Effect.scoped)
      return Effect.gen(function* () {
        const first = yield* startWith(counted("a.example.dev", runs))
        const again = yield* startWith(counted("a.example.dev", runs))
        assert.strictEqual(again.seq, first.seq)
        assert.lengthOf(runs, 1)
        const changed = yield* startWith(counted("a.example.dev", runs, { more: true }))
        assert.isAbove(changed.seq, again.seq)
        assert.notStrictEqual(changed.installed, first.installed)
        assert.lengthOf(runs, 2)
      })
    })
  )

  it.effect(
    "whose postInstall fails say so in readiness, leave the product up, and are tried again at the next start",
    () =>
      withFolder((config) => {
        const runs: Array<string> = []
        let down = true
        const flaky = counted("flaky.example.dev", runs, { fails: () => down })
        const other = counted("other.example.dev", runs)
        const startOnce = Effect.gen(function* () {
          const { gateway, host, settled, user } = yield* start({ bundled: [flaky, other], config })
          yield* settled
          yield* user(`user-${runs.length}`)
          const [first, second] = yield* host.domains
          return { ready: yield* readyz(gateway), first: first?.postInstall, second: second?.postInstall }
        }).pipe(Effect.scoped)
        return Effect.gen(function* () {
          const failed = yield* startOnce
          assert.strictEqual(failed.ready.status, 503)
          assert.include(
            failed.ready.text,
            "postInstall of flaky.example.dev failed: UNAVAILABLE: The mail server is down."
          )
          assert.deepStrictEqual(failed.first, {
            status: "failed",
            code: "UNAVAILABLE",
            message: "The mail server is down."
          })
          assert.deepStrictEqual(failed.second, { status: "done" })
          down = false
          const well = yield* startOnce
          assert.strictEqual(well.ready.status, 200)
          assert.deepStrictEqual(well.first, { status: "done" })
          assert.deepStrictEqual(runs, ["flaky.example.dev", "other.example.dev", "flaky.example.dev"])
        })
      })
  )

  it.effect("abuse 48: whose postInstall was cut short run it again at the next start, until it is on record", () =>
    withFolder((config) => {
      const sent: Array<string> = []
      const first = Promise.withResolvers<void>()
      const seed = defineRemoteFunction({
        execute: async () => {
          sent.push("mail")
          first.resolve()
          // Stopped after what it did elsewhere, and before anybody could write that down.
          if (sent.length === 1) await new Promise(() => {})
        }
      })
      const origin = "cut.example.dev"
      const cut = defineDomain({ schema: defineSchema(origin, {}), functions: { seed }, postInstall: seed })
      const startOnce = <A>(wait: Effect.Effect<A>) =>
        Effect.gen(function* () {
          const { host, settled } = yield* start({ bundled: [cut], config })
          yield* Effect.raceFirst(settled, wait)
          return (yield* host.domains)[0]?.postInstall
        }).pipe(Effect.scoped)
      return Effect.gen(function* () {
        yield* startOnce(Effect.promise(() => first.promise))
        for (let i = 0; i < 2; i++) assert.deepStrictEqual(yield* startOnce(Effect.never), { status: "done" })
        assert.lengthOf(sent, 2)
      })
    })
  )

  it.effect("that are not configured say which variables, at start, and serve nothing", () =>
    Effect.gen(function* () {
      const run = defineRemoteFunction({ execute: () => undefined })
      const needy = defineDomain({
        schema: defineSchema("needy.example.dev", {}),
        env: Schema.Struct({ NEEDY_KEY: Schema.RedactedFromValue(Schema.String) }),
        deps: ({ NEEDY_KEY }) => NEEDY_KEY,
        functions: { run }
      })
      const { admin, gateway } = yield* start({ local: [{ definition: needy, bundled: true, env: {} }] })
      const { status, text } = yield* readyz(gateway)
      assert.strictEqual(status, 503)
      assert.include(text, "needy.example.dev is not configured: NEEDY_KEY is missing.")
      const error = yield* Effect.flip((yield* admin).graph.call("/:needy.example.dev:function.run"))
      assert.strictEqual(error.code, "UNAVAILABLE")
    }).pipe(Effect.scoped)
  )
})

describe("code that is not what is installed", () => {
  const origin = "drift.example.dev"
  const version = (
    classes: Parameters<typeof defineSchema>[1]["classes"],
    returns: typeof Schema.Int | typeof Schema.String
  ) =>
    defineDomain({
      schema: defineSchema(origin, { classes: classes ?? {} }),
      functions: {
        run: defineRemoteFunction({
          returns: returns as typeof Schema.String,
          execute: () => (returns === Schema.Int ? (1 as never) : "one")
        })
      }
    })
  const one = version({ Thing: nodeClass({ props: { size: Schema.Int } }) }, Schema.String)
  const call = `/:${origin}:function.run`

  it.effect(
    "is served with a warning where it has more, and refused where it breaks something, until it is installed",
    () =>
      withFolder((config) =>
        Effect.gen(function* () {
          yield* Effect.scoped(start({ bundled: [one], config }))
          const more = version({ Thing: nodeClass({ props: { size: Schema.Int } }), Other: nodeClass() }, Schema.String)
          yield* Effect.gen(function* () {
            const { gateway, user } = yield* start({
              bundled: [more],
              config: { ...config, "domains.bundled": "none" }
            })
            const ada = yield* user("ada")
            for (let i = 0; i < 2; i++) {
              const answer = yield* gateway.request(`/d/${origin}/functions/run`, {
                method: "POST",
                headers: ada.headers
              })
              assert.deepStrictEqual(answer.json, { result: "one" })
            }
            const warnings = gateway.log.filter(({ level }) => level === "Warn").map(({ message }) => message)
            assert.lengthOf(warnings, 1)
            assert.include(warnings[0], "class.Other")
          }).pipe(Effect.scoped)
          const less = version({}, Schema.Int)
          yield* Effect.gen(function* () {
            const { host, system, user } = yield* start({
              bundled: [less],
              config: { ...config, "domains.bundled": "none" }
            })
            const ada = yield* user("grace")
            const error = yield* Effect.flip(ada.graph.call(call))
            assert.isTrue(isContractMismatch(error))
            assert.include(error.message, "class.Thing")
            assert.include((yield* host.domains)[0]?.problem, "class.Thing")
            yield* host.install(origin, { policy: { breaking: "accept" } })
            assert.strictEqual(yield* ada.graph.call(call), 1)
            assert.isNull((yield* host.domains)[0]?.problem)
            void system
          }).pipe(Effect.scoped)
        })
      )
  )

  it.effect("and cannot be installed at start is a problem of its own: the product runs, and the others do", () =>
    withFolder((config) =>
      Effect.gen(function* () {
        const runs: Array<string> = []
        yield* Effect.gen(function* () {
          const { system } = yield* start({ bundled: [one], config })
          yield* system.create(K.Folder, { path: "/things" })
          yield* system.call("/:kernel.portico.dev:interface.Node:createNode", {
            class: `${origin}:class.Thing`,
            path: "/things/one",
            props: { size: 1 }
          })
        }).pipe(Effect.scoped)
        yield* Effect.gen(function* () {
          const { gateway, host, settled } = yield* start({
            bundled: [version({}, Schema.Int), counted("other.example.dev", runs)],
            config
          })
          yield* settled
          assert.deepStrictEqual(runs, ["other.example.dev"])
          assert.include((yield* readyz(gateway)).text, `${origin} could not be installed`)
          assert.strictEqual((yield* host.domains)[0]?.installed, one.bundle.contractId)
        }).pipe(Effect.scoped)
      })
    )
  )

  it.effect("and does not run here at all is unavailable", () =>
    withFolder((config) =>
      Effect.gen(function* () {
        yield* Effect.scoped(start({ bundled: [one], config }))
        const { host, user } = yield* start({ config })
        const ada = yield* user("ada")
        assert.strictEqual((yield* Effect.flip(ada.graph.call(call))).code, "UNAVAILABLE")
        assert.deepInclude((yield* host.domains)[0], { origin, live: null, installed: one.bundle.contractId })
      }).pipe(Effect.scoped)
    )
  )
})
