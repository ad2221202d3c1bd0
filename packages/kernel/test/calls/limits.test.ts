import { expect, it } from "@effect/vitest"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { Authority } from "../../src/index.ts"
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

it.effect("limits are settings", () =>
  onKernel(
    Effect.gen(function* () {
      yield* create("/a")
      const refusal = (path: string, params?: object, as?: Authority) =>
        Effect.map(refused(path, params, as), ({ code, details }) => [code, details?.limit, details?.max])
      const page = { start: { nodes: ["/a"] }, steps: [{ edge: "children", page: { limit: 101 } }] }
      for (const [path, params] of [
        ["/a::listChildren", { limit: 101 }],
        [K.Node.query.path, { start: { under: "/a", page: { limit: 101 } } }],
        [K.Node.query.path, page]
      ] as const) {
        expect(yield* refusal(path, params)).toEqual(["LIMIT_EXCEEDED", "page", 100])
      }
      yield* call("/a::listChildren", { limit: 100 })
      const update = { op: "update", node: "/a", props: {} }
      yield* call(K.Node.mutate.path, { ops: [update, update] })
      expect(yield* refusal(K.Node.mutate.path, { ops: [update, update, update] })).toEqual([
        "LIMIT_EXCEEDED",
        "ops",
        2
      ])
      const long = { props: { name: "x".repeat(2_000) } }
      expect(yield* refusal("/a::update", long)).toEqual(["LIMIT_EXCEEDED", "props", 1_024])
      const deep = Array.from({ length: 8 }, () => "/a").join("")
      for (let depth = 2; depth <= 8; depth++) yield* create(deep.slice(0, depth * 2))
      expect(yield* refusal(K.Node.createNode.path, { class: K.Folder.ref, path: `${deep}/a` })).toEqual([
        "LIMIT_EXCEEDED",
        "depth",
        8
      ])
      yield* create("/b")
      expect(yield* refusal("/a/a::move", { to: "/a/a/a/a/a/a/a" })).toEqual(["CYCLE", undefined, undefined])
      expect(yield* refusal("/a::move", { to: "/b" })).toEqual(["LIMIT_EXCEEDED", "depth", 8])
      const within = (depth: number): Authority => ({ ...Authority.system, depth })
      expect(yield* refusal("/a::get", undefined, within(3))).toEqual(["LIMIT_EXCEEDED", "callDepth", 3])
      yield* call("/a::get", undefined, within(2))
    }),
    undefined,
    undefined,
    { pageSize: 100, batchSize: 2, propsBytes: 1_024, pathDepth: 8, callDepth: 3 }
  )
)
