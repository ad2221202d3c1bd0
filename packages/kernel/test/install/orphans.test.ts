import { describe, expect, it } from "@effect/vitest"
import { defineSchema, edgeClass, K, KernelSchema, nodeClass } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { InstallPolicy } from "../../src/index.ts"
import { bundleOf } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, get, install, onKernel } from "../support/kernel.ts"

const origin = "shop.example.dev"
const Item = nodeClass({})
const Box = nodeClass({ implements: [KernelSchema.interfaces.Container], props: { size: Schema.String } })
const near = edgeClass({ as: "one", types: [Item] }, { as: "other", types: [Item] })
const first = bundleOf(defineSchema(origin, { classes: { Item, Box, near }, imports: [KernelSchema] }))
const less = bundleOf(defineSchema(origin, { classes: { Item }, imports: [KernelSchema] }))

const stored = Effect.gen(function* () {
  yield* install(first)
  for (const path of ["/a", "/b"]) yield* create(path, { class: `${origin}:class.Item` })
  for (const path of ["/box", "/box/box"]) yield* create(path, { class: `${origin}:class.Box`, props: { size: "s" } })
  yield* call("/a::link", { edgeClass: `${origin}:class.near`, target: "/b" })
})

const accepting = (orphans: object): InstallPolicy =>
  // Boundary: what comes over the wire may be any of the contract's words.
  ({ breaking: "accept", orphans }) as InstallPolicy

describe("what a removed class leaves behind", () => {
  it.effect("is given up by a policy that names all of it: nodes go to the trash, edges go", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        const before = yield* digest
        for (const orphans of [{}, { Box: "delete" }, { near: "delete", Box: "refuse" }]) {
          expect((yield* Effect.flip(install(less, accepting(orphans)))).code).toBe("SCHEMA_IN_USE")
        }
        expect(yield* digest).toBe(before)
        yield* install(less, accepting({ near: "delete", "class.Box": "delete" }))
        expect((yield* Effect.flip(get("/box"))) as object).toMatchObject({ code: "NOT_FOUND" })
        const { changes } = yield* call("/a::history", { limit: 1 })
        expect(changes).toMatchObject([{ op: "unlink", actor: null, allowedBy: "system" }])
        const { deleted } = yield* call(K.Node.listTrash.path)
        expect(deleted.map(({ path }: { path: string }) => path).sort()).toEqual(["/box", "/box/box"])
        expect((yield* Effect.flip(call(`@${deleted[0].id}::restore`))) as object).toMatchObject({
          code: "SCHEMA_CONFLICT"
        })
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("stays where it holds nodes of other classes, or the policy names what is not removed", () =>
    onKernel(
      Effect.gen(function* () {
        yield* stored
        yield* create("/box/kept")
        const before = yield* digest
        const code = (orphans: object) =>
          Effect.map(Effect.flip(install(less, accepting(orphans))), (error) => error.code)
        expect(yield* code({ near: "delete", Box: "delete" })).toBe("SCHEMA_IN_USE")
        expect(yield* code({ Item: "delete" })).toBe("INVALID_PARAMS")
        expect(yield* code({ Item: "keep" })).toBe("INVALID_PARAMS")
        expect(yield* digest).toBe(before)
      })
    )
  )
})
