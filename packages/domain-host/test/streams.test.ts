import { assert, describe, it } from "@effect/vitest"
import { type CallInput, PorticoClient } from "@portico/client"
import { ALL, K, PorticoError, READ, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { start } from "./product.ts"
import { D, makeStreams } from "./streamed.ts"

const running = Effect.gen(function* () {
  const streams = makeStreams()
  const product = yield* start({ bundled: [streams.definition] })
  const admin = yield* product.admin
  const http = PorticoClient.make({ url: "http://localhost:4000", token: admin.id, fetch: product.gateway.fetch })
  return { ...streams, ...product, admin, http }
})

/** What came of a stream before it ended, and how it ended. */
const outcome = <A>(stream: Stream.Stream<A, PorticoError>) =>
  Effect.gen(function* () {
    const items: Array<A> = []
    const exit = yield* Effect.flip(
      Effect.andThen(
        Stream.runForEach(stream, (item) => Effect.sync(() => items.push(item))),
        Effect.fail(undefined)
      )
    )
    return { items, error: exit }
  })

const days = [1, 2, 3].map((n) => new Date(n))

describe("a stream out of a domain", () => {
  it.effect("is the same in process and over HTTP, in either style, each item coded by its schema", () =>
    Effect.gen(function* () {
      const { admin, events, http, kernel } = yield* running
      for (const client of [admin.graph, http.effect]) {
        assert.deepStrictEqual(yield* Stream.runCollect(client.stream(D.functions.count, { to: 3 })), days)
        assert.deepStrictEqual(yield* Stream.runCollect(client.stream(D.functions.countAsEffect, { to: 3 })), [1, 2, 3])
        const text = Stream.mkString(Stream.decodeText(client.bytes(D.functions.file)))
        assert.strictEqual(yield* text, "some bytes")
        assert.deepStrictEqual(yield* Stream.runCollect(client.stream(D.functions.count.path, { to: 1 })), [
          "1970-01-01T00:00:00.001Z"
        ])
      }
      const seen: Array<Date> = []
      yield* Effect.promise(async () => {
        for await (const at of http.stream(D.functions.count, { to: 3 })) seen.push(at)
      })
      assert.deepStrictEqual(seen, days)
      assert.isFalse(events.includes("finalized") && events.lastIndexOf("made 3") > events.lastIndexOf("finalized"))
      const answer = yield* kernel.call(admin.authority, { path: D.functions.count.path, params: { to: 1 } })
      assert.strictEqual(answer.output, "stream")
    })
  )

  it.effect("does not run where something else is wanted, and names the right way", () =>
    Effect.gen(function* () {
      const { admin, events, gateway, http } = yield* running
      const { path } = D.functions.opened
      for (const client of [admin.graph, http.effect]) {
        for (const refused of [
          client.call(path),
          client.call(path, undefined, { idempotencyKey: "once" }),
          Stream.runDrain(client.bytes(path))
        ]) {
          const { code, message } = yield* Effect.flip(refused)
          assert.strictEqual(code, "INVALID_PARAMS")
          assert.include(message, "use stream()")
        }
        const { code, message } = yield* Effect.flip(Stream.runDrain(client.stream(D.functions.told.path)))
        assert.strictEqual(code, "INVALID_PARAMS")
        assert.include(message, "use call()")
      }
      const misread = yield* gateway.request("/api/call", {
        method: "POST",
        headers: { ...admin.headers, "content-type": "application/json", "portico-wants": "streams" },
        body: JSON.stringify({ path })
      })
      assert.include(misread.text, "portico-wants")
      const { text } = yield* gateway.request("/api/batch", {
        method: "POST",
        headers: { ...admin.headers, "content-type": "application/json" },
        body: JSON.stringify({ calls: [{ path }] })
      })
      assert.include(text, "INVALID_PARAMS")
      assert.deepStrictEqual(events, [])
    })
  )

  it.effect("tells how it failed after what came before", () =>
    Effect.gen(function* () {
      const { admin, gateway, http } = yield* running
      for (const client of [admin.graph, http.effect]) {
        const failing = (how: "typed" | "bug" | "misfit" | "at once") =>
          outcome(client.stream(D.functions.failing, { how }))
        const typed = yield* failing("typed")
        assert.deepStrictEqual(typed.items, [1])
        assert.deepInclude(typed.error, { code: "CONSTRAINT_VIOLATED", message: "no more than one" })
        assert.deepStrictEqual(typed.error?.details, { most: 1 })
        const bug = yield* failing("bug")
        assert.strictEqual(bug.error?.code, "INTERNAL")
        assert.notInclude(JSON.stringify(bug.error), "hunter2")
        const misfit = yield* failing("misfit")
        assert.deepStrictEqual(misfit.items, [1])
        assert.deepInclude(misfit.error, { code: "INTERNAL" })
        assert.include(misfit.error?.message, "at item 1")
        assert.strictEqual((yield* failing("at once")).error?.code, "REV_CONFLICT")
      }
      // What is refused before anything was given has the status of any refusal.
      const { status } = yield* gateway.request("/api/call", {
        method: "POST",
        headers: { ...admin.headers, "content-type": "application/json" },
        body: JSON.stringify({ path: D.functions.failing.path, params: { how: "at once" } })
      })
      assert.strictEqual(status, 409)
    })
  )

  it.effect("runs as far as it is read, and is finalized when nobody reads on", () =>
    Effect.gen(function* () {
      const { admin, ended, events } = yield* running
      const taken = yield* Stream.runCollect(Stream.take(admin.graph.stream(D.functions.count, { to: 1000 }), 2))
      assert.lengthOf(taken, 2)
      yield* ended
      assert.deepStrictEqual(events, ["made 1", "made 2", "finalized", "aborted"])
      events.length = 0
      yield* Stream.runDrain(Stream.take(admin.graph.stream(D.functions.countAsEffect, { to: 1000 }), 2))
      assert.deepStrictEqual(events, ["made 1", "made 2", "finalized"])
    })
  )

  it.effect("is not run ahead of a client that does not read (abuse 41), and ends when it disconnects", () =>
    Effect.gen(function* () {
      const { admin, ended, events, gateway } = yield* running
      const response = yield* Effect.promise(() =>
        gateway.fetch("/api/call", {
          method: "POST",
          headers: { ...admin.headers, "content-type": "application/json" },
          body: JSON.stringify({ path: D.functions.count.path, params: { to: 100_000 } })
        })
      )
      assert.strictEqual(response.headers.get("content-type"), "application/x-ndjson")
      const reader = response.body?.getReader()
      let read = ""
      yield* Effect.promise(async () => {
        while (!read.includes("item")) read += new TextDecoder().decode((await reader?.read())?.value)
        await reader?.cancel()
      })
      yield* ended
      assert.isBelow(events.filter((event) => event.startsWith("made")).length, 1000)
    })
  )

  it.effect("has to begin within the time of a call, and to end within that of a stream", () =>
    Effect.gen(function* () {
      const { admin, events, started } = yield* running
      const begun = yield* Effect.forkChild(outcome(admin.graph.stream(D.functions.never)))
      yield* started
      yield* TestClock.adjust("31 seconds")
      assert.strictEqual((yield* Fiber.join(begun)).error?.code, "TIMEOUT")
      const first = yield* Queue.unbounded<number>()
      const quiet = admin.graph.stream(D.functions.quiet).pipe(Stream.tap((n) => Queue.offer(first, n)))
      const lasting = yield* Effect.forkChild(outcome(quiet))
      yield* Queue.take(first)
      yield* TestClock.adjust("59 minutes")
      assert.deepStrictEqual(events, [])
      yield* TestClock.adjust("1 hour")
      const { error, items } = yield* Fiber.join(lasting)
      assert.deepStrictEqual([items, error?.code], [[1], "TIMEOUT"])
      assert.deepStrictEqual(events, ["finalized"])
    })
  )

  it.effect("is given up where nobody begins to read it", () =>
    Effect.gen(function* () {
      const { admin, events, kernel } = yield* running
      const { result } = yield* kernel.call(admin.authority, { path: D.functions.quiet.path })
      yield* TestClock.adjust("31 seconds")
      const { error } = yield* outcome(result as Stream.Stream<unknown, PorticoError>)
      assert.strictEqual(error?.code, "CANCELLED")
      assert.deepStrictEqual(events, [])
    })
  )

  it.effect("ends when its caller may not call it any more (abuse 21)", () =>
    Effect.gen(function* () {
      const { events, system, user } = yield* running
      const origin = "/streams.example.dev"
      const ada = yield* user("ada", { "/": READ, [origin]: READ | USE })
      yield* system.revoke("/identities/authenticated", { node: origin, perms: ALL })
      const revoke = system.revoke(ada, { node: origin, perms: USE })

      // One that gives nothing ends a second later.
      const first = yield* Queue.unbounded<number>()
      const stream = ada.graph.stream(D.functions.quiet).pipe(Stream.tap((n) => Queue.offer(first, n)))
      const quiet = yield* Effect.forkChild(outcome(stream))
      assert.strictEqual(yield* Queue.take(first), 1)
      yield* revoke
      yield* TestClock.adjust("1 second")
      const { error } = yield* Fiber.join(quiet)
      assert.strictEqual(error?.code, "PERMISSION_DENIED")
      assert.deepStrictEqual(events, ["finalized"])

      // One that gives something gives no more of it.
      yield* system.grant(ada, { node: origin, perms: USE })
      const lively = yield* outcome(
        ada.graph.stream(D.functions.countAsEffect, { to: 1000 }).pipe(
          Stream.rechunk(1),
          Stream.tap((n) => Effect.when(revoke, Effect.succeed(n === 3)))
        )
      )
      assert.strictEqual(lively.error?.code, "PERMISSION_DENIED")
      assert.isAtMost(lively.items.length, 4)
    })
  )

  it.effect("may pass on what the kernel streams, with its caller's authority, which ends with it", () =>
    Effect.gen(function* () {
      const { admin, ended, events, system } = yield* running
      const { rev: since } = yield* system.create(K.Folder, { path: "/watched" })
      yield* system.create(K.Folder, { path: "/watched/one" })
      const [path] = yield* Stream.runCollect(Stream.take(admin.graph.stream(D.functions.watching, { since }), 1))
      assert.strictEqual(path, "/watched/one")
      const first = yield* Queue.unbounded<string>()
      const watching = yield* Effect.forkChild(
        Stream.runForEach(admin.graph.stream(D.functions.watching, { since }), (item) => Queue.offer(first, item))
      )
      yield* Queue.take(first)
      yield* Effect.yieldNow
      yield* Fiber.interrupt(watching)
      yield* ended
      assert.include(["", "caught CANCELLED"], events.join())
    })
  )
})

describe("a stream into a domain", () => {
  const day = (n: number) => ({ day: new Date(n) })
  const source = async function* () {
    for (const n of [1, 2, 3]) yield day(n)
  }
  const bytes = [new Uint8Array(3), new Uint8Array(4)]

  it.effect("is read in either style, from whatever gives its items, in process and over HTTP", () =>
    Effect.gen(function* () {
      const { admin, http } = yield* running
      for (const client of [admin.graph, http.effect]) {
        const sumOf = (input: CallInput<{ readonly day: Date }>) => client.call(D.functions.days, {}, { input })
        assert.strictEqual(yield* sumOf([1, 2, 3].map(day)), 6)
        assert.strictEqual(yield* sumOf(source()), 6)
        assert.strictEqual(yield* sumOf(Stream.fromIterable([day(1), day(2)])), 3)
        assert.strictEqual(yield* sumOf([]), 0)
        const json = client.call(D.functions.days.path, {}, { input: [{ day: "1970-01-01T00:00:00.009Z" }] })
        assert.strictEqual(yield* json, 9)
        assert.strictEqual(yield* client.call(D.functions.size, {}, { input: Stream.fromIterable(bytes) }), 7)
        const echoed = client.stream(D.functions.echo, {}, { input: [1, 2, 3] })
        assert.deepStrictEqual(yield* Stream.runCollect(echoed), [1, 2, 3])
      }
    })
  )

  it.effect("names the item that does not fit, after what came before", () =>
    Effect.gen(function* () {
      const { admin, events, http } = yield* running
      for (const client of [admin.graph, http.effect]) {
        const wrong = client.call(D.functions.days.path, {}, { input: [{ day: "1970-01-01T00:00:00Z" }, { dya: 1 }] })
        const error = yield* Effect.flip(wrong)
        assert.strictEqual(error.code, "INVALID_PARAMS")
        assert.strictEqual(error.details?.index, 1)
        assert.deepInclude(error.details?.issues, {
          path: ["input", 1, "day"],
          code: "invalid",
          message: "Missing key"
        })
        const echoed = yield* outcome(client.stream(D.functions.echo.path, {}, { input: [1, 2, "x", 4] }))
        assert.deepStrictEqual([echoed.items, echoed.error?.code], [[1, 2], "INVALID_PARAMS"])
        assert.notInclude(events, "read 4")
        // What is typed is not even sent.
        const typed = yield* Effect.flip(client.call(D.functions.days, {}, { input: [day(1), day(Number.NaN)] }))
        assert.deepInclude(typed, { code: "INVALID_PARAMS" })
        assert.strictEqual(typed.details?.index, 1)
      }
    })
  )

  it.effect("tells what it broke off with, and is not read further than its handler reads", () =>
    Effect.gen(function* () {
      const { admin, http } = yield* running
      for (const client of [admin.graph, http.effect]) {
        const broken = async function* (cause: Error) {
          yield day(1)
          throw cause
        }
        const brokenBy = (cause: Error) => Effect.flip(client.call(D.functions.days, {}, { input: broken(cause) }))
        assert.strictEqual((yield* brokenBy(new Error("the disk is gone"))).code, "INVALID_BODY")
        assert.strictEqual((yield* brokenBy(PorticoError.make("REV_CONFLICT", "no"))).code, "REV_CONFLICT")
      }
      let made = 0
      let finalized = false
      const endless = async function* () {
        try {
          for (;;) yield day(++made)
        } finally {
          finalized = true
        }
      }
      assert.strictEqual(yield* admin.graph.call(D.functions.days, { most: 2 }, { input: endless() }), 3)
      assert.deepStrictEqual([made, finalized], [2, true])
    })
  )

  it.effect("is asked for where it is missing, and refused where nothing is read, or with an idempotency key", () =>
    Effect.gen(function* () {
      const { admin, http } = yield* running
      for (const client of [admin.graph, http.effect]) {
        const codeOf = (path: string, options?: Parameters<typeof client.call>[2]) =>
          Effect.map(Effect.flip(client.call(path, {}, options)), ({ code }) => code)
        assert.strictEqual(yield* codeOf(D.functions.days.path), "INVALID_PARAMS")
        assert.strictEqual(yield* codeOf(D.functions.size.path), "INVALID_PARAMS")
        assert.strictEqual(yield* codeOf(K.Identity.whoami.path, { input: [1] }), "INVALID_PARAMS")
        const input = [{ day: "1970-01-01T00:00:00Z" }]
        assert.strictEqual(yield* codeOf(D.functions.days.path, { input, idempotencyKey: "k" }), "INVALID_PARAMS")
      }
    })
  )

  it.effect("ends when its caller may not call it any more (abuse 21), or after the time of a stream", () =>
    Effect.gen(function* () {
      const { admin, system, user } = yield* running
      const origin = "/streams.example.dev"
      const ada = yield* user("ada", { "/": READ, [origin]: READ | USE })
      yield* system.revoke("/identities/authenticated", { node: origin, perms: ALL })
      const read = yield* Queue.unbounded<number>()
      const slow = Stream.concat(Stream.make(day(1)), Stream.never).pipe(Stream.tap(() => Queue.offer(read, 1)))
      const upload = yield* Effect.forkChild(Effect.flip(ada.graph.call(D.functions.days, {}, { input: slow })))
      yield* Queue.take(read)
      yield* system.revoke(ada, { node: origin, perms: USE })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(upload)).code, "PERMISSION_DENIED")
      const endless = yield* Effect.forkChild(Effect.flip(admin.graph.call(D.functions.days, {}, { input: slow })))
      yield* Queue.take(read)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Fiber.join(endless)).code, "TIMEOUT")
    })
  )
})

describe("the URL of a function", () => {
  it.effect("streams both ways as POST /api/call does", () =>
    Effect.gen(function* () {
      const { admin, gateway } = yield* running
      const post = (slug: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
        Effect.promise(async () => {
          const response = await gateway.fetch(`/d/streams.example.dev/functions/${slug}`, {
            method: "POST",
            headers: { ...admin.headers, ...headers },
            body
          })
          assert.strictEqual(response.headers.get("content-security-policy"), "sandbox")
          return { response, text: (await response.text()).trim() }
        })
      const json = { "content-type": "application/json" }
      const lines = yield* post("count", '{"to":1}', json)
      assert.strictEqual(lines.response.headers.get("portico-output"), "stream")
      assert.strictEqual(lines.text, '{"item":"1970-01-01T00:00:00.001Z"}\n{"end":true}')
      const events = yield* post("count", '{"to":1}', { ...json, accept: "text/event-stream" })
      assert.include(events.text, 'data: "1970-01-01T00:00:00.001Z"')
      assert.strictEqual((yield* post("file", "")).text, "some bytes")
      const day = '{"day":"1970-01-01T00:00:00.005Z"}\n'
      assert.strictEqual((yield* post("days", day + day)).text, '{"result":10}')
      assert.strictEqual((yield* post("size", "12345")).text, '{"result":5}')
      const wrong = yield* post("days", `${day}{"day":1}\n`)
      assert.strictEqual(wrong.response.status, 400)
      assert.include(wrong.text, '"index":1')
    })
  )
})

it.effect("streams that stream themselves go at most 32 deep", () =>
  Effect.gen(function* () {
    const { admin } = yield* running
    const { error } = yield* outcome(admin.graph.stream(D.functions.deeper))
    assert.deepInclude(error, { code: "LIMIT_EXCEEDED" })
    assert.deepInclude(error?.details, { limit: "callDepth" })
  })
)
