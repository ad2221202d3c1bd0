import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { cycles, type Edges, reachable, waves } from "../../src/internal/planner/graph.ts"

/** Up to seven nodes; each waits for a random set of them. */
const Graph = Schema.Array(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 6 })))).check(
  Schema.isMaxLength(7)
)

const within = (raw: ReadonlyArray<ReadonlyArray<number>>): Edges =>
  raw.map((before) => before.filter((node) => node < raw.length))

/** Floyd and Warshall's closure, by the book. */
const closure = (edges: Edges): ReadonlyArray<ReadonlyArray<boolean>> => {
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
    const reach = closure(edges)
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
    const reach = closure(edges)
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

  it.prop("what can be reached is what the closure says", [Graph], ([raw]) => {
    const edges = within(raw)
    const reach = closure(edges)
    edges.forEach((_, node) => {
      expect(reachable(edges, node)).toEqual(
        edges.flatMap((_, other) => (reach[node]?.[other] === true ? [other] : []))
      )
    })
  })
})
