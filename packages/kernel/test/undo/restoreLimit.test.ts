import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Kernel } from "../../src/index.ts"
import { violations } from "../support/integrity.ts"
import { call, create, digest, onKernel, refused } from "../support/kernel.ts"

const seq = Effect.flatMap(Kernel, (kernel) => kernel.seq)
const restored = (seq: number) => call("/top::restore", { seq, recursive: true })
const many = (count: number, slug: string) =>
  Effect.forEach(
    Array.from({ length: count }, (_, i) => i),
    (i) => create(`/top/${slug}${i}`),
    { discard: true }
  )
const slugs = Effect.map(call("/top::listChildren"), ({ nodes }) =>
  nodes.map(({ slug }: { slug: string }) => slug).sort()
)

/** Refused for its size, and nothing was changed. */
const isTooMuch = Effect.fnUntraced(function* (seq: number, limit: string, max: number) {
  const before = yield* digest
  expect(yield* refused("/top::restore", { seq, recursive: true })).toMatchObject({
    code: "LIMIT_EXCEEDED",
    details: { limit, max }
  })
  expect(yield* digest).toBe(before)
})

/** A kernel whose restores come by five nodes, and fifty changes of place. */
const onSmall = <A, E>(test: Parameters<typeof onKernel<A, E>>[0]) => onKernel(test, {}, [], { restoreNodes: 5 })

describe("a restore of everything below a node that is larger than the setting", () => {
  it.effect("is refused where there was more below it than that, and done where there was not", () =>
    onSmall(
      Effect.gen(function* () {
        yield* create("/top")
        yield* many(5, "a")
        const five = yield* seq
        yield* create("/top/a0/b")
        const six = yield* seq
        yield* call("/top/a1::delete")
        yield* isTooMuch(six, "nodes", 5)
        yield* call("/top/a0/b::delete")
        yield* restored(five)
        expect(yield* slugs).toEqual(["a0", "a1", "a2", "a3", "a4"])
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("counts what came in since, and never throws out only some of it or forgets what was there", () =>
    onSmall(
      Effect.gen(function* () {
        yield* create("/top")
        yield* create("/top/z")
        const then = yield* seq
        // All of these come before what is to stay.
        yield* many(5, "a")
        yield* isTooMuch(then, "nodes", 5)
        yield* call("/top/a0::delete")
        yield* restored(then)
        expect(yield* slugs).toEqual(["z"])
        // Below what is new it looks for what came in from elsewhere.
        yield* create("/top/new")
        yield* Effect.forEach([0, 1, 2, 3], (i) => create(`/top/new/${i}`))
        yield* isTooMuch(then, "nodes", 5)
        yield* call("/top/new/0::delete")
        yield* call("/top/new/1::delete")
        yield* restored(then)
        expect(yield* slugs).toEqual(["z"])
        expect(yield* violations).toEqual([])
      })
    )
  )

  it.effect("is refused where more of the whole store changed place since than ten times that", () =>
    onSmall(
      Effect.gen(function* () {
        for (const path of ["/top", "/top/a", "/b"]) yield* create(path)
        const then = yield* seq
        yield* call("/top/a::update", { props: { name: "new" } })
        const moves = (count: number) =>
          Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            (i) => call(i % 2 === 0 ? "/b::move" : "/c::move", { to: "/", slug: i % 2 === 0 ? "c" : "b" }),
            { discard: true }
          )
        yield* moves(50)
        yield* restored(then)
        yield* call("/top/a::update", { props: { name: "new" } })
        yield* moves(2)
        yield* isTooMuch(then, "moves", 50)
      })
    )
  )
})
