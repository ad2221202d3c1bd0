import { assert, describe, it } from "@effect/vitest"
import { defineSchema, fn, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { defineDomain, defineRemoteFunction } from "../src/index.ts"
import { FakeKernel } from "../src/testing.ts"

const schema = defineSchema("ends.example.dev", {
  functions: {
    run: fn({ output: "stream", returns: Schema.Int }),
    read: fn({ input: "stream", takes: Schema.Int, output: "stream", returns: Schema.Int })
  }
})

interface Told {
  readonly signal: AbortSignal
  readonly input: AsyncIterable<number> | undefined
}

/** A call of a handler that gives `items`, in a scope as its host makes one, and what happened in which order. */
const calling = Effect.fnUntraced(function* (items: (told: Told) => AsyncIterable<number>) {
  const events: Array<string> = []
  const logged: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => logged.push(`${logLevel} ${String(message)}`))
  const run = defineRemoteFunction(schema, "run", {
    execute: ({ signal }) => {
      signal.addEventListener("abort", () => events.push("aborted"))
      return items({ signal, input: undefined })
    }
  })
  const read = defineRemoteFunction(schema, "read", { execute: items })
  const domain = defineDomain({ schema, functions: { run, read } })
  const stream = Effect.fnUntraced(function* (name: "run" | "read", input?: Stream.Stream<unknown>) {
    const scope = yield* Scope.make()
    const result = yield* Scope.provide(
      domain.invoke(
        { name },
        {
          params: {},
          kernel: null,
          caller: null,
          selfKernel: () => FakeKernel.record().kernel,
          auth: null,
          deps: undefined,
          input,
          end: Effect.sync(() => events.push("clients refuse"))
        }
      ),
      scope
    )
    return Stream.onExit(result as Stream.Stream<unknown, PorticoError>, (exit) => Scope.close(scope, exit))
  })
  return { events, logged, stream, quietly: Effect.provide(Logger.layer([logger])) }
})

describe("an iterable that a handler gave", () => {
  it.effect("is waited for when its caller leaves while it is at work, and is told first", () =>
    Effect.gen(function* () {
      const at = Promise.withResolvers<void>()
      const work = Promise.withResolvers<void>()
      const { events, logged, quietly, stream } = yield* calling(async function* () {
        try {
          at.resolve()
          await work.promise
          yield 1
        } finally {
          events.push("finalized")
        }
      })
      const reader = yield* Effect.forkChild(quietly(Stream.runDrain(yield* stream("run"))))
      yield* Effect.promise(() => at.promise)
      const left = yield* Effect.forkChild(Fiber.interrupt(reader), { startImmediately: true })
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(events, ["aborted", "clients refuse"])
      assert.isUndefined(left.pollUnsafe())
      work.resolve()
      yield* Fiber.join(left)
      assert.deepStrictEqual(events.slice(0, 3), ["aborted", "clients refuse", "finalized"])
      assert.deepStrictEqual(logged, [])
    })
  )

  it.effect("that hears nothing is left behind after three seconds, and that is told in the log", () =>
    Effect.gen(function* () {
      const at = Promise.withResolvers<void>()
      const { logged, quietly, stream } = yield* calling(async function* () {
        at.resolve()
        yield await new Promise<number>(() => {})
      })
      const reader = yield* Effect.forkChild(quietly(Stream.runDrain(yield* stream("run"))))
      yield* Effect.promise(() => at.promise)
      const left = yield* Effect.forkChild(Fiber.interrupt(reader), { startImmediately: true })
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(left)
      assert.lengthOf(logged, 1)
      assert.include(logged[0], "Warn /:ends.example.dev:function.run went on")
    })
  )

  it.effect("that waits to be asked for more ends with its clients, and within three seconds", () =>
    Effect.gen(function* () {
      const { events, logged, quietly, stream } = yield* calling(async function* () {
        try {
          yield 1
        } finally {
          await Promise.resolve()
          events.push("finalized")
        }
      })
      yield* quietly(Stream.runDrain(Stream.take(yield* stream("run"), 1)))
      assert.deepStrictEqual(events.slice(0, 2), ["finalized", "aborted"])
      assert.deepStrictEqual(logged, [])

      const at = Promise.withResolvers<void>()
      const hanging = yield* calling(async function* () {
        try {
          yield 1
        } finally {
          at.resolve()
          await new Promise(() => {})
        }
      })
      const taken = Stream.runCollect(Stream.take(yield* hanging.stream("run"), 1))
      const reader = yield* Effect.forkChild(hanging.quietly(taken))
      yield* Effect.promise(() => at.promise)
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(yield* Fiber.join(reader), [1])
      assert.lengthOf(hanging.logged, 1)
    })
  )

  it.effect("that fails at its end harms nobody who left, and that is told in the log", () =>
    Effect.gen(function* () {
      const { logged, quietly, stream } = yield* calling(async function* () {
        try {
          yield 1
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: what a handler may do
          throw new Error("in finally")
        }
      })
      const taken = Stream.runCollect(Stream.take(yield* stream("run"), 1))
      assert.deepStrictEqual(yield* quietly(taken), [1])
      assert.lengthOf(logged, 1)
      assert.include(logged[0], "Error /:ends.example.dev:function.run failed at its end.")
    })
  )

  it.effect("that was read to its end is not asked to end again", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const { quietly, stream } = yield* calling(() => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: true, value: undefined }),
          return: async () => {
            asked.push("return")
            return { done: true, value: undefined }
          }
        })
      }))
      yield* quietly(Stream.runDrain(yield* stream("run")))
      assert.deepStrictEqual(asked, [])
    })
  )

  it.effect("that waits for what is sent wakes up when its caller leaves", () =>
    Effect.gen(function* () {
      const at = Promise.withResolvers<void>()
      const { events, logged, quietly, stream } = yield* calling(async function* ({ input }) {
        try {
          at.resolve()
          for await (const item of input ?? []) yield item
        } catch (error) {
          events.push(`caught ${(error as PorticoError).code}`)
        }
      })
      const reader = yield* Effect.forkChild(quietly(Stream.runDrain(yield* stream("read", Stream.never))))
      yield* Effect.promise(() => at.promise)
      yield* Fiber.interrupt(reader)
      assert.deepStrictEqual(events.slice(0, 2), ["clients refuse", "caught CANCELLED"])
      assert.deepStrictEqual(logged, [])
    })
  )
})
