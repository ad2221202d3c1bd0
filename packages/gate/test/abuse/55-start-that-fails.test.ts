import { connect, createServer } from "node:net"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { Gateway, GatewayInstance, type Product } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"
import { withFault } from "../../src/testing.ts"
import { anyLayer, module, product, route, tag } from "../support/planning.ts"

class Db extends Context.Service<Db, string>()("test/Db") {}

const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

const isBound = (port: number): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
  })

/** Starts it where anybody could connect. */
const start = (what: Product, port: number) =>
  Effect.provide(GatewayInstance.start(what, { settings: { flags: { "gate.port": port } } }), NodeGateway.layer)

const shop = (events: Array<string>) => {
  const told = (event: string) => Effect.sync(() => void events.push(event))
  const life = (name: string) => Effect.acquireRelease(told(`+${name}`), () => told(`-${name}`))
  const DbModule = Gateway.module.define({
    id: "db",
    displayName: "Db",
    provides: [Db],
    layer: Layer.effect(Db, Effect.as(life("db"), "db"))
  })
  const WebModule = Gateway.module.define({
    id: "web",
    displayName: "Web",
    requires: [Db],
    layer: Layer.effectDiscard(Effect.andThen(Db, life("web")))
  })
  return Gateway.make({ identity: { id: "shop", name: "Shop" }, modules: [DbModule, WebModule] })
}

describe("abuse 55: a module that keeps the product from starting", () => {
  it.effect("by failing: it is named, what was acquired is released in reverse, the port is never bound", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const events: Array<string> = []
      const error = yield* Effect.flip(start(withFault(shop(events), "web", "fails"), port))
      expect(error.message).toContain("module web: ")
      expect(events).toEqual(["+db", "+web", "-web", "-db"])
      expect(yield* isBound(port)).toBe(false)
    })
  )

  it.effect("by hanging: the same when its time is up, and the port is not bound meanwhile", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const events: Array<string> = []
      const starting = yield* Effect.forkChild(Effect.flip(start(withFault(shop(events), "web", "hangs"), port)))
      yield* TestClock.adjust("29 seconds")
      expect(events).toEqual(["+db", "+web"])
      expect(yield* isBound(port)).toBe(false)
      yield* TestClock.adjust("1 second")
      const error = yield* Fiber.join(starting)
      expect(error.message).toContain("module web: it did not start within 30000 ms (it needs db, which had started)")
      expect(events).toEqual(["+db", "+web", "-web", "-db"])
      expect(yield* isBound(port)).toBe(false)
    })
  )

  it.effect("by a route that another has, or a cycle: both are named, and nothing begins", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      let begun = 0
      const counted = Layer.effectDiscard(Effect.sync(() => begun++))
      const refused = yield* Effect.flip(
        start(
          product(
            module("one", { layer: counted, routes: [route("/same")] }),
            module("two", { layer: counted, routes: [route("/same")] }),
            module("hen", { requires: [tag("Egg")], provides: [tag("Hen")], layer: anyLayer }),
            module("egg", { requires: [tag("Hen")], provides: [tag("Egg")], layer: anyLayer })
          ),
          port
        )
      )
      if (refused._tag !== "PlanRefused") return yield* Effect.die(refused)
      const named = refused.diagnostics.map(({ code, modules }) => `${code} ${[...modules].sort().join(", ")}`)
      expect(named.sort()).toEqual(["GATE003 egg, hen", "GATE005 one, two"])
      expect(begun).toBe(0)
      expect(yield* isBound(port)).toBe(false)
    })
  )
})
