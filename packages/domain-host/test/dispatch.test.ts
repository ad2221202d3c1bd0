import { assert, describe, it } from "@effect/vitest"
import { defineDomain, defineRemoteFunction, type FunctionContext } from "@portico/domain"
import { defineSchema, type FnDef, isLimitExceeded, isTimeout, type PorticoError, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { start } from "./product.ts"

const runOf = (origin: string) => `/:${origin}:function.run`

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "allowed",
    (error: PorticoError) => error.code
  )

/** A domain whose one function never ends, and what it sees when it is told to. */
const hanging = () => {
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const run = defineRemoteFunction({
    execute: ({ kernel, signal }: FunctionContext<FnDef>) =>
      new Promise<void>(() => {
        signal.addEventListener("abort", () => {
          // A moment later, as code that did not notice would.
          setTimeout(() => codeOf(kernel.get("/")).then(ended.resolve), 0)
        })
        started.resolve()
      })
  })
  const definition = defineDomain({
    schema: defineSchema("slow.example.dev", {}),
    functions: { run },
    acts: { nodes: ["/"], perms: READ }
  })
  return { definition, started: Effect.promise(() => started.promise), ended: Effect.promise(() => ended.promise) }
}

describe("a call into a domain", () => {
  it.effect("ends at its deadline; its signal is aborted and its authority gone", () =>
    Effect.gen(function* () {
      const { definition, ended, started } = hanging()
      const { admin } = yield* start({ bundled: [definition] })
      const { graph } = yield* admin
      const call = yield* Effect.forkChild(Effect.flip(graph.call(runOf("slow.example.dev"))))
      yield* started
      yield* TestClock.adjust("31 seconds")
      assert.isTrue(isTimeout(yield* Fiber.join(call)))
      assert.strictEqual(yield* ended, "CANCELLED")
    })
  )

  it.effect("ends when its caller goes away", () =>
    Effect.gen(function* () {
      const { definition, ended, started } = hanging()
      const { admin } = yield* start({ bundled: [definition] })
      const { graph } = yield* admin
      const call = yield* Effect.forkChild(graph.call(runOf("slow.example.dev")))
      yield* started
      yield* Fiber.interrupt(call)
      assert.strictEqual(yield* ended, "CANCELLED")
    })
  )

  it.effect("ends when the client of its URL disconnects", () =>
    Effect.gen(function* () {
      const { definition, ended, started } = hanging()
      const { admin, gateway } = yield* start({ bundled: [definition] })
      const { headers } = yield* admin
      const controller = new AbortController()
      const { signal } = controller
      const answer = gateway.fetch("/d/slow.example.dev/functions/run", { method: "POST", headers, signal })
      yield* started
      controller.abort()
      assert.strictEqual(yield* ended, "CANCELLED")
      yield* Effect.promise(() => answer.catch(() => undefined))
    })
  )

  it.effect("that goes round between domains is stopped", () =>
    Effect.gen(function* () {
      let calls = 0
      const round = (origin: string, next: string) =>
        defineDomain({
          schema: defineSchema(origin, {}),
          functions: {
            run: defineRemoteFunction({
              execute: async ({ selfKernel }) => {
                calls += 1
                await selfKernel().call(runOf(next))
              }
            })
          }
        })
      const { admin } = yield* start({
        bundled: [round("a.example.dev", "b.example.dev"), round("b.example.dev", "a.example.dev")]
      })
      const error = yield* Effect.flip((yield* admin).graph.call(runOf("a.example.dev")))
      assert.isTrue(isLimitExceeded(error))
      assert.deepInclude(error.details, { limit: "callDepth" })
      assert.strictEqual(calls, 32)
    })
  )
})

describe("what a domain works with", () => {
  it.effect("is made once, when the first handler runs, and released when the product stops", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const deps = (env: { readonly NAME: string }) =>
        Effect.acquireRelease(
          Effect.sync(() => {
            events.push("made")
            return env.NAME
          }),
          () => Effect.sync(() => events.push("released"))
        )
      const run = defineRemoteFunction({ deps, returns: Schema.String, execute: ({ deps }) => deps })
      const definition = defineDomain({
        schema: defineSchema("deps.example.dev", {}),
        env: Schema.Struct({ NAME: Schema.String }),
        deps,
        functions: { run }
      })
      yield* Effect.gen(function* () {
        const { admin } = yield* start({ local: [{ definition, bundled: true, env: { NAME: "pool" } }] })
        const { graph } = yield* admin
        assert.deepStrictEqual(events, [])
        const calls = Array.from({ length: 10 }, () => graph.call(runOf("deps.example.dev")))
        const results = yield* Effect.all(calls, { concurrency: "unbounded" })
        assert.deepStrictEqual([...new Set(results)], ["pool"])
        assert.deepStrictEqual(events, ["made"])
      }).pipe(Effect.scoped)
      assert.deepStrictEqual(events, ["made", "released"])
    })
  )

  for (const how of ["at work", "not read on", "left by their callers"]) {
    it.effect(`is there until generators have ended that are ${how} when the product stops`, () =>
      Effect.gen(function* () {
        const events: Array<string> = []
        const stopping = Promise.withResolvers<void>()
        const begun = Promise.withResolvers<void>()
        const work = Promise.withResolvers<void>()
        const deps = () => Effect.acquireRelease(Effect.void, () => Effect.sync(() => events.push("released")))
        const output = { deps, output: "stream", returns: Schema.Int } as const
        const heeding = defineRemoteFunction({
          ...output,
          execute: ({ signal }) => {
            signal.addEventListener("abort", () => stopping.resolve())
            return Stream.concat(Stream.make(1), Stream.never)
          }
        })
        const working = defineRemoteFunction({
          ...output,
          execute: async function* () {
            try {
              if (how === "at work") {
                begun.resolve()
                await work.promise
              }
              yield 1
            } finally {
              begun.resolve()
              await work.promise
              events.push("ended")
            }
          }
        })
        const functions = { heeding, working }
        const definition = defineDomain({ schema: defineSchema("deps.example.dev", {}), deps, functions })
        const scope = yield* Scope.make()
        const { admin } = yield* Scope.provide(start({ bundled: [definition] }), scope)
        const { graph } = yield* admin
        const readerOf = (name: string) =>
          Effect.map(Stream.toAsyncIterableEffect(graph.stream(`/:deps.example.dev:function.${name}`)), (given) =>
            given[Symbol.asyncIterator]()
          )
        const heard = yield* readerOf("heeding")
        yield* Effect.promise(() => heard.next())
        const reading = yield* readerOf("working")
        yield* Effect.promise(async () => {
          const first = reading.next()
          if (how === "at work") {
            // The stop is what it fails with.
            first.catch(() => undefined)
            return begun.promise
          }
          await first
          if (how === "not read on") return
          void reading.return?.()
          await begun.promise
        })
        const stop = yield* Effect.forkChild(Scope.close(scope, Exit.void))
        yield* Effect.promise(() => stopping.promise)
        yield* TestClock.adjust("2 seconds")
        assert.deepStrictEqual(events, [])
        work.resolve()
        yield* Fiber.join(stop)
        assert.deepStrictEqual(events, ["ended", "released"])
      })
    )
  }

  it.effect("is tried again by the next call where it could not be made", () =>
    Effect.gen(function* () {
      let up = false
      const deps = () => (up ? "pool" : Promise.reject(new Error("connection refused, password=hunter2")))
      const run = defineRemoteFunction({ deps, returns: Schema.String, execute: ({ deps }) => deps })
      const definition = defineDomain({ schema: defineSchema("deps.example.dev", {}), deps, functions: { run } })
      const { admin } = yield* start({ bundled: [definition] })
      const { graph } = yield* admin
      const error = yield* Effect.flip(graph.call(runOf("deps.example.dev")))
      assert.strictEqual(error.code, "UNAVAILABLE")
      assert.notInclude(JSON.stringify(error), "hunter2")
      up = true
      assert.strictEqual(yield* graph.call(runOf("deps.example.dev")), "pool")
    })
  )
})
