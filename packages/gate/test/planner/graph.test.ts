import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { closure, cycles, type Edges, waves } from "../../src/internal/planner/graph.ts"

/** Up to seven nodes; each waits for a random set of them. */
const Graph = Schema.Array(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 6 })))).check(
  Schema.isMaxLength(7)
)

const within = (raw: ReadonlyArray<ReadonlyArray<number>>): Edges =>
  raw.map((before) => before.filter((node) => node < raw.length))

/** Floyd and Warshall's closure, by the book. */
const warshall = (edges: Edges): ReadonlyArray<ReadonlyArray<boolean>> => {
  const reach = edges.map((before) => edges.map((_, node) => before.includes(node)))
  edges.forEach((_, k) => {
    edges.forEach((_, i) => {
      edges.forEach((_, j) => {
        const row = reach[i]
        if (row !== undefined && row[k] === true && reach[k]?.[j] === true) row[j] = true
      })
    })
  })
  return reach
}

/** One more than the longest way down, walking every path. */
const longest = (edges: Edges, node: number): number =>
  Math.max(0, ...(edges[node] ?? []).map((before) => 1 + longest(edges, before)))

describe("the module graph", () => {
  it.prop("a node has a wave exactly if it neither is on a cycle nor waits for one", [Graph], ([raw]) => {
    const edges = within(raw)
    const reach = warshall(edges)
    const found = waves(edges)
    edges.forEach((_, node) => {
      const stuck = edges.some(
        (_, other) => (other === node || reach[node]?.[other] === true) && reach[other]?.[other] === true
      )
      expect(found[node] === undefined).toBe(stuck)
    })
  })

  it.prop("a wave is the longest way down", [Graph], ([raw]) => {
    const edges = within(raw)
    waves(edges).forEach((wave, node) => {
      if (wave !== undefined) expect(wave).toBe(longest(edges, node))
    })
  })

  it.prop("every node that is on a cycle is on a printed one, and every printed one is a cycle", [Graph], ([raw]) => {
    const edges = within(raw)
    const reach = warshall(edges)
    const found = cycles(edges)
    for (const cycle of found) {
      expect(new Set(cycle).size).toBe(cycle.length)
      cycle.forEach((node, i) => {
        expect(edges[node]).toContain(cycle[(i + 1) % cycle.length])
      })
    }
    const onCycles = edges.flatMap((_, node) => (reach[node]?.[node] === true ? [node] : []))
    expect([...new Set(found.flat())].sort()).toEqual(onCycles)
  })

  it.prop("what a node reaches is what the closure says, unless it is on a cycle or behind one", [Graph], ([raw]) => {
    const edges = within(raw)
    const reach = warshall(edges)
    const wave = waves(edges)
    const order = edges.map((_, node) => node).filter((node) => wave[node] !== undefined)
    const reached = closure(
      edges,
      order.sort((a, b) => (wave[a] ?? 0) - (wave[b] ?? 0))
    )
    edges.forEach((_, node) => {
      const expected = edges.flatMap((_, other) => (reach[node]?.[other] === true ? [other] : []))
      expect(reached[node]).toEqual(wave[node] === undefined ? [] : expected)
    })
  })

  it("reaches along a chain of more nodes than a word has bits", () => {
    const edges = Array.from({ length: 70 }, (_, node) => (node === 0 ? [] : [node - 1]))
    const reached = closure(
      edges,
      edges.map((_, node) => node)
    )
    expect(reached[69]).toEqual(Array.from({ length: 69 }, (_, node) => node))
  })
})
