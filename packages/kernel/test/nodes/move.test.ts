import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { call, create, digest, get, grant, onKernel, refused, user } from "../support/kernel.ts"

describe("move", () => {
  it.effect("takes everything below along and keeps ids, and old paths are free again", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/a/b")
        const c = yield* create("/a/b/c")
        const d = yield* create("/a/b/c/d")
        yield* create("/z")
        yield* get("/a/b/c")
        yield* get(`@${d.id}`)
        expect(yield* call("/a/b::move", { to: "/z" })).toMatchObject({ path: "/z/b" })
        expect((yield* get(`@${d.id}`)).path).toBe("/z/b/c/d")
        expect(yield* get("/z/b/c")).toMatchObject({ id: c.id, path: "/z/b/c" })
        expect((yield* get(`@${c.id}`)).path).toBe("/z/b/c")
        expect((yield* refused("/a/b/c::get")).code).toBe("NOT_FOUND")
        yield* create("/a/b")
        expect(yield* call("/z/b::move", { to: "/z", slug: "renamed" })).toMatchObject({ path: "/z/renamed" })
        expect((yield* get(`@${c.id}`)).path).toBe("/z/renamed/c")
      })
    )
  )

  it.effect("refuses a place that is taken, that is below the node, or that is missing", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/a/b")
        yield* create("/b")
        const before = yield* digest
        expect((yield* refused("/a/b::move", { to: "/" })).code).toBe("PATH_CONFLICT")
        expect((yield* refused("/a::move", { to: "/a/b" })).code).toBe("CYCLE")
        expect((yield* refused("/a::move", { to: "/a" })).code).toBe("CYCLE")
        expect((yield* refused("/a::move", { to: "/nope" })).code).toBe("NOT_FOUND")
        expect((yield* refused("/a::move", { to: "/b", slug: "x", ifRev: 1 })).code).toBe("REV_CONFLICT")
        expect((yield* refused("/a::move", { to: "/", slug: "new.example.dev" })).code).toBe("CONSTRAINT_VIOLATED")
        expect((yield* refused("/::move", { to: "/a" })).code).toBe("CONSTRAINT_VIOLATED")
        expect(yield* digest).toBe(before)
      })
    )
  )

  it.effect("to where the node is already changes nothing, and to what is not its rev neither", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        const { id, rev } = yield* create("/a/b")
        const before = yield* digest
        for (const params of [{ to: "/a" }, { to: "/a", slug: "b" }, { to: "/a", ifRev: rev }]) {
          expect(yield* call("/a/b::move", params)).toEqual({ id, path: "/a/b", rev })
        }
        for (const [method, params] of [
          ["move", { to: "/" }],
          ["delete", {}],
          ["update", { props: { name: "x" } }]
        ] as const) {
          const error = yield* refused(`/a/b::${method}`, { ...params, ifRev: rev - 1 })
          expect(error).toMatchObject({ code: "REV_CONFLICT", details: { rev } })
        }
        expect(yield* digest).toBe(before)
        yield* call("/a/b::delete", { ifRev: rev })
      })
    )
  )

  it.effect("takes nothing deeper than a path may go, also not what is below the node", () =>
    onKernel(
      Effect.gen(function* () {
        let deep = ""
        const ops: Array<object> = []
        for (let i = 0; i < 62; i++) {
          deep += `/${i}`
          ops.push({ op: "createNode", class: K.Folder.ref, path: deep })
        }
        for (const path of ["/low", "/low/a", "/high", "/high/a", "/high/a/b"]) {
          ops.push({ op: "createNode", class: K.Folder.ref, path })
        }
        yield* call(K.Node.mutate.path, { ops })
        const refusal = { code: "LIMIT_EXCEEDED", details: { limit: "depth", max: 64 } }
        expect(yield* refused("/high::move", { to: deep })).toMatchObject(refusal)
        yield* call("/low::move", { to: deep })
        expect(yield* refused("/high::move", { to: `${deep}/low/a` })).toMatchObject(refusal)
      })
    )
  )

  it.effect("needs EDIT on both parents", () =>
    onKernel(
      Effect.gen(function* () {
        for (const path of ["/a", "/a/x", "/b"]) yield* create(path)
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", ["READ"])
        yield* grant(ada.path, "/a/x", ["EDIT"])
        yield* grant(ada.path, "/b", ["READ", "EDIT"])
        expect(yield* refused("/a/x::move", { to: "/b" }, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["EDIT"], on: "/a" }
        })
        yield* grant(ada.path, "/a", ["EDIT"])
        yield* call("/a/x::move", { to: "/b" }, ada.as)
      })
    )
  )

  it.effect("is refused where the mover would gain a bit on the node (abuse 60)", () =>
    onKernel(
      Effect.gen(function* () {
        for (const path of ["/a", "/a/x", "/mine"]) yield* create(path)
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", ["READ", "EDIT"])
        yield* grant(ada.path, "/mine", ["READ", "EDIT", "USE", "SHARE"])
        const before = yield* digest
        expect(yield* refused("/a/x::move", { to: "/mine" }, ada.as)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE", "SHARE"], on: "/a/x" }
        })
        expect(yield* digest).toBe(before)
        yield* grant(ada.path, "/a/x", ["USE", "SHARE"])
        yield* call("/a/x::move", { to: "/mine" }, ada.as)
      })
    )
  )

  it.effect("abuse 29: of two at once that would make a circle, one is refused and the tree stays a tree", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/b")
        const moves = yield* Effect.all(
          [Effect.exit(call("/a::move", { to: "/b" })), Effect.exit(call("/b::move", { to: "/a" }))],
          { concurrency: "unbounded" }
        )
        expect(moves.filter((exit) => exit._tag === "Success")).toHaveLength(1)
        const tree = yield* call("/::getTree", { depth: 3, limit: 1000 })
        const paths: ReadonlyArray<string> = tree.nodes.map((node: { path: string }) => node.path)
        expect(paths.filter((path) => /^\/[ab](\/[ab])?$/.test(path))).toHaveLength(2)
      })
    )
  )

  it.effect("of a large subtree writes one row, whatever lies below", () =>
    onKernel(
      Effect.gen(function* () {
        yield* create("/a")
        yield* create("/a/b")
        yield* create("/z")
        // That /z holds something is written down with the first.
        yield* create("/z/first")
        for (let i = 0; i < 300; i++) yield* create(`/a/b/${i}`)
        const before: string = yield* digest
        yield* call("/a/b::move", { to: "/z" })
        const after: string = yield* digest
        const rows = (text: string) =>
          new Set((JSON.parse(text) as ReadonlyArray<ReadonlyArray<object>>)[0]?.map((row) => JSON.stringify(row)))
        expect([...rows(after)].filter((row) => !rows(before).has(row))).toHaveLength(1)
        expect((yield* get("/z/b/7")).path).toBe("/z/b/7")
      })
    )
  )
})
