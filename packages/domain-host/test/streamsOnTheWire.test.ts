import { assert, describe, it } from "@effect/vitest"
import { PorticoClient } from "@portico/client"
import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { GatewayInstance } from "@portico/gate"
import { NodeGateway } from "@portico/gate/node"
import { compileDomain, defineSchema, fn, type PorticoError, READ, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { makeProduct } from "./product.ts"

const schema = defineSchema("wire.example.dev", {
  functions: {
    echo: fn({ auth: "optional", input: "stream", takes: Schema.Int, output: "stream", returns: Schema.Int }),
    endless: fn({ auth: "optional", output: "stream", returns: Schema.String })
  }
})
const D = compileDomain(schema)

/** A product with a domain that streams, on a port. */
const serving = Effect.gen(function* () {
  let made = 0
  const ended = Promise.withResolvers<void>()
  const echo = defineRemoteFunction(schema, "echo", { auth: "optional", execute: ({ input }) => input })
  const endless = defineRemoteFunction(schema, "endless", {
    auth: "optional",
    execute: async function* () {
      try {
        for (;;) {
          made++
          yield "x".repeat(65_536)
        }
      } finally {
        ended.resolve()
      }
    }
  })
  const definition = defineDomain({ schema, functions: { echo, endless }, grants: { everyone: [READ, USE] } })
  const flags = { "gate.port": "0", "gate.accessLog": false, "database.file": ":memory:" }
  const { restart, url } = yield* Effect.provide(
    GatewayInstance.start(makeProduct({ bundled: [definition] }), { settings: { flags } }),
    NodeGateway.layer
  )
  return {
    restart,
    url,
    client: PorticoClient.make({ url }),
    made: () => made,
    ended: Effect.promise(() => ended.promise)
  }
})

/** The event loop goes round so often. */
const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

describe("a stream over a connection", () => {
  it.live("goes both ways at once, for who reads while they send", () =>
    Effect.gen(function* () {
      const { client } = yield* serving
      const heard = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      // Each is sent when the one before has come back.
      const input = async function* () {
        for (const n of [0, 1, 2]) {
          if (n > 0) await heard[n - 1]?.promise
          yield n
        }
      }
      const echoed: Array<number> = []
      yield* Effect.promise(async () => {
        for await (const n of client.stream(D.functions.echo, {}, { input: input() })) {
          echoed.push(n)
          heard[n]?.resolve()
        }
      })
      assert.deepStrictEqual(echoed, [0, 1, 2])
    })
  )

  it.live("waits for a client that does not read (abuse 41), and ends when it goes away", () =>
    Effect.gen(function* () {
      const { ended, made, url } = yield* serving
      yield* Effect.promise(async () => {
        const controller = new AbortController()
        const response = await fetch(`${url}/api/call`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ path: D.functions.endless.path }),
          signal: controller.signal
        })
        let read = 0
        const reader = response.body?.getReader()
        while (read < 65_536) read += (await reader?.read())?.value?.length ?? 0
        await turns(2000)
        const before = made()
        await turns(2000)
        // What fits into the buffers on the way is made, and no more.
        assert.strictEqual(made(), before)
        controller.abort()
        await reader?.cancel().catch(() => undefined)
      })
      yield* ended
    })
  )

  it.live("ends with what runs the domain", () =>
    Effect.gen(function* () {
      const { client, ended, restart } = yield* serving
      const items = client.stream(D.functions.endless)[Symbol.asyncIterator]()
      yield* Effect.promise(() => items.next())
      yield* restart("domains")
      const rest = async () => {
        while ((await items.next()).done !== true);
      }
      const code = yield* Effect.promise(() => rest().then(String, (error: PorticoError) => error.code))
      assert.strictEqual(code, "UNAVAILABLE")
      yield* ended
    })
  )
})
