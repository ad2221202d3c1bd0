import { type CallRequest, eachNode, makeGraphClient } from "@portico/client"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { expect, expectTypeOf, it } from "vitest"
import { D } from "./fixtures.ts"

const recorded = (answers: ReadonlyArray<unknown>) => {
  const calls: Array<CallRequest> = []
  const kernel = makeGraphClient((request) =>
    Effect.sync(() => ({ result: answers[calls.push(request) - 1] ?? null, seq: 1 }))
  )
  return { calls, kernel }
}

const node = (slug: string) => ({
  id: slug,
  path: `/c/${slug}`,
  slug,
  class: D.Contact.ref,
  props: { [D.Contact.email.key]: slug },
  rev: 1,
  createdAt: 0,
  updatedAt: 0
})

it("listChildren of a class takes conditions on its properties by their short names, and no others", async () => {
  const { calls, kernel } = recorded([{ nodes: [node("a")] }])
  const { nodes } = await kernel.listChildren(D.Contact, "/c", {
    where: { email: { startsWith: "a" }, or: [{ slug: { eq: "a" } }, { not: { rev: { gt: 3 } } }] },
    order: [
      ["email", "asc"],
      ["createdAt", "desc"]
    ]
  })
  expect(nodes[0]?.props.email).toBe("a")
  expect(calls).toEqual([
    {
      path: "/c::listChildren",
      params: {
        class: D.Contact.ref,
        where: { email: { startsWith: "a" }, or: [{ slug: { eq: "a" } }, { not: { rev: { gt: 3 } } }] },
        order: [
          ["email", "asc"],
          ["createdAt", "desc"]
        ]
      }
    }
  ])
  const wrong = () => [
    // @ts-expect-error a contact has no such property
    kernel.listChildren(D.Contact, "/c", { where: { emial: { eq: "a" } } }),
    // @ts-expect-error nor can it be ordered by it
    kernel.listChildren(D.Contact, "/c", { order: [["emial", "asc"]] }),
    // @ts-expect-error a condition is an object of tests
    kernel.listChildren(D.Contact, "/c", { where: { email: "a" } })
  ]
  expect(wrong).toBeTypeOf("function")
})

it("eachNode goes through all pages, and fetches none that nobody wants", async () => {
  const { calls, kernel } = recorded([
    { nodes: [node("a"), node("b")], next: "2" },
    { nodes: [], next: "3" },
    { nodes: [node("c")] }
  ])
  const seen: Array<string> = []
  for await (const each of eachNode((page) => kernel.listChildren(D.Contact, "/c", { limit: 2, ...page }))) {
    expectTypeOf(each.props.email).toEqualTypeOf<string>()
    seen.push(each.slug)
  }
  expect(seen).toEqual(["a", "b", "c"])
  expect(calls.map(({ params }) => params)).toEqual([
    { class: D.Contact.ref, limit: 2 },
    { class: D.Contact.ref, limit: 2, cursor: "2" },
    { class: D.Contact.ref, limit: 2, cursor: "3" }
  ])
  const first = recorded([{ nodes: [node("a")], next: "2" }])
  for await (const each of eachNode((page) => first.kernel.listChildren("/c", page))) {
    expect(each.slug).toBe("a")
    break
  }
  expect(first.calls).toHaveLength(1)
})

it("counts are numbers", async () => {
  const { calls, kernel } = recorded([{ count: 3 }, { count: 4 }, { count: 5 }])
  expect(await kernel.countChildren("/c", { where: { slug: { gt: "a" } } })).toBe(3)
  expect(await kernel.countChildren(D.Contact, { id: "1" }, { where: { email: { eq: "a" } } })).toBe(4)
  expect(await kernel.countLinks("/c", { edge: K.member_of, direction: "in", class: K.User })).toBe(5)
  expect(calls).toEqual([
    { path: "/c::countChildren", params: { where: { slug: { gt: "a" } } } },
    { path: "@1::countChildren", params: { class: D.Contact.ref, where: { email: { eq: "a" } } } },
    { path: "/c::countLinks", params: { edgeClass: K.member_of.ref, direction: "in", class: K.User.ref } }
  ])
})

it("query takes handles and nodes where the kernel wants addresses", async () => {
  const answer = { nodes: { a: node("a") }, start: { nodes: ["a"] }, steps: [] }
  const { calls, kernel } = recorded([answer, answer])
  const found = await kernel.query({
    start: { class: D.Contact, under: { id: "1" }, search: "ada", count: true },
    steps: [{ as: "groups", edge: K.member_of, class: K.Group, props: ["name"] }, { edge: "parent" }]
  })
  expect(found).toEqual(answer)
  await kernel.query({ start: { nodes: ["/c", { id: "2" }] } })
  expect(calls).toEqual([
    {
      path: K.Node.query.path,
      params: {
        start: { class: D.Contact.ref, under: "@1", search: "ada", count: true },
        steps: [{ as: "groups", edge: K.member_of.ref, class: K.Group.ref, props: ["name"] }, { edge: "parent" }]
      }
    },
    { path: K.Node.query.path, params: { start: { nodes: ["/c", "@2"] } } }
  ])
})
