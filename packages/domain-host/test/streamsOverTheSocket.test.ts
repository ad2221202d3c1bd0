import { assert, describe, it } from "@effect/vitest"
import { PorticoSocket } from "@portico/client/socket"
import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { GatewayInstance } from "@portico/gate"
import { NodeGateway } from "@portico/gate/node"
import { compileDomain, defineSchema, fn, PorticoError, READ, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { makeProduct } from "./product.ts"

const auth = "optional"
const schema = defineSchema("both.example.dev", {
  functions: {
    echo: fn({ auth, input: "stream", takes: Schema.DateFromString, output: "stream", returns: Schema.DateFromString }),
    written: fn({ auth, input: "stream", takes: Schema.String, output: "binary" }),
    letters: fn({ auth, input: "binary", output: "stream", returns: Schema.String }),
    copy: fn({ auth, input: "binary", output: "binary" }),
    repeat: fn({ auth, input: "stream", takes: Schema.String, output: "stream", returns: Schema.String }),
    refusing: fn({ auth, input: "stream", takes: Schema.Int, output: "stream", returns: Schema.Int })
  }
})
const D = compileDomain(schema).functions

const signal = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { resolve, promise, reached: Effect.promise(() => promise) }
}

/** A product with a domain that streams both ways, and a socket to it that cannot do anything over HTTP. */
const connected = Effect.gen(function* () {
  const handlerEnded = signal()
  const functions = {
    echo: defineRemoteFunction(schema, "echo", {
      auth,
      execute: async function* ({ input }) {
        try {
          yield* input
        } finally {
          handlerEnded.resolve()
        }
      }
    }),
    written: defineRemoteFunction(schema, "written", { auth, execute: ({ input }) => Stream.encodeText(input) }),
    letters: defineRemoteFunction(schema, "letters", {
      auth,
      execute: ({ input }) => Stream.flatMap(Stream.decodeText(input), (text) => Stream.fromIterable(text))
    }),
    copy: defineRemoteFunction(schema, "copy", { auth, execute: ({ input }) => input }),
    /** Gives the first item again and again, and reads no other. */
    repeat: defineRemoteFunction(schema, "repeat", {
      auth,
      execute: async function* ({ input }) {
        let first = ""
        for await (const item of input) {
          first = item
          break
        }
        try {
          for (;;) yield first
        } finally {
          handlerEnded.resolve()
        }
      }
    }),
    refusing: defineRemoteFunction(schema, "refusing", {
      auth,
      execute: async function* ({ input }) {
        for await (const n of input) {
          if (n === 3) throw PorticoError.make("CONSTRAINT_VIOLATED", "no third", { n })
          yield n
        }
      }
    })
  }
  const definition = defineDomain({ schema, functions, grants: { everyone: [READ, USE] } })
  const flags = { "gate.port": "0", "gate.accessLog": false, "database.file": ":memory:" }
  const { restart, url } = yield* Effect.provide(
    GatewayInstance.start(makeProduct({ bundled: [definition] }), { settings: { flags } }),
    NodeGateway.layer
  )
  const portico = yield* PorticoSocket.open({
    url,
    token: "01a1fbf4-da55-7000-8000-000000000001",
    fetch: () => Promise.reject(new Error("went over HTTP"))
  })
  return { portico, restart, handlerEnded: handlerEnded.reached }
})

/** The event loop goes round so often. */
const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

/** What came of a stream before it ended, and how. */
const outcome = async <A>(items: AsyncIterable<A>) => {
  const seen: Array<A> = []
  try {
    for await (const item of items) seen.push(item)
  } catch (error) {
    return { seen, error }
  }
  return { seen }
}

const text = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
  const { error, seen } = await outcome(pieces)
  if (error !== undefined) throw error
  return Buffer.concat(seen).toString()
}

const bytes = (content: string) => new TextEncoder().encode(content)

describe("a call over the socket that streams both ways", () => {
  it.live("takes and gives items and bytes, in every combination", () =>
    Effect.gen(function* () {
      const { portico } = yield* connected
      yield* Effect.promise(async () => {
        const days = [1, 2, 3].map((n) => new Date(n))
        assert.deepStrictEqual(await outcome(portico.stream(D.echo, {}, { input: days })), { seen: days })
        assert.strictEqual(await text(portico.bytes(D.written, {}, { input: ["some ", "bytes"] })), "some bytes")
        assert.deepStrictEqual(await outcome(portico.stream(D.letters, {}, { input: bytes("abc") })), {
          seen: ["a", "b", "c"]
        })
        // Longer than a message.
        const long = "0123456789".repeat(100_000)
        assert.strictEqual(await text(portico.bytes(D.copy, {}, { input: bytes(long) })), long)
        assert.deepStrictEqual(await outcome(portico.stream(D.echo, {}, { input: [] })), { seen: [] })
      })
    })
  )

  it.live("goes both ways at once", () =>
    Effect.gen(function* () {
      const { portico } = yield* connected
      const heard = [signal(), signal(), signal()]
      // Each is sent when the one before has come back.
      const input = async function* () {
        for (const n of [0, 1, 2]) {
          if (n > 0) await heard[n - 1]?.promise
          yield new Date(n)
        }
      }
      yield* Effect.promise(async () => {
        for await (const day of portico.stream(D.echo, {}, { input: input() })) heard[day.getTime()]?.resolve()
      })
      yield* Effect.forEach(heard, ({ reached }) => reached)
    })
  )

  it.live("waits for a caller that does not read, while other calls go on beside it", () =>
    Effect.gen(function* () {
      const { portico } = yield* connected
      const count = 400
      let sent = 0
      const input = async function* () {
        for (; sent < count; sent++) yield `${sent}:`.padEnd(8_192, "x")
      }
      yield* Effect.promise(async () => {
        const items = portico.bytes(D.written, {}, { input: input() })[Symbol.asyncIterator]()
        let read = Buffer.from((await items.next()).value ?? "").toString()
        for (let before = -1; before !== sent; await turns(1_000)) before = sent
        // What fits into the buffers on the way is sent, and no more.
        assert.isBelow(sent, 60)
        assert.deepStrictEqual(await outcome(portico.stream(D.letters, {}, { input: bytes("ab") })), {
          seen: ["a", "b"]
        })
        for (let next = await items.next(); next.done !== true; next = await items.next()) {
          read += Buffer.from(next.value).toString()
        }
        const whole = Array.from({ length: count }, (_, n) => `${n}:`.padEnd(8_192, "x")).join("")
        assert.isTrue(read === whole)
      })
    })
  )

  it.live("ends its handler, and closes what it reads, when its caller reads no further", () =>
    Effect.gen(function* () {
      const { handlerEnded, portico } = yield* connected
      const closed = signal()
      const input = async function* () {
        try {
          for (let n = 0; ; n++) yield new Date(n)
        } finally {
          closed.resolve()
        }
      }
      yield* Effect.promise(async () => {
        for await (const day of portico.stream(D.echo, {}, { input: input() })) if (day.getTime() === 2) break
      })
      yield* handlerEnded
      yield* closed.reached
      const controller = new AbortController()
      const given = portico.stream(D.repeat, {}, { input: ["a"], signal: controller.signal })
      yield* Effect.promise(async () => {
        const items = given[Symbol.asyncIterator]()
        await items.next()
        controller.abort()
        const rest = async () => {
          while ((await items.next()).done !== true);
        }
        assert.strictEqual(await rest().then(String, ({ code }: PorticoError) => code), "CANCELLED")
      })
    })
  )

  it.live("closes what is sent where its handler reads no further, and goes on giving", () =>
    Effect.gen(function* () {
      const { handlerEnded, portico } = yield* connected
      const closed = signal()
      const input = async function* () {
        try {
          for (let n = 0; ; n++) yield `${n}`
        } finally {
          closed.resolve()
        }
      }
      const items = portico.stream(D.repeat, {}, { input: input() })[Symbol.asyncIterator]()
      yield* Effect.promise(() => items.next())
      yield* closed.reached
      assert.deepStrictEqual(yield* Effect.promise(() => items.next()), { done: false, value: "0" })
      yield* Effect.promise(async () => items.return?.())
      yield* handlerEnded
    })
  )

  it.live("tells how it failed, on either side, after what came before", () =>
    Effect.gen(function* () {
      const { handlerEnded, portico } = yield* connected
      yield* Effect.promise(async () => {
        const refused = await outcome(portico.stream(D.refusing, {}, { input: [1, 2, 3, 4] }))
        assert.deepStrictEqual(refused.seen, [1, 2])
        assert.deepInclude(refused.error, { code: "CONSTRAINT_VIOLATED", message: "no third" })
        const misfit = await outcome(portico.stream(D.refusing.path, {}, { input: [1, "two"] }))
        assert.deepStrictEqual(misfit.seen, [1])
        assert.deepInclude(misfit.error, { code: "INVALID_PARAMS" })
        const broken = async function* () {
          yield new Date(1)
          throw PorticoError.make("NOT_FOUND", "nothing more is there")
        }
        const brokeOff = await outcome(portico.stream(D.echo, {}, { input: broken() }))
        assert.deepInclude(brokeOff.error, { code: "NOT_FOUND", message: "nothing more is there" })
        const circular: Record<string, unknown> = {}
        circular.self = circular
        const unwritable = await outcome(portico.stream(D.echo.path, {}, { input: [circular] }))
        assert.include(String(unwritable.error), "circular")
        for (const wrong of [
          portico.call(D.echo.path, {}, { input: [] }),
          text(portico.bytes(D.echo.path, {}, { input: [] }))
        ]) {
          const error = await wrong.then(String, (failure: PorticoError) => failure)
          assert.deepInclude(error, { code: "INVALID_PARAMS" })
        }
      })
      yield* handlerEnded
    })
  )

  it.live("ends with what runs the domain, and with the connection", () =>
    Effect.gen(function* () {
      const { handlerEnded, portico, restart } = yield* connected
      const items = () => portico.stream(D.repeat, {}, { input: ["a"] })[Symbol.asyncIterator]()
      const code = (given: AsyncIterator<string>) =>
        Effect.promise(async () => {
          try {
            while ((await given.next()).done !== true);
            return "it ended"
          } catch (error) {
            return error instanceof PorticoError ? error.code : String(error)
          }
        })
      const one = items()
      yield* Effect.promise(() => one.next())
      yield* restart("domains")
      assert.strictEqual(yield* code(one), "UNAVAILABLE")
      yield* handlerEnded
      const another = items()
      yield* Effect.promise(() => another.next())
      yield* Effect.promise(() => portico.close())
      assert.notStrictEqual(yield* code(another), "it ended")
    })
  )
})
