import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import { Gateway } from "../../src/index.ts"
import { GatewayTest, testModule } from "../../src/testing.ts"

class Greeter extends Context.Service<Greeter, { readonly greet: (name: string) => string }>()("test/Greeter") {}
class Mailer extends Context.Service<Mailer, { readonly sent: Array<string> }>()("test/Mailer") {}

const started: Array<string> = []

const GreeterModule = Gateway.module.define({
  id: "greeter",
  displayName: "Greeter",
  provides: [Greeter],
  layer: Layer.effect(
    Greeter,
    Effect.sync(() => {
      started.push("greeter")
      return { greet: (name: string) => `hello ${name}` }
    })
  )
})

const HelloModule = Gateway.module.define({
  id: "hello",
  displayName: "Hello",
  requires: [Greeter],
  routes: [
    {
      id: "route:hello",
      scope: "public",
      mountPath: "/hello",
      auth: "public",
      handle: Greeter.useSync((greeter) => HttpServerResponse.jsonUnsafe({ greeting: greeter.greet("world") }))
    }
  ]
})

const product = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [GreeterModule, HelloModule] })

describe("GatewayTest", () => {
  it.effect("starts a product and answers its routes without a port", () =>
    Effect.gen(function* () {
      const gateway = yield* GatewayTest.make(product)
      const response = yield* gateway.request("/hello")
      expect(response.status).toBe(200)
      expect(response.json).toEqual({ greeting: "hello world" })
      expect((yield* gateway.states).map(({ id, status }) => [id, status])).toEqual([
        ["greeter", "ready"],
        ["hello", "ready"]
      ])
      expect((yield* gateway.get(Greeter)).greet("you")).toBe("hello you")
    }).pipe(Effect.scoped)
  )

  it.effect("replaces a service by a fake, and does not start the module that it replaces", () =>
    Effect.gen(function* () {
      started.length = 0
      const fake = Layer.succeed(Greeter, { greet: () => "faked" })
      const gateway = yield* GatewayTest.make(product, { fakes: [fake] })
      expect((yield* gateway.request("/hello")).json).toEqual({ greeting: "faked" })
      expect(started).toEqual([])
      expect((yield* gateway.states).map(({ id }) => id)).toEqual(["hello"])
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a fake for a service that no module uses", () =>
    Effect.gen(function* () {
      const fake = Layer.succeed(Mailer, { sent: [] })
      const exit = yield* Effect.exit(GatewayTest.make(product, { fakes: [fake] }))
      expect(Exit.isFailure(exit) && String(exit)).toContain("test/Mailer")
    }).pipe(Effect.scoped)
  )

  it.effect("keeps the points and the place of a module that it replaces", () =>
    Effect.gen(function* () {
      const word = Gateway.extensionPoint<string>("greeter.words")
      const Owner = Gateway.module.define({
        id: "owner",
        displayName: "Owner",
        provides: [Greeter],
        owns: [word],
        layer: Layer.succeed(Greeter, { greet: () => "real" })
      })
      const Other = Gateway.module.define({
        id: "other",
        displayName: "Other",
        after: ["owner"],
        contributes: [word.of("hi")]
      })
      const both = Gateway.make({ identity: { id: "test", name: "Test" }, modules: [Owner, Other] })
      const gateway = yield* GatewayTest.make(both, { fakes: [Layer.succeed(Greeter, { greet: () => "fake" })] })
      expect((yield* gateway.get(Greeter)).greet("")).toBe("fake")
      expect(gateway.instance.extensions(word).current).toEqual([{ module: "other", value: "hi" }])
      const alone = yield* testModule(Other)
      expect((yield* alone.states).map(({ id }) => id)).toEqual(["other"])
    })
  )

  it.effect("tests one module alone, with what it requires given", () =>
    Effect.gen(function* () {
      const gateway = yield* testModule(HelloModule, { provide: Layer.succeed(Greeter, { greet: () => "alone" }) })
      expect((yield* gateway.request("/hello")).json).toEqual({ greeting: "alone" })
    }).pipe(Effect.scoped)
  )
})
