import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bundle, D } from "../support/crm.ts"
import { violations } from "../support/integrity.ts"
import { call, create, install, onKernel } from "../support/kernel.ts"
import { exported, imported, rowsOf } from "../support/transfer.ts"

/** What of a row has to be the same in another instance. */
const essence = ({ id: _, createdAt: _c, updatedAt: _u, rev: _r, ...rest }: Record<string, unknown>) => rest

describe("a file of an export", () => {
  it.effect("makes the same graph in another instance", () =>
    Effect.gen(function* () {
      const file = yield* onKernel(
        Effect.gen(function* () {
          yield* install(bundle)
          yield* create("/a", { props: { name: "A", description: 'über\n"x"' } })
          yield* create("/a/b")
          yield* create("/a/ada", {
            class: D.Contact.ref,
            props: { email: "ada@example.dev", address: { city: "Bern" } }
          })
          yield* create("/a/bob", { class: D.Contact.ref, props: { email: "bob@example.dev" } })
          yield* create("/a/ada/apollo", { class: D.Project.ref, props: { title: "Apollo" } })
          yield* call("/a/ada::link", { edgeClass: D.works_on.ref, target: "/a/ada/apollo", props: { role: "x" } })
          yield* call("/a/bob::link", { edgeClass: D.knows.ref, target: "/a/ada" })
          return yield* exported()
        })
      )
      const rows = rowsOf(file)
      expect(rows.map(({ path, source }) => path ?? source)).toEqual([
        "/a",
        "/a/ada",
        "/a/ada/apollo",
        "/a/b",
        "/a/bob",
        "/a/ada",
        "/a/ada"
      ])
      const [again, wrong, result] = yield* onKernel(
        Effect.gen(function* () {
          yield* install(bundle)
          const made = yield* imported(file)
          return [yield* exported(), yield* violations, made] as const
        })
      )
      expect(result).toMatchObject({ nodes: { created: 5 }, edges: { created: 2 }, failed: 0, transactions: 1 })
      expect(wrong).toEqual([])
      expect(rowsOf(again).map(essence)).toEqual(rows.map(essence))
    })
  )
})
