import * as Effect from "effect/Effect"
import type { Graph } from "../store/Graph.ts"
import { Census } from "./Census.ts"
import type { Violation } from "./checks.ts"
import { cyclePass } from "./cycles.ts"
import { cardinalityPass, edgePass } from "./edges.ts"
import { indexCounts, indexPass, listPass, uniquePass } from "./indexes.ts"
import { type NodeFacts, nodePass } from "./nodes.ts"
import { Places } from "./Places.ts"
import { type AnyPass, passOf } from "./pass.ts"
import { changePass, folderPass, purgingIn, trashPass, trashTopPass } from "./records.ts"
import { metaPass, schemaPass, unreadable } from "./schema.ts"
import { wordPass, wordSums } from "./words.ts"

/** What a check came to. */
export interface Checked {
  /** Number of the commit that was looked at. */
  readonly seq: number
  readonly nodes: number
  readonly edges: number
  readonly changes: number
  readonly violations: ReadonlyArray<Violation>
  /** Whether there are more than are told. */
  readonly more: boolean
}

/** Violations that are told. */
const mostTold = 1_000

/** Reads the graph at one commit; on a database across a network each time at the last one. */
export type ReadGraph<E> = <A>(work: (graph: Graph) => A) => Effect.Effect<A, E>

interface Opened {
  readonly facts: NodeFacts
  readonly withWords: boolean
}

const open = (graph: Graph): Opened => ({
  facts: {
    seq: Number(graph.conn.prepare("SELECT value FROM kernel_meta WHERE name = 'seq'").get()?.value ?? 0),
    places: new Places(),
    census: new Census(),
    purging: purgingIn(graph)
  },
  withWords: graph.sql.dialect === "sqlite"
})

const passesOver = ({ facts, withWords }: Opened): ReadonlyArray<AnyPass> => [
  passOf(metaPass),
  passOf(nodePass(facts)),
  passOf(edgePass(facts)),
  passOf(cardinalityPass),
  passOf(cyclePass(facts.places)),
  passOf(uniquePass),
  passOf(listPass),
  passOf(indexPass(facts)),
  passOf(indexCounts(facts.census)),
  ...(withWords ? [passOf(wordPass(facts.census)), passOf(wordSums(facts.census))] : []),
  passOf(changePass(facts.seq, facts.census)),
  passOf(trashPass),
  passOf(trashTopPass),
  passOf(folderPass)
]

/**
 * Looks whether everything holds that should. It trusts nothing but the tables' columns, so it ends whatever is in them;
 * it reads a page at a time and lets others have their turn in between.
 */
export const checkGraph = <E>(read: ReadGraph<E>): Effect.Effect<Checked, E> =>
  Effect.gen(function* () {
    const opened = yield* read(open)
    const { census, seq } = opened.facts
    const violations: Array<Violation> = []
    let count = 0
    const run = Effect.fnUntraced(function* (pass: AnyPass) {
      for (;;) {
        const page = yield* read((graph) => pass.next(graph))
        page.count?.()
        count += page.found.length
        violations.push(...page.found.slice(0, mostTold - violations.length))
        if (page.next === undefined) return
        pass.advance(page)
        yield* Effect.yieldNow
      }
    })
    yield* run(passOf(schemaPass))
    // Without the contracts there is nothing that the rest could be held against.
    const isReadable = violations.every(({ check, message }) => check !== "schema.domain" || message !== unreadable)
    if (isReadable) for (const pass of passesOver(opened)) yield* run(pass)
    const { changes, edges, nodes } = census
    return { seq, nodes, edges, changes, violations, more: count > violations.length }
  })
