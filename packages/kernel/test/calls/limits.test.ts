import { expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { call, create, onKernel, refused } from "../support/kernel.ts"

it.effect("every limit of one call is LIMIT_EXCEEDED with its name, one step behind what is allowed", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      const ops = (count: number) => ({
        ops: Array.from({ length: count }, () => ({ op: "update", node: "/a", props: {} }))
      })
      const steps = (count: number) => ({
        start: { nodes: ["/a"] },
        steps: Array.from({ length: count }, () => ({ edge: "parent" }))
      })
      const folder = (slug: string) => ({ class: K.Folder.ref, parent: "/a", slug })
      const named = (length: number) => ({ props: { name: "x".repeat(length) } })
      const key = JSON.stringify({ [K.Named.name.key]: "" }).length
      for (const [path, allowed, refusedParams, limit, max] of [
        ["/a::listChildren", { limit: 1000 }, { limit: 1001 }, "page", 1000],
        ["/a::getLinks", { limit: 1000 }, { limit: 1001 }, "page", 1000],
        [
          K.Node.query.path,
          { start: { under: "/a", page: { limit: 1000 } } },
          { start: { under: "/a", page: { limit: 1001 } } },
          "page",
          1000
        ],
        [K.Node.query.path, steps(16), steps(17), "steps", 16],
        [K.Node.mutate.path, ops(1000), ops(1001), "ops", 1000],
        [K.Node.createNode.path, folder("x".repeat(128)), folder("x".repeat(129)), "slug", 128],
        ["/a::update", named(256 * 1024 - key), named(256 * 1024 - key + 1), "props", 256 * 1024]
      ] as const) {
        yield* call(path, allowed)
        const refusal = yield* refused(path, refusedParams)
        expect([path, refusal.code, refusal.details]).toMatchObject([path, "LIMIT_EXCEEDED", { limit, max }])
      }
      // Less than nothing is no limit.
      expect((yield* refused("/a::listChildren", { limit: 0 })).code).toBe("INVALID_PARAMS")
    })
  )
)
