import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Gateway, type Module } from "../../src/index.ts"
import { GatewayTest, moduleFaults, productFaults, withFault } from "../../src/testing.ts"
import { route } from "../support/planning.ts"

class Db extends Context.Service<Db, string>()("test/Db") {}
class Mail extends Context.Service<Mail, string>()("test/Mail") {}

const DbModule = Gateway.module.define({
  id: "db",
  displayName: "Db",
  provides: [Db],
  layer: Layer.succeed(Db, "db"),
  routes: [route("/db")]
})
const MailModule = Gateway.module.define({
  id: "mail",
  displayName: "Mail",
  provides: [Mail],
  layer: Layer.succeed(Mail, "mail"),
  routes: [route("/mail/:id")],
  onBootFailure: "degrade"
})
const WebModule = Gateway.module.define({
  id: "web",
  displayName: "Web",
  requires: [Db, Gateway.optional(Mail)],
  layer: Layer.effectDiscard(Db),
  routes: [route("/web/*")]
})
const NewsModule = Gateway.module.define({
  id: "news",
  displayName: "News",
  requires: [Mail],
  layer: Layer.effectDiscard(Mail),
  routes: [route("/news")]
})

const productOf = (...more: ReadonlyArray<Module.Any>) => {
  const modules: ReadonlyArray<Module.Any> = [DbModule, MailModule, WebModule, NewsModule, ...more]
  return Gateway.make({ identity: { id: "test", name: "Test" }, modules })
}

const checkOf = (product: ReturnType<typeof productOf>, name: string) => {
  const found = productFaults(product, { config: Effect.succeed({ "gate.moduleStopDeadline": 100 }) }).find(
    (check) => check.name === name
  )
  if (found === undefined) throw new Error(`There is no check "${name}".`)
  return found.check
}

describe("productFaults", () => {
  const checks = productFaults(productOf(Gateway.when(false, Gateway.module.define({ id: "off", displayName: "Off" }))))

  it("has a check for each fault of each module that is switched on", () => {
    expect(checks.map(({ name }) => name).slice(0, 4)).toEqual([
      'module "db" does not start: it fails when it has acquired everything',
      'module "db" does not start: it hangs when it has acquired everything',
      'module "db" does not stop: it hangs when it has released everything',
      'module "db" does not stop: it breaks when it has released everything'
    ])
    expect(checks).toHaveLength(4 * Object.keys(moduleFaults).length)
  })

  for (const { check, name } of checks) it.effect(`holds: ${name}`, () => check)

  it.effect("finds a neighbour that does not let go when another fails", () =>
    Effect.gen(function* () {
      const clinging = Gateway.module.define({
        id: "clinging",
        displayName: "Clinging",
        layer: Layer.effectDiscard(Effect.addFinalizer(() => Effect.never))
      })
      const check = checkOf(productOf(clinging), 'module "db" does not stop: it breaks when it has released everything')
      const error = yield* Effect.flip(Effect.catchDefect(check, Effect.fail))
      expect(String(error)).toMatch(/modules that were never released.*clinging/s)
    })
  )

  it.effect("finds a neighbour that cannot do without what it calls optional", () =>
    Effect.gen(function* () {
      const greedy = Gateway.module.define({
        id: "greedy",
        displayName: "Greedy",
        requires: [Gateway.optional(Mail)],
        layer: Layer.effectDiscard(Effect.flatMap(Effect.serviceOption(Mail), Effect.fromOption)),
        onBootFailure: "degrade"
      })
      const check = checkOf(productOf(greedy), 'module "mail" does not start: it fails when it has acquired everything')
      const error = yield* Effect.flip(Effect.catchDefect(check, Effect.fail))
      expect(String(error)).toMatch(/greedy/)
    })
  )
})

describe("withFault", () => {
  it.effect("makes one module fail as it starts, and leaves the others as they are", () =>
    Effect.gen(function* () {
      const { states } = yield* GatewayTest.make(withFault(productOf(), "mail", "fails"))
      expect((yield* states).map(({ id, status }) => `${id} ${status}`)).toEqual([
        "db ready",
        "mail degraded",
        "web ready",
        "news degraded"
      ])
    })
  )

  it("refuses a module that there is not", () => {
    expect(() => withFault(productOf(), "male", "fails")).toThrow('The product has no module "male".')
  })
})
