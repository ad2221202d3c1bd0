import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { compileDomain, defineSchema, fn, K, PorticoError, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const Day = Schema.Struct({ day: Schema.DateFromString })

export const schema = defineSchema("streams.example.dev", {
  functions: {
    count: fn({ params: { to: Schema.Int }, output: "stream", returns: Schema.DateFromString }),
    countAsEffect: fn({ params: { to: Schema.Int }, output: "stream", returns: Schema.Int }),
    file: fn({ output: "binary" }),
    failing: fn({
      params: { how: Schema.Literals(["typed", "bug", "misfit", "at once"]) },
      output: "stream",
      returns: Schema.Int
    }),
    quiet: fn({ output: "stream", returns: Schema.Int }),
    watching: fn({ params: { since: Schema.Int }, output: "stream", returns: Schema.String }),
    opened: fn({ output: "stream", returns: Schema.Int }),
    never: fn({ output: "stream", returns: Schema.Int }),
    told: fn({ returns: Schema.Int }),
    days: fn({ params: { most: Schema.optional(Schema.Int) }, input: "stream", takes: Day, returns: Schema.Int }),
    size: fn({ input: "binary", returns: Schema.Int }),
    echo: fn({ input: "stream", takes: Schema.Int, output: "stream", returns: Schema.Int }),
    deeper: fn({ output: "stream", returns: Schema.Int })
  }
})
export const D = compileDomain(schema)

/** A domain that streams, and what became of its handlers. */
export const makeStreams = () => {
  const events: Array<string> = []
  const started = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  const note = (event: string) => events.push(event)

  const count = defineRemoteFunction(schema, "count", {
    execute: async function* ({ kernel, params, signal }) {
      signal.addEventListener("abort", () => note("aborted"))
      try {
        for (let n = 1; n <= params.to; n++) {
          note(`made ${n}`)
          await kernel.whoami()
          yield new Date(n)
        }
      } finally {
        note("finalized")
        ended.resolve()
      }
    }
  })
  const countAsEffect = defineRemoteFunction(schema, "countAsEffect", {
    execute: ({ params }) =>
      Effect.succeed(
        Stream.range(1, params.to).pipe(
          Stream.rechunk(1),
          Stream.tap((n) => Effect.sync(() => note(`made ${n}`))),
          Stream.ensuring(Effect.sync(() => note("finalized")))
        )
      )
  })
  const file = defineRemoteFunction(schema, "file", {
    execute: async function* () {
      yield new TextEncoder().encode("some ")
      yield new TextEncoder().encode("bytes")
    }
  })
  const failing = defineRemoteFunction(schema, "failing", {
    execute: ({ params: { how } }) => {
      if (how === "at once") throw PorticoError.make("REV_CONFLICT", "not now")
      return (async function* () {
        yield 1
        if (how === "typed") throw PorticoError.make("CONSTRAINT_VIOLATED", "no more than one", { most: 1 })
        if (how === "bug") throw new Error("password=hunter2")
        yield 1.5
      })()
    }
  })
  /** Gives nothing any more after its first item. */
  const quiet = defineRemoteFunction(schema, "quiet", {
    execute: () =>
      Stream.concat(Stream.make(1), Stream.never).pipe(Stream.ensuring(Effect.sync(() => note("finalized"))))
  })
  /** Streams what the kernel streams. */
  const watching = defineRemoteFunction(schema, "watching", {
    execute: async function* ({ caller, params }) {
      try {
        for await (const { node } of caller.stream(K.Node.changes, { ...params, under: "/watched" }))
          yield node?.path ?? ""
      } catch (error) {
        note(`caught ${error instanceof PorticoError ? error.code : String(error)}`)
      } finally {
        ended.resolve()
      }
    }
  })
  const opened = defineRemoteFunction(schema, "opened", {
    execute: () => {
      note("opened")
      return Stream.never
    }
  })
  const told = defineRemoteFunction(schema, "told", {
    execute: () => {
      note("told")
      return 1
    }
  })
  const never = defineRemoteFunction(schema, "never", {
    execute: () => Effect.andThen(Effect.sync(started.resolve), Effect.never)
  })

  /** Sums days up, of at most so many items. */
  const days = defineRemoteFunction(schema, "days", {
    execute: async ({ input, params: { most = 1000 } }) => {
      let sum = 0
      let count = 0
      for await (const { day } of input) {
        sum += day.getTime()
        if (++count === most) break
      }
      return sum
    }
  })
  const size = defineRemoteFunction(schema, "size", {
    execute: ({ input }) =>
      Stream.runFold(
        input,
        () => 0,
        (sum, bytes) => sum + bytes.length
      )
  })
  const echo = defineRemoteFunction(schema, "echo", {
    execute: ({ input }) => Stream.tap(input, (n) => Effect.sync(() => note(`read ${n}`)))
  })
  /** Streams what it streams itself. */
  const deeper = defineRemoteFunction(schema, "deeper", {
    execute: ({ selfKernel }) => selfKernel().effect.stream(D.functions.deeper)
  })

  const definition = defineDomain({
    schema,
    functions: { count, countAsEffect, file, failing, quiet, watching, opened, never, told, days, size, echo, deeper },
    acts: { nodes: ["/"], perms: READ }
  })
  return {
    definition,
    events,
    started: Effect.promise(() => started.promise),
    ended: Effect.promise(() => ended.promise)
  }
}
