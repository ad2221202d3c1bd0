import { describe, expect, it } from "@effect/vitest"
import { READ } from "@portico/schema"
import * as Effect from "effect/Effect"
import { call, create, grant, onKernel, onServer, user } from "../support/kernel.ts"
import { oracleMask, type World } from "../support/oracle.ts"
import { seqNow, told } from "../support/watch.ts"

const numbers = (seed: number) => {
  let at = seed * 2654435761 + 1
  return (below: number) => {
    at = (at * 1103515245 + 12345) % 2147483648
    return Math.floor((at / 2147483648) * below)
  }
}

type Parents = ReadonlyMap<number, number | undefined>

/** A change, and who was under whom before and after it. */
interface Step {
  readonly op: "create" | "update" | "move" | "delete"
  readonly node: number
  readonly id: string
  readonly before: Parents
  readonly after: Parents
}

const root = 0
const ada = 1_000

const isUnder = (parents: Parents, node: number | undefined, top: number): boolean =>
  node !== undefined && (node === top || isUnder(parents, parents.get(node), top))

/** What the specification says that a caller with these grants is told of a step. */
const oracle = (grants: World["grants"], now: Parents, { after, before, id, node, op }: Step): string | undefined => {
  const reads = (parents: Parents) => (oracleMask({ parents, memberships: [], grants }, [ada], node) & READ) !== 0
  switch (op) {
    case "create":
    case "update":
      return reads(after) ? `${op} ${id}` : undefined
    case "delete":
      return reads(before) ? `delete ${id}` : undefined
    case "move":
      if (reads(before) && reads(after)) return `move ${id}`
      if (reads(before) || reads(after)) return `reset @${id}`
      // What was granted somewhere below has come along to another path.
      return [...after.values()].includes(node) && grants.some(([, on]) => isUnder(now, on, node))
        ? "reset /"
        : undefined
  }
}

const play = (seed: number) =>
  Effect.gen(function* () {
    const pick = numbers(seed)
    const who = yield* user(`ada${seed}`)
    const top = yield* create(`/top${seed}`)
    const since = yield* seqNow
    const ids = [top.id as string]
    let parents: Parents = new Map([[root, undefined]])
    const steps: Array<Step> = []
    for (let step = 0; step < 60; step++) {
      const there = [...parents.keys()]
      const node = there[pick(there.length)] ?? root
      const before = parents
      const next = new Map(parents)
      const kind = (["create", "create", "update", "move", "move", "delete"] as const)[pick(6)] ?? "create"
      const isLeaf = ![...parents.values()].includes(node)
      if (kind === "create") {
        const made = ids.length
        ids.push((yield* create("", { path: undefined, parent: `@${ids[node]}`, slug: `n${step}` })).id)
        next.set(made, node)
        steps.push({ op: "create", node: made, id: ids[made] ?? "", before, after: next })
      } else if (node === root || (kind === "delete" && !isLeaf)) continue
      else if (kind === "update") {
        yield* call(`@${ids[node]}::update`, { props: { name: `${step}` } })
        steps.push({ op: "update", node, id: ids[node] ?? "", before, after: before })
      } else if (kind === "delete") {
        yield* call(`@${ids[node]}::delete`)
        next.delete(node)
        steps.push({ op: "delete", node, id: ids[node] ?? "", before, after: next })
      } else {
        const to = there[pick(there.length)] ?? root
        const moved = yield* Effect.result(call(`@${ids[node]}::move`, { to: `@${ids[to]}` }))
        if (moved._tag === "Failure" || parents.get(node) === to) continue
        next.set(node, to)
        steps.push({ op: "move", node, id: ids[node] ?? "", before, after: next })
      }
      parents = next
    }
    const until = yield* seqNow
    const grants: Array<World["grants"][number]> = []
    for (const node of parents.keys()) {
      if (node === root || pick(4) !== 0) continue
      grants.push([ada, node, READ])
      yield* grant(who.path, `@${ids[node]}`, READ)
    }
    const seen = (yield* told({ since }, who.as)).filter(({ seq }) => seq <= until)
    const said = seen.map(({ node, op, under }) => `${op} ${under ?? node?.id}`)
    expect(said).toEqual(steps.flatMap((step) => oracle(grants, parents, step) ?? []))
    return said.length
  })

describe("what a watcher is told", () => {
  it.effect("of any changes, under any grants, is what the oracle says", () =>
    onKernel(
      Effect.gen(function* () {
        const seeds = onServer ? 5 : 20
        let told = 0
        for (let seed = 1; seed <= seeds; seed++) told += yield* play(seed)
        // Neither everything nor nothing.
        expect(told).toBeGreaterThan(seeds * 2)
        expect(told).toBeLessThan(seeds * 50)
      })
    )
  )
})
