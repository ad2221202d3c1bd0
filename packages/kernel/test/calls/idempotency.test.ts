import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { K, PorticoError } from "@portico/schema"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/testing/TestClock"
import { Authority, type CallRequest, Kernel } from "../../src/index.ts"
import { bundle } from "../support/crm.ts"
import { faultyKernel, noFault } from "../support/faulty.ts"
import { call, create, grant, install, onKernel, user } from "../support/kernel.ts"
import { seqNow } from "../support/watch.ts"

const keyed = (request: CallRequest, as: Authority = Authority.system, key = "k-1") =>
  Effect.flatMap(Kernel, (kernel) => kernel.call(as, { ...request, idempotencyKey: key }))
const failing = (request: CallRequest, as?: Authority, key?: string) =>
  Effect.map(Effect.flip(keyed(request, as, key)), ({ code }) => code)

const make = (path: string) => ({ path: K.Node.createNode.path, params: { class: K.Folder.ref, path } })
const children = Effect.map(call("/a::listChildren"), ({ nodes }) => nodes.length)
const everything = { concurrency: "unbounded" } as const

const twoUsers = Effect.gen(function* () {
  yield* create("/a")
  const [ada, ben] = [yield* user("ada"), yield* user("ben")]
  for (const { path } of [ada, ben]) yield* grant(path, "/a", 15)
  return { ada, ben }
})

describe("abuse 45: a call with an idempotency key", () => {
  it.effect("is made once, by however many at once, and answered the same to all", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada } = yield* twoUsers
        const request = { path: K.Node.createNode.path, params: { class: K.Folder.ref, parent: "/a" } }
        const answers = yield* Effect.all(
          Array.from({ length: 50 }, () => keyed(request, ada.as)),
          everything
        )
        expect(yield* children).toBe(1)
        expect(new Set(answers.map(({ result, seq }) => JSON.stringify([result, seq]))).size).toBe(1)
        expect(answers.filter(({ replayed }) => replayed !== true)).toHaveLength(1)
        const seq = yield* seqNow
        yield* TestClock.adjust("23 hours")
        expect((yield* keyed(request, ada.as)).replayed).toBe(true)
        expect(yield* seqNow).toBe(seq)
        yield* TestClock.adjust("61 minutes")
        expect((yield* keyed(request, ada.as)).replayed).toBeUndefined()
        expect(yield* children).toBe(2)
      })
    )
  )

  it.effect("is another one by another caller or with another key, and refused with another body", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada, ben } = yield* twoUsers
        yield* keyed(make("/a/1"), ada.as)
        expect(yield* failing(make("/a/2"), ada.as)).toBe("IDEMPOTENCY_MISMATCH")
        yield* keyed(make("/a/2"), ben.as)
        yield* keyed(make("/a/3"), ada.as, "k-2")
        expect(yield* children).toBe(3)
        // What the mismatch was refused with is not what the key is for.
        expect((yield* keyed(make("/a/1"), ada.as)).replayed).toBe(true)
      })
    )
  )

  it.effect("is another one through another function, and of another node it is another call", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada } = yield* twoUsers
        for (const path of ["/a/1", "/a/2"]) yield* create(path)
        yield* keyed(make("/a/3"), ada.as)
        const through = { ...ada.as, via: "0198c0de-0000-7000-8000-000000000001" }
        expect(yield* keyed(make("/a/4"), through)).toMatchObject({ result: { path: "/a/4" } })
        const get = (self: string) => ({ path: K.Node.get.path, self })
        expect((yield* keyed(get("/a/1"), ada.as, "k-2")).result).toMatchObject({ path: "/a/1" })
        expect(yield* failing(get("/a/2"), ada.as, "k-2")).toBe("IDEMPOTENCY_MISMATCH")
      })
    )
  )

  it.effect("is kept for a day, whatever was made before it", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada } = yield* twoUsers
        yield* keyed(make("/a/1"), ada.as)
        yield* TestClock.adjust("12 hours")
        yield* keyed(make("/a/2"), ada.as, "k-2")
        // The first is swept away by then.
        yield* TestClock.adjust("14 hours")
        expect((yield* keyed(make("/a/2"), ada.as, "k-2")).replayed).toBe(true)
        expect(yield* failing(make("/a/1"), ada.as)).toBe("PATH_CONFLICT")
      })
    )
  )

  it.effect(
    "with a narrowed credential is answered again within its bounds, which say nothing of where classes are",
    () =>
      onKernel(
        Effect.gen(function* () {
          const { ada } = yield* twoUsers
          yield* install(bundle)
          const { id } = yield* call("/a::get")
          const narrow = Authority.narrow(ada.as, { nodes: [id], perms: 15 })
          yield* keyed(make("/a/1"), narrow)
          expect((yield* keyed(make("/a/1"), narrow)).replayed).toBe(true)
          const seed = { path: "/:crm.example.dev:function.seed" }
          yield* keyed(seed, ada.as, "k-2")
          expect((yield* keyed(seed, ada.as, "k-2")).replayed).toBe(true)
          expect(yield* failing(seed, narrow, "k-2")).toBe("NOT_FOUND")
        }),
        { "kernel.dispatcher": [{ dispatch: () => Effect.succeed("done") }] }
      )
  )

  it.effect("is refused to callers without a credential, and with a key that is none", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada } = yield* twoUsers
        expect(yield* failing({ path: "/a::get" }, Authority.anonymous)).toBe("UNAUTHENTICATED")
        for (const key of ["", " ", "a b", "é", "x".repeat(256), "a\n"]) {
          expect(yield* failing({ path: "/a::get" }, ada.as, key)).toBe("INVALID_PARAMS")
        }
      })
    )
  )

  it.effect("is answered again only to whoever may still make it", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada } = yield* twoUsers
        yield* create("/a/n")
        const remove = { path: "/a/n::delete" }
        const update = { path: "/a::update", params: { props: { name: "new" } } }
        yield* keyed(remove, ada.as)
        yield* keyed(update, ada.as, "k-2")
        // The node is gone, by the very call.
        expect((yield* keyed(remove, ada.as)).result).toEqual({ deleted: 1 })
        yield* call(`${ada.path}::revokePerm`, { node: "/a", perms: ["EDIT"] })
        expect(yield* failing(remove, ada.as)).toBe("NOT_FOUND")
        expect(yield* failing(update, ada.as, "k-2")).toBe("PERMISSION_DENIED")
        yield* call(`${ada.path}::revokePerm`, { node: "/a", perms: 15 })
        expect(yield* failing(update, ada.as, "k-2")).toBe("NOT_FOUND")
        const narrow = Authority.narrow(Authority.identity(ada.id), { nodes: [], perms: 15 })
        yield* grant(ada.path, "/a", 15)
        expect((yield* keyed(update, ada.as, "k-2")).replayed).toBe(true)
        expect(yield* failing(update, narrow, "k-2")).toBe("NOT_FOUND")
      })
    )
  )

  it.effect("is refused again as it was, also where a batch was that had made something by then", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada } = yield* twoUsers
        yield* create("/a/taken")
        const folder = (place: object) => ({ op: "createNode", class: K.Folder.ref, ...place })
        const ops = [folder({ path: "/a/new" }), folder({ path: "$0.path/in" }), folder({ path: "/a/taken" })]
        const batch = { path: K.Node.mutate.path, params: { ops } }
        expect(yield* failing(batch, ada.as)).toBe("PATH_CONFLICT")
        yield* call("/a/taken::delete")
        expect(yield* failing(batch, ada.as)).toBe("PATH_CONFLICT")
        expect(yield* children).toBe(0)
      })
    )
  )

  it.effect("keeps what was in conflict, and not what was refused for want of a permission", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada } = yield* twoUsers
        yield* create("/a/1")
        expect(yield* failing(make("/a/1"), ada.as)).toBe("PATH_CONFLICT")
        yield* call("/a/1::delete")
        expect(yield* failing(make("/a/1"), ada.as)).toBe("PATH_CONFLICT")
        expect(yield* failing(make("/b"), ada.as, "k-2")).toBe("NOT_FOUND")
        yield* grant(ada.path, "/", 15)
        yield* keyed(make("/b"), ada.as, "k-2")
      })
    )
  )
})

describe("a call into a domain with an idempotency key", () => {
  const seed = { path: "/:crm.example.dev:function.seed" }

  it.effect("runs once: meanwhile it is IN_PROGRESS, afterwards its answer is kept", () => {
    const go = Deferred.makeUnsafe<string>()
    let calls = 0
    const dispatch = () =>
      Effect.suspend(() => {
        calls++
        return Deferred.await(go)
      })
    return onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const first = yield* Effect.forkChild(keyed(seed), { startImmediately: true })
        while (calls === 0) yield* Effect.yieldNow
        expect(yield* failing(seed)).toBe("IN_PROGRESS")
        yield* Deferred.succeed(go, "done")
        expect((yield* Fiber.join(first)).result).toBe("done")
        expect(yield* keyed(seed)).toMatchObject({ result: "done", replayed: true })
        expect(calls).toBe(1)
      }),
      { "kernel.dispatcher": [{ dispatch }] }
    )
  })

  it.effect("that failed or was given up may be made again; one that was refused for good not", () => {
    const outcomes: Array<Effect.Effect<unknown, PorticoError>> = [
      Effect.fail(PorticoError.make("UNAVAILABLE", "not now")),
      Effect.never,
      Effect.fail(PorticoError.make("CONSTRAINT_VIOLATED", "never")),
      Effect.succeed("not reached")
    ]
    let calls = 0
    const dispatch = () => Effect.suspend(() => outcomes[calls++] ?? Effect.die("too often"))
    return onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        expect(yield* failing(seed)).toBe("UNAVAILABLE")
        const given = yield* Effect.forkChild(keyed(seed), { startImmediately: true })
        while (calls < 2) yield* Effect.yieldNow
        yield* Fiber.interrupt(given)
        expect(yield* failing(seed)).toBe("CONSTRAINT_VIOLATED")
        expect(yield* failing(seed)).toBe("CONSTRAINT_VIOLATED")
        expect(calls).toBe(3)
      }),
      { "kernel.dispatcher": [{ dispatch }] }
    )
  })

  it.effect("that died with its process is made again once its time is over", () => {
    let calls = 0
    return onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* keyed(seed)
        const database = yield* Database
        // As the row is while the call runs.
        yield* database.write((tx) =>
          Effect.sync(() => tx.prepare("UPDATE kept_answers SET answer = NULL, until = 40000").run())
        )
        expect(yield* failing(seed)).toBe("IN_PROGRESS")
        yield* TestClock.adjust("41 seconds")
        expect((yield* keyed(seed)).replayed).toBeUndefined()
        expect(calls).toBe(2)
      }),
      { "kernel.dispatcher": [{ dispatch: () => Effect.sync(() => ++calls) }] }
    )
  })

  it.effect("abuse 48: that was lost between what it did and the record of it is made again with its key", () => {
    const fault = noFault()
    const effects: Array<string> = []
    const dispatch = () =>
      Effect.sync(() => {
        effects.push("sent")
        // Once, and of a write, which is the one that would say how the call ended.
        if (effects.length === 1) fault.at = fault.seen
        return effects.length
      })
    return Effect.gen(function* () {
      yield* install(bundle)
      expect((yield* Effect.exit(keyed(seed)))._tag).toBe("Failure")
      expect(yield* failing(seed)).toBe("IN_PROGRESS")
      yield* TestClock.adjust("39 seconds")
      expect(yield* failing(seed)).toBe("IN_PROGRESS")
      expect(effects).toHaveLength(1)
      yield* TestClock.adjust("2 seconds")
      expect(yield* keyed(seed)).toMatchObject({ result: 2 })
      expect(yield* keyed(seed)).toMatchObject({ result: 2, replayed: true })
      expect(effects).toHaveLength(2)
    }).pipe(Effect.provide(faultyKernel(fault, { "kernel.dispatcher": [{ dispatch }] }), { local: true }))
  })
})
