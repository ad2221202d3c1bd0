import { describe, expect, it } from "@effect/vitest"
import { compileDomain, defineSchema, edgeClass, K, KernelSchema, nodeClass, type PorticoError } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Authority, Kernel } from "../../src/index.ts"
import { bundle, bundleOf, D } from "../support/crm.ts"
import { call, create, grant, install, onKernel, user } from "../support/kernel.ts"
import { exported, imported, rowsOf } from "../support/transfer.ts"

const paths = (file: string) => rowsOf(file).map(({ path, source }) => path ?? `${source} ->`)

/** Nodes below `/a`: a few pages of them. */
const fill = (count: number) =>
  imported(
    Array.from({ length: count }, (_, n) => ({ path: `/a/n${n}`, class: K.Folder.ref, props: { name: "before" } }))
  )

/** Pieces of an export, taken one by one. */
const begun = Effect.fnUntraced(function* (params: object = {}, as: Authority = Authority.system) {
  const kernel = yield* Kernel
  const { result } = yield* kernel.call(as, { path: K.Node.export.path, params })
  // Boundary: what the contract of `export` says.
  return yield* Stream.toPull(Stream.decodeText(result as Stream.Stream<Uint8Array, PorticoError>))
})

describe("an export", () => {
  it.effect("has what the caller may READ, and says how many edges lead out of it", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/a")
        yield* create("/a/ada", { class: D.Contact.ref, props: { email: "a@x.dev" } })
        yield* create("/a/p", { class: D.Project.ref, props: { title: "P" } })
        yield* create("/b")
        yield* create("/b/q", { class: D.Project.ref, props: { title: "Q" } })
        yield* create("/b/hidden", { class: D.Project.ref, props: { title: "H" } })
        for (const target of ["/a/p", "/b/hidden"]) {
          yield* call("/a/ada::link", { edgeClass: D.works_on.ref, target, props: { role: "x" } })
        }
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", 1)
        yield* grant(ada.path, "/b/q", 1)
        const file = yield* exported({}, ada.as)
        expect(paths(file)).toEqual(["/a", "/a/ada", "/a/p", "/b/q", "/a/ada ->"])
        expect(JSON.parse(file.trim().split("\n").at(-1) ?? "")).toEqual({ end: { nodes: 4, edges: 1 } })
        const whole = yield* exported({ under: "/a" })
        expect(JSON.parse(whole.trim().split("\n").at(-1) ?? "")).toEqual({ end: { nodes: 3, edges: 1, outside: 1 } })
        expect(paths(yield* exported({ under: "/a", edges: "all" })).slice(3)).toEqual(["/a/ada ->", "/a/ada ->"])
        expect(paths(yield* exported({ under: "/a", edges: "none" }))).toHaveLength(3)
        expect(paths(yield* exported({ class: D.Project.ref, where: { title: { ne: "H" } } }))).toEqual([
          "/a/p",
          "/b/q"
        ])
        // What a boot and what installs make is in every instance that has these domains.
        expect(paths(yield* exported())).not.toContain("/identities")
        expect(paths(yield* exported()).filter((path) => String(path).includes("portico.dev"))).toEqual([])
        const hidden = yield* Effect.flip(exported({ under: "/b/hidden" }, ada.as))
        expect(hidden).toMatchObject({ code: "NOT_FOUND" })
        expect(yield* Effect.flip(exported({}, Authority.anonymous))).toMatchObject({ code: "UNAUTHENTICATED" })
      })
    )
  )

  it.effect("is of one commit, whatever is changed while it is read", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* fill(300)
        const pull = yield* begun({ under: "/a" })
        let text = (yield* pull).join("")
        yield* call("/a/n299::update", { props: { name: "after" } })
        yield* create("/a/zzz")
        yield* call("/a/n0::delete")
        text += (yield* Stream.runCollect(Stream.fromPull(Effect.succeed(pull)))).join("")
        const rows = rowsOf(text)
        expect(rows).toHaveLength(301)
        expect(rows.some(({ path }) => path === "/a/zzz")).toBe(false)
        expect(new Set(rows.slice(1).map(({ props }) => JSON.stringify(props))).size).toBe(1)
      }).pipe(Effect.scoped)
    )
  )

  it.effect("abuse 21: ends where READ is revoked while it is read", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* fill(300)
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", 1)
        const pull = yield* begun({}, ada.as)
        yield* pull
        yield* pull
        yield* call(`${ada.path}::revokePerm`, { node: "/a", perms: ["READ"] })
        expect(yield* Effect.flip(pull)).toMatchObject({ code: "NOT_FOUND" })
      }).pipe(Effect.scoped)
    )
  )

  it.effect("abuse 51: that nobody reads lets go of its commit, and only a few run at once", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* fill(300)
        const scope = yield* Scope.make()
        const pulls = yield* Effect.forEach([1, 2, 3, 4], () => Scope.provide(begun(), scope))
        for (const pull of pulls) yield* pull
        const refused = yield* Effect.flip(Effect.flatten(begun()))
        expect(refused).toMatchObject({ code: "RATE_LIMITED" })
        const [first] = pulls
        if (first === undefined) throw new Error("there is no export")
        yield* first
        yield* TestClock.adjust("40 seconds")
        expect(yield* Effect.flip(first)).toMatchObject({ code: "TIMEOUT" })
        yield* Scope.close(scope, Exit.void)
        expect(yield* Effect.flatten(begun())).toHaveLength(1)
      }).pipe(Effect.scoped)
    )
  )
})

describe("nodes that cannot be made without others", () => {
  const WholeClass = nodeClass({ implements: [KernelSchema.interfaces.Container] })
  const PartClass = nodeClass({ implements: [KernelSchema.interfaces.Container] })
  const made_of = edgeClass(
    { as: "whole", types: [WholeClass], cardinality: "1..*" },
    { as: "part", types: [PartClass, WholeClass] }
  )
  const schema = defineSchema("parts.example.dev", {
    classes: { WholeClass, PartClass, made_of },
    imports: [KernelSchema]
  })
  const P = compileDomain(schema)

  it.effect("come behind them, with the edges that they need", () =>
    Effect.gen(function* () {
      const link = (target: string) => ({ links: [{ edgeClass: P.made_of.ref, target }] })
      const file = yield* onKernel(
        Effect.gen(function* () {
          yield* install(bundleOf(schema))
          yield* create("/z")
          yield* create("/z/part", { class: P.PartClass.ref })
          yield* create("/m", { class: P.WholeClass.ref, ...link("/z/part") })
          yield* create("/a", { class: P.WholeClass.ref, ...link("/m") })
          yield* create("/a/below", { class: P.PartClass.ref })
          yield* call("/a::link", { edgeClass: P.made_of.ref, target: "/a/below" })
          return yield* exported()
        })
      )
      expect(paths(file)).toEqual(["/z", "/z/part", "/m", "/a", "/a/below", "/a ->"])
      const again = yield* onKernel(
        Effect.gen(function* () {
          yield* install(bundleOf(schema))
          yield* imported(file)
          return yield* exported()
        })
      )
      expect(paths(again)).toEqual(paths(file))
    })
  )
})
