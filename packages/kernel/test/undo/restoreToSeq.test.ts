import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Kernel } from "../../src/index.ts"
import { bundle, D } from "../support/crm.ts"
import { call, create, get, grant, install, onKernel, refused, user } from "../support/kernel.ts"

const seq = Effect.flatMap(Kernel, (kernel) => kernel.seq)
const named = (name: string) => ({ props: { name } })

describe("a restore to an earlier commit", () => {
  it.effect("gives a node the props and the place that it had then, whether it is in the trash or not", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/b")
        const { id } = yield* create("/a/n", named("one"))
        const states = new Map<number, readonly [path: string, name: unknown]>()
        const note = Effect.gen(function* () {
          const node = yield* get(`@${id}`)
          states.set(yield* seq, [node.path, node.props[K.Named.name.key]])
        })
        yield* note
        yield* call(`@${id}::update`, named("two"))
        yield* note
        yield* call(`@${id}::move`, { to: "/b", slug: "m" })
        yield* note
        yield* call(`@${id}::update`, { props: {}, unset: ["name"] })
        yield* note
        yield* call(`@${id}::delete`)
        yield* create("/unrelated")
        const check = Effect.forEach([...states], ([commit, [path, name]]) =>
          Effect.gen(function* () {
            expect(yield* call(`@${id}::restore`, { seq: commit })).toMatchObject({ path })
            const node = yield* get(path)
            expect([node.id, node.props[K.Named.name.key]]).toEqual([id, name])
          })
        )
        yield* check
        yield* check
        const { changes } = yield* call(`@${id}::history`, { limit: 1 })
        expect(changes[0].op).toBe("restore")
      })
    )
  )

  it.effect("gives a node the edges that started at it then, but those to what is out of sight or gone", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        const projects = ["/one", "/two", "/three", "/four"]
        for (const path of projects) yield* create(path, { class: D.Project.ref, props: { title: path } })
        const edgeClass = D.blocks.ref
        const sources = ["/two", "/three", "/four"]
        for (const target of sources) yield* call("/one::link", { edgeClass, target })
        const then = yield* seq
        for (const target of sources) yield* call("/one::unlink", { edgeClass, target })
        yield* call("/two::link", { edgeClass, target: "/one" })
        yield* call("/four::delete")
        const ada = yield* user("ada")
        for (const path of ["/one", "/three", `/:${D.blocks.ref}`])
          yield* grant(ada.path, path, ["READ", "EDIT", "USE"])
        const targets = Effect.map(call("/one::getLinks", { with: "nodes" }), ({ nodes }) =>
          nodes.map(({ path }: { path: string }) => path)
        )
        yield* call("/one::restore", { seq: then }, ada.as)
        expect(yield* targets).toEqual(["/three"])
        expect((yield* refused("/one::restore", { seq: then })).code).toBe("CYCLE")
        yield* call("/two::unlink", { edgeClass, target: "/one" })
        yield* call("/one::restore", { seq: then })
        expect((yield* targets).sort()).toEqual(["/three", "/two"])
      })
    )
  )

  it.effect("is refused for a commit that is not there yet, from before the node, or no longer kept", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const before = yield* seq
        yield* create("/b")
        expect((yield* refused("/b::restore", { seq: before })).code).toBe("INVALID_PARAMS")
        expect((yield* refused("/b::restore", { seq: before + 100 })).code).toBe("INVALID_PARAMS")
        expect((yield* refused("/b::restore", { seq: 0 })).code).toBe("CHANGES_EXPIRED")
      })
    )
  )

  it.effect(
    "is refused where its place of then is in itself by now, and writes nothing where nothing is different",
    () =>
      onKernel(
        Effect.gen(function* () {
          yield* create("/a")
          yield* create("/a/b")
          const then = yield* seq
          yield* call("/a/b::move", { to: "/" })
          yield* call("/a::move", { to: "/b" })
          const now = yield* seq
          expect((yield* refused("/b::restore", { seq: then })).code).toBe("CYCLE")
          expect(yield* call("/b::restore", { seq: now })).toMatchObject({ path: "/b" })
          expect(yield* seq).toBe(now)
        })
      )
  )

  it.effect("holds to what update and move hold to", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/a")
        yield* create("/b")
        yield* create("/a/c", { class: D.Contact.ref, props: { email: "old@x.example" } })
        const then = yield* seq
        yield* call("/a/c::update", { props: { email: "new@x.example" } })
        yield* create("/a/d", { class: D.Contact.ref, props: { email: "old@x.example" } })
        expect((yield* refused("/a/c::restore", { seq: then })).code).toBe("CONSTRAINT_VIOLATED")
        yield* call("/a/c::move", { to: "/b" })
        const ada = yield* user("ada")
        yield* grant(ada.path, "/b", ["READ", "EDIT"])
        expect((yield* refused("/b/c::restore", { seq: then }, ada.as)).code).toBe("NOT_FOUND")
        yield* grant(ada.path, "/a", ["READ"])
        expect(yield* refused("/b/c::restore", { seq: then }, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["EDIT"], on: "/a" }
        })
        const eve = yield* user("eve")
        for (const path of ["/a", "/b/c"]) yield* grant(eve.path, path, ["READ", "EDIT"])
        yield* grant(eve.path, "/b", ["READ"])
        expect(yield* refused("/b/c::restore", { seq: then }, eve.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["EDIT"], on: "/b" }
        })
        yield* call("/a/d::delete")
        yield* call("/b/c::restore", { seq: then })
        expect((yield* get("/a/c")).props[D.Contact.email.key]).toBe("old@x.example")
      })
    )
  )
})
