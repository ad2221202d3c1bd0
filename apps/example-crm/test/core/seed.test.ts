import { assert, describe, it } from "@effect/vitest"
import { FakeKernel } from "@portico/domain/testing"
import { Effect } from "effect"
import { assignments, contacts, projects } from "../../src/core/seeding/data.ts"
import { seed } from "../../src/core/seeding/seed.ts"

const createNode = "/:kernel.portico.dev:interface.Node:createNode"

interface Params {
  readonly path: string
  readonly onConflict: string
}

/** A kernel in which some paths exist; links are always answered. */
const kernelWith = (existing: Set<string>) => {
  const fake = FakeKernel.record().answer(createNode, ({ params }: { readonly params: Params }) => {
    const created = !existing.has(params.path)
    existing.add(params.path)
    return { id: params.path, path: params.path, rev: 1, created }
  })
  for (const email of contacts.map((one) => one.email)) {
    fake.answer(`/contacts/${email.replace("@", "~40")}::link`, {})
  }
  return fake
}

describe("the seed", () => {
  it.effect("makes contacts, projects and who works on them, the first time", () =>
    Effect.gen(function* () {
      const fake = kernelWith(new Set())
      assert.deepStrictEqual(yield* seed(fake.kernel), { created: contacts.length + projects.length })
      assert.lengthOf(fake.calls, contacts.length + projects.length + assignments.length)
    })
  )

  it.effect("leaves everything alone the next time", () =>
    Effect.gen(function* () {
      const existing = new Set<string>()
      yield* seed(kernelWith(existing).kernel)
      const again = kernelWith(existing)
      assert.deepStrictEqual(yield* seed(again.kernel), { created: 0 })
      for (const { params } of again.calls) assert.strictEqual((params as Params).onConflict, "skip")
    })
  )

  it("names only people and projects that it makes", () => {
    for (const { email, project } of assignments) {
      assert.isTrue(contacts.some((one) => one.email === email))
      assert.isTrue(projects.some((one) => one.slug === project))
    }
  })
})
