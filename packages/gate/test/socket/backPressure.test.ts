import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Gateway, type GatewayInstance, SocketRpcs } from "../../src/index.ts"
import { resumable, SocketCall } from "../../src/rpc.ts"
import { AuthModule } from "../http/product.ts"
import { start } from "./notes.ts"
import { connect } from "./peer.ts"
import { connectRaw, type RawPeer } from "./rawPeer.ts"

const BulkRpcs = RpcGroup.make(
  Rpc.make("bulk.text", { payload: { size: Schema.Int }, success: Schema.String }),
  resumable("bulk.watch", { payload: { size: Schema.Int }, item: Schema.String })
).middleware(SocketCall)

/** A product that answers with texts of any size, and how many it has made. */
const makeBulk = () => {
  const made = { count: 0 }
  const text = (size: number): string => {
    made.count++
    return "x".repeat(size)
  }
  const handlers = BulkRpcs.toLayer({
    "bulk.text": ({ size }) => Effect.sync(() => text(size)),
    "bulk.watch": ({ since, size }) =>
      Stream.iterate(Number(since ?? 0) + 1, (n) => n + 1).pipe(
        Stream.rechunk(1),
        Stream.map((n) => ({ position: String(n), item: text(size) }))
      )
  })
  const BulkModule = Gateway.module.define({
    id: "bulk",
    displayName: "Bulk",
    contributes: [SocketRpcs.of("bulk", BulkRpcs, handlers)]
  })
  const product = Gateway.make({ identity: { id: "bulk", name: "Bulk" }, modules: [AuthModule, BulkModule] })
  return { made, product }
}

const limits = { "gate.socketBacklog": "256 KiB", "gate.socketCalls": 32, "gate.socketStallTimeout": "10s" }

/**
 * Lets the server go on until it does nothing more, whatever `meanwhile` asks of it. Each turn is an answer to somebody
 * else, so that the server has had the time to do something.
 */
const settled = (
  instance: Pick<GatewayInstance, "url">,
  made: { readonly count: number },
  meanwhile: () => void = () => {}
): Effect.Effect<void, Error> =>
  Effect.scoped(
    Effect.gen(function* () {
      const observer = yield* connect(instance, "root")
      for (let quiet = 0, before = -1; quiet < 50; quiet = made.count === before ? quiet + 1 : 0) {
        before = made.count
        meanwhile()
        observer.raw('{"_tag":"Ping"}')
        yield* observer.next
      }
    })
  )

/** What the process holds, after all garbage is gone. */
const held = (): number => {
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** Lets time pass until the server has cut the peer, while that reads nothing. */
const readAfterCut = (peer: RawPeer) =>
  Effect.gen(function* () {
    yield* TestClock.adjust(10_000)
    const read = yield* Effect.forkChild(peer.readAll, { startImmediately: true })
    return yield* Fiber.join(read)
  })

describe("a client that never reads", () => {
  it.effect("costs a bounded amount of memory, whatever it asks for, and is cut", () =>
    Effect.gen(function* () {
      const { made, product } = makeBulk()
      const instance = yield* start(limits, product)
      const peer = yield* connectRaw(instance, "ada")
      const before = held()
      const size = 256 * 1_024
      for (let id = 0; id < 2_000; id++) peer.request(id, "bulk.text", { size })
      yield* settled(instance, made)
      // All together would be 500 MiB. What is in the operating system's buffers is not ours.
      expect(made.count).toBeLessThan(200)
      expect(held() - before).toBeLessThan(64 * 1_024 * 1_024)
      const { code } = yield* readAfterCut(peer)
      expect(code).toBe(4429)
    })
  )

  it.effect("does not slow anybody else down", () =>
    Effect.gen(function* () {
      const { made, product } = makeBulk()
      const instance = yield* start(limits, product)
      const peer = yield* connectRaw(instance, "ada")
      for (let id = 0; id < 200; id++) peer.request(id, "bulk.text", { size: 256 * 1_024 })
      yield* settled(instance, made)
      const other = yield* connect(instance, "ada")
      other.request(1, "bulk.text", { size: 3 })
      expect(yield* other.exitOf(1)).toEqual({ _tag: "Success", value: "xxx" })
    })
  )

  it.effect("is told where its subscription goes on, exactly after what it was sent", () =>
    Effect.gen(function* () {
      const { made, product } = makeBulk()
      const instance = yield* start(limits, product)
      const peer = yield* connectRaw(instance, "ada")
      peer.request(1, "bulk.watch", { size: 60_000 })
      // Acknowledges what it has not read, so that the items are not what holds the server back.
      yield* settled(instance, made, () => peer.ack(1))
      const { code, texts } = yield* readAfterCut(peer)
      expect(code).toBe(4429)
      const told = texts.map((text) => JSON.parse(text))
      const positions = told.flatMap(({ values = [] }) => values.map(({ position }: { position: string }) => position))
      expect(positions).toEqual(positions.map((_, index) => String(index + 1)))
      const resume = told.at(-1).exit.cause[0].error.details.resume
      expect(told.at(-1).exit.cause[0].error.code).toBe("LIMIT_EXCEEDED")
      expect(resume).toBe(positions.at(-1))

      const again = yield* connect(instance, "ada")
      again.request(1, "bulk.watch", { size: 1, since: resume })
      expect((yield* again.next).values).toEqual([{ position: String(Number(resume) + 1), item: "x" }])
    })
  )
})

describe("a client that reads late", () => {
  it.effect("gets everything, in order, once it reads", () =>
    Effect.gen(function* () {
      const { made, product } = makeBulk()
      const instance = yield* start(limits, product)
      const peer = yield* connectRaw(instance, "ada")
      for (let id = 0; id < 200; id++) peer.request(id, "bulk.text", { size: 64 * 1_024 })
      yield* settled(instance, made)
      const blockedAt = made.count
      peer.request(1_000, "bulk.missing", {})
      const { texts } = yield* peer.readUntil('"requestId":1000')
      expect(blockedAt).toBeLessThan(200)
      expect(texts.length).toBe(201)
    })
  )
})
