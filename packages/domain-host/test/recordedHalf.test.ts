import { assert, describe, it } from "@effect/vitest"
import type { GraphClient } from "@portico/client"
import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { ALL, defineSchema, EDIT, K, type PorticoError, READ, SHARE, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { start } from "./product.ts"

const origin = "office.example.dev"
const runPath = `/:${origin}:function.run`

const tried = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "allowed",
    (error: PorticoError) => error.code
  )

/** A domain that owns `/office`, acts on `/shared`, and does in its handler what the test says. */
const office = (body: (graphs: Record<"kernel" | "caller" | "self", GraphClient>) => Promise<unknown>) =>
  defineDomain({
    schema: defineSchema(origin, {}),
    functions: {
      run: defineRemoteFunction({
        returns: Schema.Json,
        execute: async ({ caller, kernel, selfKernel }) =>
          ((await body({ kernel, caller, self: selfKernel() })) ?? null) as Schema.Json
      })
    },
    owns: ["/office"],
    acts: { nodes: ["/shared"], perms: READ | EDIT | USE }
  })

interface Change {
  readonly op: string
  readonly actor: string | null
  readonly via?: string
  readonly allowedBy: string
}

const setup = (body: Parameters<typeof office>[0], perms: Readonly<Record<string, number>>) =>
  Effect.gen(function* () {
    const app = yield* start({ bundled: [office(body)] })
    for (const path of ["/shared", "/shared/a", "/shared/b", "/office/a"]) yield* app.system.create(K.Folder, { path })
    const ada = yield* app.user("ada", perms)
    const run = (yield* app.system.get(`/${origin}/core/functions/run`)).id
    const last = (path: string) =>
      Effect.map(app.system.call(`${path}::history`, { limit: 1 }), (answer) => {
        // Boundary: the shape is that of the kernel's contract.
        const [change] = (answer as { readonly changes: ReadonlyArray<Change> }).changes
        return change
      })
    return { ...app, ada, run, last }
  })

describe("what a handler changes (abuse 17)", () => {
  it.effect("is recorded with the half that allowed it: the caller's, the function's, or only both together", () =>
    Effect.gen(function* () {
      const { ada, last, run, system } = yield* setup(
        async ({ caller, kernel, self }) => {
          await caller.create(K.Folder, { path: "/shared/by-caller" })
          await self.create(K.Folder, { path: "/office/by-self" })
          await kernel.update("/shared/b", { props: { name: "by kernel" } })
          await kernel.update("/office/a", { props: { name: "by kernel" } })
          // To grant READ takes SHARE and READ: the function has the one, its caller the other.
          await kernel.grant(`/:${origin}`, { node: "/shared/a", perms: READ })
        },
        { "/shared": READ | EDIT | USE }
      )
      yield* system.grant(`/${origin}/core/functions/run`, { node: "/shared/a", perms: SHARE })
      yield* ada.graph.call(runPath)
      const expected = {
        "/shared/by-caller": { op: "create", allowedBy: "caller" },
        "/office/by-self": { op: "create", allowedBy: "function" },
        "/shared/b": { op: "update", allowedBy: "caller" },
        "/office/a": { op: "update", allowedBy: "function" },
        [`/${origin}`]: { op: "grant", allowedBy: "both" }
      }
      for (const [path, change] of Object.entries(expected)) {
        assert.deepInclude(yield* last(path), { ...change, actor: ada.id, via: run }, path)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("with kernel is allowed by either half, with caller by the caller's, with selfKernel by its own", () =>
    Effect.gen(function* () {
      const seen: Record<string, string> = {}
      const { ada } = yield* setup(
        async (graphs) => {
          for (const [name, graph] of Object.entries(graphs)) {
            seen[`${name} edits what the caller may`] = await tried(graph.update("/shared/a", { props: { name } }))
            seen[`${name} edits what the function may`] = await tried(graph.update("/office/a", { props: { name } }))
          }
        },
        { "/shared": READ | EDIT }
      )
      yield* ada.graph.call(runPath)
      assert.deepStrictEqual(seen, {
        "kernel edits what the caller may": "allowed",
        "kernel edits what the function may": "allowed",
        "caller edits what the caller may": "allowed",
        "caller edits what the function may": "NOT_FOUND",
        "self edits what the caller may": "NOT_FOUND",
        "self edits what the function may": "allowed"
      })
    }).pipe(Effect.scoped)
  )
})

describe("a grant that a handler makes (abuse 18)", () => {
  it.effect("is refused with the caller's half, which never has SHARE, though its caller has it", () =>
    Effect.gen(function* () {
      const seen: Record<string, string> = {}
      const { ada } = yield* setup(
        async ({ caller, kernel, self }) => {
          const give = { node: "/shared", perms: READ }
          seen.caller = await tried(caller.grant("/:office.example.dev", give))
          seen.kernel = await tried(kernel.grant("/:office.example.dev", give))
          seen.self = await tried(self.grant("/:office.example.dev", give))
          seen.root = await tried(kernel.grant("/:office.example.dev", { node: "/", perms: ALL }))
          seen.beyond = await tried(self.grant("/:office.example.dev", { node: "/office", perms: ALL }))
        },
        { "/": ALL }
      )
      yield* ada.graph.call(runPath)
      assert.deepInclude(seen, { beyond: "allowed" })
      assert.notInclude([seen.caller, seen.kernel, seen.self, seen.root], "allowed")
    }).pipe(Effect.scoped)
  )
})
