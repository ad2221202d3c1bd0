import { describe, expect, it } from "@effect/vitest"
import { type PorticoError, READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Authority } from "../../src/index.ts"
import type { Change } from "../../src/internal/changes/Change.ts"
import { isAfter, parsePosition, positionOf, sinceOf } from "../../src/internal/changes/position.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, get, grant, install, onKernel, user } from "../support/kernel.ts"
import { seqNow, told, type WatchParams, watch } from "../support/watch.ts"

const brief = (changes: ReadonlyArray<Change>) =>
  changes.map(({ edge, node, op, under }) => [op, under ?? node?.path ?? edge?.class.split(".").at(-1)].join(" "))

/** A watcher that is served as it asks, one change at a time; `next` waits for it, `end` for the end. */
const live = Effect.fnUntraced(function* (params: WatchParams, as?: Authority) {
  const stream = yield* watch(params, as)
  const queue = yield* Queue.bounded<Change>(1)
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(stream, (change) => Queue.offer(queue, change)),
    { startImmediately: true }
  )
  return { next: Queue.take(queue), end: Effect.flip(Fiber.join(fiber)) as Effect.Effect<PorticoError, unknown> }
})

describe("a watcher", () => {
  it.effect("is told of each commit as it happens, without asking and without a clock", () =>
    onKernel(
      Effect.gen(function* () {
        const { next } = yield* live({})
        const waiting = yield* Effect.forkChild(next, { startImmediately: true })
        const { id, rev } = yield* create("/a", { props: { name: "A" } })
        expect(yield* Fiber.join(waiting)).toMatchObject({
          op: "create",
          seq: rev,
          part: 0,
          rev,
          at: 0,
          actor: null,
          node: { id, path: "/a", props: (yield* get("/a")).props }
        })
        yield* call("/a::update", { props: { name: "B" } })
        yield* call("/a::update", { props: { name: "C" } })
        // Each with what it was then, not with what it is now.
        const [b, c] = [yield* next, yield* next]
        expect([b, c].map(({ node }) => Object.values(node?.props ?? {}))).toEqual([["B"], ["C"]])
      })
    )
  )

  it.effect("of a part of the tree, or of a class, is told what concerns that", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        for (const path of ["/a", "/b", "/a/in", "/b/out"]) yield* create(path)
        const since = yield* seqNow
        yield* create("/a/c", { class: D.Contact.ref, props: { email: "c" } })
        yield* create("/b/p", { class: D.Project.ref, props: { title: "p" } })
        yield* call("/a/c::link", { edgeClass: D.works_on.ref, target: "/b/p", props: { role: "r" } })
        const into = yield* get("/b/out")
        yield* call("/b/out::move", { to: "/a" })
        yield* call("/a/in::move", { to: "/b" })
        yield* call("/a::update", { props: { name: "A" } })
        const box = yield* create("/a/box")
        yield* create("/a/box/d", { class: D.Contact.ref, props: { email: "d" } })
        yield* call("/a/box::delete", { recursive: true })
        expect(brief(yield* told({ since, under: "/a" }))).toEqual([
          "create /a/c",
          "link works_on",
          `reset @${into.id}`,
          "move /b/in",
          "update /a",
          "create /a/box",
          "create /a/box/d",
          "delete /a/box"
        ])
        // A folder that holds contacts went: what went with it is not said one by one.
        expect(brief(yield* told({ since, class: D.Contact.ref }))).toEqual([
          "create /a/c",
          "create /a/box/d",
          `reset @${box.id}`
        ])
        expect(brief(yield* told({ since, class: D.works_on.ref }))).toContain("link works_on")
        expect(brief(yield* told({ since, class: "crm.example.dev:interface.Greets", under: "/b" }))).toEqual([])
      })
    )
  )

  it.effect("is told of nothing that they may not READ, and of what comes into sight or goes by a reset", () =>
    onKernel(
      Effect.gen(function* () {
        const ada = yield* user("ada")
        for (const path of ["/open", "/secret", "/secret/deep"]) yield* create(path)
        yield* grant(ada.path, "/open", ["READ"])
        yield* create("/identities/team", { class: "kernel.portico.dev:class.Group" })
        const since = yield* seqNow
        yield* create("/secret/a")
        yield* create("/open/b")
        const b = yield* get("/open/b")
        yield* call("/open/b::update", { props: { name: "seen" } })
        yield* call("/open/b::move", { to: "/secret" })
        yield* call("/secret/b::update", { props: { name: "unseen" } })
        yield* call("/secret/a::move", { to: "/open" })
        const a = yield* get("/open/a")
        expect(brief(yield* told({ since }, ada.as))).toEqual([
          "create /open/b",
          "update /open/b",
          `reset @${b.id}`,
          `reset @${a.id}`
        ])
        const later = yield* seqNow
        const deep = yield* get("/secret/deep")
        yield* grant(ada.path, "/secret/deep", ["EDIT"])
        yield* grant(ada.path, "/secret/deep", ["READ"])
        expect(brief(yield* told({ since: later }, ada.as))).toEqual([`reset @${deep.id}`])
        for (const [path, params] of [
          ["/identities/team::addMember", { member: ada.path }],
          ["/identities/team::delete", {}],
          ["/identities/team::restore", {}],
          ["/identities/team::removeMember", { member: ada.path }]
        ] as const) {
          const before = yield* seqNow
          yield* call(path, params)
          expect([path, brief(yield* told({ since: before }, ada.as))]).toEqual([path, ["reset /"]])
        }
        // What she may use and not see is moved without her.
        for (const path of ["/hidden", "/hidden/in"]) yield* create(path)
        yield* grant(ada.path, "/hidden/in", ["EDIT", "USE"])
        const before = yield* seqNow
        yield* call("/hidden::move", { to: "/secret" })
        expect(yield* told({ since: before }, ada.as)).toEqual([])
        expect(JSON.stringify(yield* told({ since }, ada.as))).not.toContain("unseen")
      })
    )
  )

  it.effect("is told to read again where something out of sight takes along what is in it", () =>
    onKernel(
      Effect.gen(function* () {
        const ada = yield* user("ada")
        for (const path of ["/secret", "/other", "/secret/deep"]) yield* create(path)
        yield* grant(ada.path, "/secret/deep", ["READ"])
        const narrow = Authority.narrow(ada.as, { nodes: [(yield* get("/secret/deep")).id], perms: READ })
        for (const as of [ada.as, narrow]) {
          for (const [path, params] of [
            ["/secret::move", { to: "/other" }],
            ["/other/secret::delete", { recursive: true }],
            ["/other/secret::restore", {}],
            ["/other/secret::move", { to: "/" }]
          ] as const) {
            const since = yield* seqNow
            yield* call(path, params)
            expect([path, brief(yield* told({ since }, as))]).toEqual([path, ["reset /"]])
          }
        }
        // The top of a bound is in sight of nobody whom it binds, once it was deleted.
        const since = yield* seqNow
        yield* call("/secret/deep::delete")
        expect(brief(yield* told({ since }, narrow))).toEqual(["reset /"])
        const before = yield* seqNow
        yield* call(`${ada.path}::revokePerm`, { node: "/secret/deep", perms: READ }).pipe(Effect.ignore)
        yield* call("/secret/deep::restore")
        yield* grant(ada.path, "/secret", ["READ"])
        // Whoever is bound to a part of it cannot know what is below the rest.
        expect(brief(yield* told({ since: before }, narrow)).at(-1)).toBe("reset /")
        yield* call(`${ada.path}::revokePerm`, { node: "/secret", perms: READ })
        const bob = yield* user("bob")
        const last = yield* seqNow
        yield* call("/secret::move", { to: "/other" })
        expect(brief(yield* told({ since: last }, bob.as))).toEqual([])
      })
    )
  )

  it.effect("of a part of the tree is told to read again where something above it is moved", () =>
    onKernel(
      Effect.gen(function* () {
        const ada = yield* user("ada")
        for (const path of ["/a", "/a/b", "/a/b/c", "/z"]) yield* create(path)
        yield* grant(ada.path, "/a/b", ["READ"])
        const { id } = yield* get("/a/b")
        for (const as of [undefined, ada.as]) {
          const since = yield* seqNow
          yield* call("/z::move", { to: "/", slug: "y" })
          yield* call("/a::move", { to: "/y", slug: "a" })
          expect(brief(yield* told({ since, under: `@${id}` }, as))).toEqual([`reset @${id}`])
          yield* call("/y/a::move", { to: "/" })
          yield* call("/y::move", { to: "/", slug: "z" })
        }
      })
    )
  )

  it.effect("is told of no edge to what they may not READ, and of a node before its edges", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const ada = yield* user("ada")
        for (const path of ["/open", "/secret"]) yield* create(path)
        yield* create("/secret/p", { class: D.Project.ref, props: { title: "p" } })
        yield* create("/open/q", { class: D.Project.ref, props: { title: "q" } })
        yield* grant(ada.path, "/open", ["READ"])
        const since = yield* seqNow
        const link = (target: string) => ({ edgeClass: D.works_on.ref, target, props: { role: "r" } })
        yield* create("/open/c", {
          class: D.Contact.ref,
          props: { email: "c" },
          links: [link("/secret/p"), link("/open/q")]
        })
        yield* call("/open/c::updateLink", { ...link("/secret/p"), props: { role: "s" } })
        yield* call("/open/c::unlink", { edgeClass: D.works_on.ref, target: "/secret/p" })
        expect(brief(yield* told({ since }, ada.as))).toEqual(["create /open/c", "link works_on"])
      })
    )
  )

  it.effect("goes on where a commit was cut in two by a lost connection, by commit and part", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/p", { class: D.Project.ref, props: { title: "p" } })
        yield* create("/q", { class: D.Project.ref, props: { title: "q" } })
        const since = yield* seqNow
        const works = (target: string) => ({ edgeClass: D.works_on.ref, target, props: { role: "r" } })
        yield* create("/c", { class: D.Contact.ref, props: { email: "c" }, links: [works("/p"), works("/q")] })
        const all = yield* told({ since })
        expect(all.map(({ op, part }) => [op, part])).toEqual([
          ["create", 0],
          ["link", 1],
          ["link", 2]
        ])
        expect(new Set(all.map(({ seq }) => seq)).size).toBe(1)
        expect(yield* told({ since, class: D.Contact.ref })).toMatchObject([{ op: "create", part: 0 }])
      })
    )
  )

  it.effect("from before what is kept is told CHANGES_EXPIRED, at the start and on the way", () =>
    onKernel(
      Effect.gen(function* () {
        const first = yield* seqNow
        expect((yield* Effect.flip(watch({ since: 0 }))) as PorticoError).toMatchObject({
          code: "CHANGES_EXPIRED",
          details: { since: first, seq: first }
        })
        expect((yield* Effect.flip(watch({ since: first + 1 }))) as PorticoError).toMatchObject({
          code: "CHANGES_EXPIRED"
        })
        for (let i = 0; i < 200; i++) yield* create(`/${i}`)
        const stalled = yield* watch({ since: first })
        const pull = yield* Stream.toPull(stalled)
        for (let i = 0; i < 10; i++) expect((yield* pull)[0].node?.path).toBe(`/${i}`)
        yield* TestClock.adjust("91 days")
        for (let turn = 0; turn < 200; turn++) yield* Effect.andThen(Effect.yieldNow, seqNow)
        expect((yield* Effect.flip(watch({ since: first }))) as PorticoError).toMatchObject({ code: "CHANGES_EXPIRED" })
        const rest = yield* Effect.flip(Effect.forever(pull))
        expect(rest).toMatchObject({ code: "CHANGES_EXPIRED" })
      }).pipe(Effect.scoped)
    )
  )
})

describe("a position", () => {
  it("is of a change in a commit: what is left of that commit comes after it", () => {
    const position = { seq: 5, part: 1 }
    expect(parsePosition(positionOf(position) ?? "")).toEqual(position)
    const after = [
      { seq: 4, part: 9 },
      { seq: 5, part: 0 },
      { seq: 5, part: 1 },
      { seq: 5, part: 2 },
      { seq: 6, part: 0 }
    ].filter((each) => isAfter(each, position))
    expect(after).toEqual([
      { seq: 5, part: 2 },
      { seq: 6, part: 0 }
    ])
    // The commit itself has to be read again.
    expect(sinceOf(position)).toBe(4)
  })
})

describe("abuse 21: a revoke while a stream is open", () => {
  it.effect("ends delivery at once, also of what happened before it and was not pulled yet", () =>
    onKernel(
      Effect.gen(function* () {
        const ada = yield* user("ada")
        yield* create("/a")
        yield* grant(ada.path, "/a", READ)
        const stream = yield* watch({ under: "/a" }, ada.as)
        const pull = yield* Stream.toPull(stream)
        yield* create("/a/1")
        yield* create("/a/2")
        expect((yield* pull)[0].node?.path).toBe("/a/1")
        yield* call(`${ada.path}::revokePerm`, { node: "/a", perms: READ })
        yield* create("/a/3")
        const { id } = yield* get("/a")
        expect(brief([(yield* pull)[0]])).toEqual([`reset @${id}`])
        expect(yield* Effect.flip(pull)).toMatchObject({ code: "NOT_FOUND" })
      }).pipe(Effect.scoped)
    )
  )

  it.effect(
    "closes a stream whose identity is deleted, or that may no longer use it, without waiting for an event of theirs",
    () =>
      onKernel(
        Effect.gen(function* () {
          const ada = yield* user("ada")
          const ben = yield* user("ben")
          const ends = [yield* live({}, ada.as), yield* live({}, ben.as)]
          yield* call(`${ada.path}::delete`)
          expect((yield* (ends[0] ?? ends[1])?.end ?? Effect.die("none")).code).toMatch(/NOT_FOUND|PERMISSION_DENIED/)
          yield* call("/identities/authenticated::revokePerm", {
            node: "/:kernel.portico.dev:interface.Node",
            perms: ["USE"]
          })
          expect((yield* ends[1]?.end ?? Effect.die("none")).code).toBe("PERMISSION_DENIED")
        })
      )
  )
})

describe("abuse 41: a watcher that does not read", () => {
  it.effect("costs nothing while it does not, and then gets everything once and in order", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const stalled = yield* Effect.forEach(Array.from({ length: 500 }), () =>
          Effect.flatMap(watch({ under: "/a" }), Stream.toPull)
        )
        const big = "x".repeat(20_000)
        const before = process.memoryUsage().heapUsed
        for (let i = 0; i < 300; i++) yield* call("/a::update", { props: { name: `${i}${big}` } })
        // Queued for each of them these would be 3 GB.
        expect(process.memoryUsage().heapUsed - before).toBeLessThan(300_000_000)
        for (const pull of stalled.slice(0, 2)) {
          for (let i = 0; i < 300; i++) {
            const [{ node }] = yield* pull
            expect(String(Object.values(node?.props ?? {})[0]).slice(0, -big.length)).toBe(`${i}`)
          }
        }
      }).pipe(Effect.scoped)
    )
  )
})
