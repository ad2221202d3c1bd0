import { describe, expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority, Kernel } from "../../src/index.ts"
import { bundle } from "../support/crm.ts"
import { call, create, get, grant, install, onKernel, refused, rows, user } from "../support/kernel.ts"

const setUp = Effect.gen(function* () {
  yield* install({ ...bundle, owns: ["/contacts"] })
  yield* create("/projects")
  yield* create("/projects/apollo")
  const ada = yield* user("ada")
  yield* grant(ada.path, "/projects", 15)
  const fn = yield* get("/:crm.example.dev:function.seed")
  const domain = yield* get("/:crm.example.dev")
  const own = { id: fn.id, also: [domain.id] }
  return { ada, own }
})

describe("a function's authority", () => {
  it.effect("is what the caller delegated together with what the function and its domain were granted", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const { ada, own } = yield* setUp
        const projects = (yield* get("/projects")).id
        const both = Authority.withFunction(Authority.narrow(ada.as, { nodes: [projects], perms: 7 }), own)
        expect(yield* kernel.mask(both, "/projects/apollo")).toBe(7)
        expect(yield* kernel.mask(both, "/contacts")).toBe(15)
        expect(yield* kernel.mask(Authority.callerOnly(both), "/contacts")).toBe(0)
        expect(yield* kernel.mask(Authority.functionOnly(ada.as, own), "/projects")).toBe(0)
        expect(yield* kernel.mask(Authority.functionOnly(ada.as, own), "/contacts")).toBe(15)
      })
    )
  )

  it.effect("is never handed on: a second function gets the caller's half and its own", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        const { ada, own } = yield* setUp
        const other = yield* get("/:crm.example.dev:class.Contact")
        const first = Authority.withFunction(ada.as, own)
        const second = Authority.withFunction(first, { id: other.id })
        expect(second.halves.map((half) => half.identity)).toEqual([ada.id, other.id])
        expect(yield* kernel.mask(second, "/contacts")).toBe(0)
        expect(second.depth).toBe(2)
      })
    )
  )

  it.effect("is that of just the identities that act together, whoever of them acted alone or with others before", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* create("/a")
        const [ada, ben, cyd] = [yield* user("ada"), yield* user("ben"), yield* user("cyd")]
        for (const [who, mask] of [[ada, 1] as const, [ben, 2] as const, [cyd, 4] as const])
          yield* grant(who.path, "/a", mask)
        const asked: Array<readonly [mask: number, also: ReadonlyArray<string>]> = [
          [1, []],
          [3, [ben.id]],
          [5, [cyd.id]],
          [7, [ben.id, cyd.id]]
        ]
        const masks = Effect.forEach(asked, ([, also]) =>
          kernel.mask(Authority.functionOnly(Authority.anonymous, { id: ada.id, also }), "/a")
        )
        const expected = asked.map(([mask]) => mask)
        expect(yield* masks).toEqual(expected)
        // Forgotten, and then asked the other way round.
        yield* grant(ada.path, "/a", 1 | 8)
        asked.reverse()
        expect(yield* masks).toEqual(expected.map((mask) => mask | 8).reverse())
      })
    )
  )

  it.effect("writes down which half allowed a change, through which function, and for whom", () =>
    onKernel(
      Effect.gen(function* () {
        const { ada, own } = yield* setUp
        const both = Authority.withFunction(ada.as, own)
        yield* create("/contacts/x", { as: both })
        yield* create("/projects/x", { as: both })
        yield* create("/projects/y", { as: ada.as })
        yield* create("/y")
        const last = yield* rows("SELECT op, actor, via, half FROM node_changes ORDER BY number DESC LIMIT 4")
        expect([...last].reverse()).toEqual([
          { op: "create", actor: ada.id, via: own.id, half: "function" },
          { op: "create", actor: ada.id, via: own.id, half: "caller" },
          { op: "create", actor: ada.id, via: null, half: "caller" },
          { op: "create", actor: null, via: null, half: "system" }
        ])
        // SHARE is the function's, and what is granted is the caller's.
        yield* grant("/:crm.example.dev:function.seed", "/projects", 8)
        const ben = yield* user("ben")
        yield* grant(ada.path, ben.path, 1)
        const mine = Authority.narrow(ada.as, { nodes: "all", perms: 7 })
        yield* grant(ben.path, "/projects", 1, Authority.withFunction(mine, own))
        const [grants] = yield* rows("SELECT op, half FROM node_changes ORDER BY number DESC LIMIT 1")
        expect(grants).toEqual({ op: "grant", half: "both" })
      })
    )
  )
})

describe("bounds", () => {
  it.effect("that name callables leave no other, and to a function that is named the kernel's operations", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/a")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", 3)
        const [seed, other] = ["/:crm.example.dev:function.seed", "/:crm.example.dev:class.Contact:ping"]
        const idOf = (path: string) => Effect.map(get(path), ({ id }) => id)
        const named = yield* idOf(seed)
        const bound = (id: string) => ({ nodes: "all", perms: 15, functions: [id] }) as const
        const narrow = Authority.narrow(ada.as, bound(named))
        const code = (path: string, as: Authority) => Effect.map(refused(path, {}, as), (error) => error.code)
        // Nothing here runs it, which is said to whoever may call it.
        expect(yield* code(seed, narrow)).toBe("NOT_IMPLEMENTED")
        for (const path of [other, "/a::get"])
          expect([path, yield* code(path, narrow)]).toEqual([path, "PERMISSION_DENIED"])
        const within = Authority.callerOnly(Authority.withFunction(narrow, { id: named }))
        expect((yield* get("/a", within)).path).toBe("/a")
        expect(yield* code(other, within)).toBe("PERMISSION_DENIED")
        const both = Authority.narrow(narrow, bound(yield* idOf("/kernel.portico.dev/interface.Node/get")))
        for (const path of [seed, other, "/a::get"])
          expect([path, yield* code(path, both)]).toEqual([path, "PERMISSION_DENIED"])
      })
    )
  )

  it.effect("keep a move from gaining a bit, be it within them or for who is behind the credential", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        for (const path of ["/a", "/a/x", "/mine"]) yield* create(path)
        const [ada, ben] = [yield* user("ada"), yield* user("ben")]
        const fn = yield* get("/:crm.example.dev:function.seed")
        const move = (as: Authority) => refused("/a/x::move", { to: "/mine" }, as)
        const gained = { code: "PERMISSION_DENIED", details: { needs: ["USE", "SHARE"], on: "/a/x" } }
        // With the credential both places are alike to her, and without it they are not.
        yield* grant(ada.path, "/a", 3)
        yield* grant(ada.path, "/mine", 15)
        expect(yield* move(Authority.narrow(ada.as, { nodes: "all", perms: 3 }))).toMatchObject(gained)
        // To him both are alike, and not to the function that acts for him.
        yield* grant(ben.path, "/", 15)
        yield* grant("/:crm.example.dev:function.seed", "/mine", 15)
        const narrow = Authority.narrow(ben.as, { nodes: "all", perms: 3 })
        expect(yield* move(Authority.withFunction(narrow, { id: fn.id }))).toMatchObject(gained)
        yield* call("/a/x::move", { to: "/mine" }, narrow)
      })
    )
  )

  it.effect("keep a move from taking a node to where what was granted on the node itself counts", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        for (const path of ["/a", "/a/x", "/mine"]) yield* create(path)
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a/x", 15)
        yield* grant("/:crm.example.dev:function.seed", "/", 3)
        const [fn, mine] = [yield* get("/:crm.example.dev:function.seed"), yield* get("/mine")]
        const narrow = Authority.narrow(ada.as, { nodes: [mine.id], perms: 15 })
        const both = Authority.withFunction(narrow, { id: fn.id })
        expect(yield* refused("/a/x::move", { to: "/mine" }, both)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE", "SHARE"], on: "/a/x" }
        })
      })
    )
  )

  it.effect("narrow and never widen, whatever a credential says", () =>
    onKernel(
      Effect.gen(function* () {
        const kernel = yield* Kernel
        yield* create("/a")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/a", 3)
        for (const perms of [0xffffffff, -1, 2 ** 31, 2 ** 53 + 1, 15, 3.5, Number.NaN]) {
          const mask = yield* kernel.mask(Authority.narrow(ada.as, { nodes: "all", perms }), "/a")
          expect(mask & ~3).toBe(0)
        }
        const scopes = [
          null,
          1,
          "all",
          [],
          {},
          { bounds: "all" },
          { bounds: [{ nodes: "all" }] },
          { bounds: [{ nodes: [1], perms: 15 }] },
          { bounds: [{ nodes: "all", perms: 15, functions: "all" }] },
          { bounds: [{ nodes: "all", perms: 15, functions: [1] }] },
          { bounds: [{ nodes: "all", perms: 15, functions: null }] }
        ]
        for (const scope of scopes) {
          expect(yield* kernel.mask(Authority.fromCaller({ id: ada.id, scope }), "/a")).toBe(0)
        }
        const scope = { bounds: [{ nodes: "all", perms: 1 }] }
        expect(yield* kernel.mask(Authority.fromCaller({ id: ada.id, scope }), "/a")).toBe(1)
        expect(yield* kernel.mask(Authority.fromCaller({ id: ada.id }), "/a")).toBe(3)
        expect(yield* kernel.mask(Authority.narrow(Authority.system, { nodes: "all", perms: 15 }), "/a")).toBe(0)
      })
    )
  )

  it.effect("hold in every operation of the kernel, whose callables they need not name", () =>
    onKernel(
      Effect.gen(function* () {
        for (const path of ["/in", "/in/x", "/out"]) yield* create(path)
        const ada = yield* user("ada")
        yield* grant(ada.path, "/", 15)
        const area = { nodes: [(yield* get("/in")).id] }
        const editor = Authority.narrow(ada.as, { ...area, perms: 3 })
        yield* call("/in/x::update", { props: { name: "x" } }, editor)
        expect((yield* refused("/out::get", undefined, editor)).code).toBe("NOT_FOUND")
        expect((yield* refused("/in/x::move", { to: "/out" }, editor)).code).toBe("NOT_FOUND")
        expect(
          (yield* refused("/in/x::move", { to: "/in", slug: "y" }, Authority.narrow(ada.as, { ...area, perms: 1 })))
            .code
        ).toBe("PERMISSION_DENIED")
        expect(yield* Effect.flip(create("/in/y", { as: editor }))).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE"], on: "/kernel.portico.dev/class.Folder", phase: "type" }
        })
        yield* create("/in/y", { as: Authority.narrow(ada.as, { ...area, perms: 7 }) })
      })
    )
  )

  it.effect("keep the callables of modules and domains out unless they name them", () =>
    onKernel(
      Effect.gen(function* () {
        yield* install(bundle)
        yield* create("/in")
        const ada = yield* user("ada")
        yield* grant(ada.path, "/", 15)
        const seed = yield* get("/:crm.example.dev:function.seed")
        const inside = (yield* get("/in")).id
        const narrow = Authority.narrow(ada.as, { nodes: [inside], perms: 15 })
        expect((yield* refused("/:crm.example.dev:function.seed", undefined, narrow)).code).toBe("NOT_FOUND")
        expect(yield* refused(K.Domain.list.path, undefined, narrow)).toMatchObject({
          code: "PERMISSION_DENIED",
          details: { needs: ["USE"], on: "/kernel.portico.dev/class.Domain/list", phase: "type" }
        })
        const named = Authority.narrow(ada.as, { nodes: [inside, seed.id], perms: 15 })
        expect((yield* refused("/:crm.example.dev:function.seed", undefined, named)).code).toBe("NOT_IMPLEMENTED")
      })
    )
  )
})

it.effect("a call deeper than 32 or past its deadline does not start", () =>
  onKernel(
    Effect.gen(function* () {
      const deep: Authority = { ...Authority.system, depth: 33 }
      expect(yield* refused("/::get", undefined, deep)).toMatchObject({
        code: "LIMIT_EXCEEDED",
        details: { limit: "callDepth" }
      })
      const late = Authority.withDeadline(Authority.system, -1)
      expect((yield* refused("/::get", undefined, late)).code).toBe("TIMEOUT")
    })
  )
)
