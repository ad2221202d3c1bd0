import { assert, describe, it } from "@effect/vitest"
import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { Authority, type Bound } from "@portico/kernel"
import { defineSchema, EDIT, isPermissionDenied, K, type PorticoError, READ, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import { start } from "./product.ts"

const tried = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "allowed",
    (error: PorticoError) => error.code
  )

/** Two domains that act everywhere; `first` tries things in its caller's name. */
const setup = Effect.gen(function* () {
  const seen: Record<string, string> = {}
  const acts = { nodes: ["/"], perms: READ | EDIT | USE }
  const second = defineDomain({
    schema: defineSchema("second.example.dev", {}),
    functions: { run: defineRemoteFunction({ execute: () => undefined }) },
    acts
  })
  const first = defineDomain({
    schema: defineSchema("first.example.dev", {}),
    functions: {
      run: defineRemoteFunction({
        execute: async ({ caller }) => {
          seen["reads inside"] = await tried(caller.get("/inside"))
          seen["edits inside"] = await tried(caller.update("/inside", { props: { name: "changed" } }))
          seen["reads outside"] = await tried(caller.get("/outside"))
          seen["calls on"] = await tried(caller.call("/:second.example.dev:function.run"))
        }
      })
    },
    acts
  })
  const app = yield* start({ bundled: [first, second] })
  for (const path of ["/inside", "/outside"]) yield* app.system.create(K.Folder, { path })
  const ada = yield* app.user("ada", { "/": READ | EDIT | USE })
  const idOf = (path: string) => Effect.map(app.system.get(path), ({ id }) => id)
  const ids = {
    inside: yield* idOf("/inside"),
    first: yield* idOf("/first.example.dev/core/functions/run"),
    second: yield* idOf("/second.example.dev")
  }
  /** Ada, with a credential that is narrowed. */
  const narrowed = (...bounds: ReadonlyArray<Bound>) =>
    app.as(Authority.fromCaller({ id: ada.id, credential: { kind: "delegation" }, scope: { bounds } }))
  return { ids, narrowed, seen }
})

const run = "/:first.example.dev:function.run"

describe("a function that is called with a narrowed credential", () => {
  it.effect("acts in its caller's name within what the credential left, by the kernel's operations alone", () =>
    Effect.gen(function* () {
      const { ids, narrowed, seen } = yield* setup
      const graph = narrowed({ nodes: [ids.inside, ids.first], perms: READ | USE, functions: [ids.first] })
      assert.isTrue(isPermissionDenied(yield* Effect.flip(graph.get("/inside"))))
      yield* graph.call(run)
      assert.deepStrictEqual(seen, {
        "reads inside": "allowed",
        "edits inside": "PERMISSION_DENIED",
        "reads outside": "NOT_FOUND",
        "calls on": "NOT_FOUND"
      })
    }).pipe(Effect.scoped)
  )

  it.effect("calls on only what each link of the chain names, or what is below that", () =>
    Effect.gen(function* () {
      const { ids, narrowed, seen } = yield* setup
      const all = { nodes: "all", perms: READ | EDIT | USE } as const
      yield* narrowed({ ...all, functions: [ids.first, ids.second] }).call(run)
      assert.strictEqual(seen["calls on"], "allowed")
      yield* narrowed({ ...all, functions: [ids.first, ids.second] }, { ...all, functions: [ids.first] }).call(run)
      assert.strictEqual(seen["calls on"], "PERMISSION_DENIED")
      const none = narrowed({ ...all, functions: [ids.first] }, { ...all, functions: [ids.second] })
      assert.isTrue(isPermissionDenied(yield* Effect.flip(none.call(run))))
      assert.isTrue(isPermissionDenied(yield* Effect.flip(narrowed({ ...all, functions: [] }).call(run))))
    }).pipe(Effect.scoped)
  )
})
