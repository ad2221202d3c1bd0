import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { Gateway, GatewayInstance, type Module } from "../../src/index.ts"
import { NodeGateway } from "../../src/node.ts"
import { GatewayTest } from "../../src/testing.ts"

class Db extends Context.Service<Db, { readonly generation: number; readonly isUp: () => boolean }>()("test/Db") {}
class Pool extends Context.Service<Pool, number>()("test/Pool") {}

const productOf = (...modules: ReadonlyArray<Module.Any>) =>
  Gateway.make({ identity: { id: "test", name: "Test" }, modules })

/** A database that knows which of its lives it is in, and whether that is over. */
const makeDb = () => {
  let generation = 0
  return Gateway.module.define({
    id: "db",
    displayName: "Db",
    provides: [Db],
    layer: Layer.effect(
      Db,
      Effect.gen(function* () {
        let isUp = true
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            isUp = false
          })
        )
        return { generation: ++generation, isUp: () => isUp }
      })
    )
  })
}

const answers = (response: HttpServerResponse.HttpServerResponse = HttpServerResponse.empty()) =>
  Effect.succeed(response)

describe("what a restart takes along", () => {
  it.effect("is also who can do without: what such a module was given is not used on", () =>
    Effect.gen(function* () {
      const Report = Gateway.module.define({
        id: "report",
        displayName: "Report",
        requires: [Gateway.optional(Db)],
        routes: [
          {
            id: "route:report",
            scope: "public",
            auth: "public",
            mountPath: "/report",
            handle: Effect.map(Effect.serviceOption(Db), (db) =>
              HttpServerResponse.jsonUnsafe(db._tag === "Some" ? [db.value.generation, db.value.isUp()] : [])
            )
          }
        ]
      })
      const gateway = yield* GatewayTest.make(productOf(makeDb(), Report))
      expect(gateway.instance.blastRadius("db")).toEqual(["db", "report"])
      expect((yield* gateway.request("/report")).json).toEqual([1, true])
      yield* gateway.instance.restart("db")
      expect((yield* gateway.request("/report")).json).toEqual([2, true])
    })
  )

  it.effect("is said in the log before anything is done, and what becomes of each can be watched", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const User = Gateway.module.define({
        id: "user",
        displayName: "User",
        requires: [Db],
        layer: Layer.effectDiscard(
          Effect.andThen(
            Db,
            Effect.addFinalizer(() => Deferred.await(go))
          )
        )
      })
      const gateway = yield* GatewayTest.make(productOf(makeDb(), User))
      const seen: Array<string> = []
      const watching = Stream.runForEach(gateway.instance.changes, ({ id, status, waitingOn }) =>
        Effect.sync(() => {
          seen.push(`${id} ${status}${waitingOn.length > 0 ? ` on ${waitingOn.join()}` : ""}`)
        })
      )
      yield* Effect.forkChild(watching, { startImmediately: true })
      const restart = yield* Effect.forkChild(gateway.instance.restart("db"), { startImmediately: true })
      expect(gateway.log.map(({ message }) => message)).toEqual(["restarting db, user"])
      expect((yield* gateway.states).map(({ status }) => status)).toEqual(["restarting", "restarting"])
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(restart)
      yield* Effect.yieldNow
      expect(seen).toContain("user restarting on db")
      expect(seen.filter((text) => text.endsWith(" ready"))).toEqual(["db ready", "user ready"])
    })
  )

  it.effect("is nobody else: a request of another module runs on, and is not waited for", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const Other = Gateway.module.define({
        id: "other",
        displayName: "Other",
        routes: [
          {
            id: "route:other",
            scope: "public",
            auth: "public",
            mountPath: "/other",
            handle: Deferred.succeed(arrived, undefined).pipe(
              Effect.andThen(Deferred.await(go)),
              Effect.andThen(answers())
            )
          }
        ]
      })
      const gateway = yield* GatewayTest.make(productOf(makeDb(), Other))
      const running = yield* Effect.forkChild(gateway.request("/other"))
      yield* Deferred.await(arrived)
      // No time passes on this clock, so it would never end if it waited for a deadline.
      yield* gateway.instance.restart("db")
      yield* Deferred.succeed(go, undefined)
      expect((yield* Fiber.join(running)).status).toBe(204)
    })
  )
})

describe("the border of a module", () => {
  /** A layer that two modules build into theirs. */
  const shared = (built: Array<string>) =>
    Layer.effect(
      Pool,
      Effect.acquireRelease(
        Effect.sync(() => built.push("pool")),
        () => Effect.sync(() => void built.push("gone"))
      )
    )

  it.effect(
    "is not crossed by a layer that another uses as well: each builds its own, and a restart builds it anew",
    () =>
      Effect.gen(function* () {
        const events: Array<string> = []
        const pool = shared(events)
        const using = (id: string) =>
          Gateway.module.define({ id, displayName: id, layer: Layer.provide(Layer.effectDiscard(Pool), pool) })
        const gateway = yield* GatewayTest.make(productOf(using("one"), using("two")))
        expect(events).toEqual(["pool", "pool"])
        yield* gateway.instance.restart("one")
        expect(events).toEqual(["pool", "pool", "gone", "pool"])
      })
  )

  it.effect("is crossed by what the module says that it provides, and by nothing else that its layer makes", () =>
    Effect.gen(function* () {
      const Leaky = {
        ...Gateway.module.define({ id: "leaky", displayName: "Leaky", provides: [Pool], layer: shared([]) }),
        layer: Layer.mergeAll(shared([]), Layer.succeed(Db, { generation: 0, isUp: () => true }))
      }
      const Curious = Gateway.module.define({
        id: "curious",
        displayName: "Curious",
        requires: [Pool],
        routes: [
          {
            id: "route:curious",
            scope: "public",
            auth: "public",
            mountPath: "/curious",
            handle: Effect.map(Effect.zip(Effect.serviceOption(Db), Pool), ([db]) => HttpServerResponse.text(db._tag))
          }
        ]
      })
      const gateway = yield* GatewayTest.make(productOf(Leaky, Curious))
      expect((yield* gateway.request("/curious")).text).toBe("None")
    })
  )

  it.effect("keeps a module out that does not give what it says", () =>
    Effect.gen(function* () {
      const Liar = {
        ...Gateway.module.define({ id: "liar", displayName: "Liar", provides: [Pool], layer: shared([]) }),
        layer: Layer.succeedContext(Context.makeUnsafe<unknown>(new Map()))
      }
      const error = yield* Effect.flip(GatewayTest.make(productOf(Liar)))
      expect(error.message).toContain("module liar: ")
    })
  )
})

describe("a stream that is open when its module restarts", () => {
  it.live("is ended when the time to drain is over, before the module that it uses is released", () =>
    Effect.gen(function* () {
      const late: Array<number> = []
      const Ticker = Gateway.module.define({
        id: "ticker",
        displayName: "Ticker",
        requires: [Db],
        routes: [
          {
            id: "route:ticks",
            scope: "public",
            auth: "public",
            mountPath: "/ticks",
            handle: Effect.map(Db, ({ generation, isUp }) =>
              HttpServerResponse.stream(
                Stream.map(Stream.tick("5 millis"), () => {
                  if (!isUp()) late.push(generation)
                  return new TextEncoder().encode(`data: ${generation}\n\n`)
                }),
                { contentType: "text/event-stream" }
              )
            )
          }
        ]
      })
      const instance = yield* Effect.provide(
        GatewayInstance.start(productOf(makeDb(), Ticker), {
          settings: { flags: { "gate.port": "0", "gate.drainDeadline": "100" } }
        }),
        NodeGateway.layer
      )
      const response = yield* Effect.promise(() => fetch(`${instance.url}/ticks`))
      const read = Effect.promise(() =>
        response.text().then(
          () => "ended",
          () => "cut off"
        )
      )
      const reading = yield* Effect.forkChild(read, { startImmediately: true })
      yield* instance.restart("db")
      expect(["ended", "cut off"]).toContain(yield* Fiber.join(reading))
      expect(late).toEqual([])
    })
  )
})
