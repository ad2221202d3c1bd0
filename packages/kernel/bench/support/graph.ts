// A graph of realistic shape, written by SQL, since a million calls would take minutes: fan-out 10, two edges a node.
import { Database } from "@portico/gate/database"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { D } from "./store.ts"

/** Key of node 0; node `i` has `firstKey + i`. */
export const firstKey = 1_000_000
const fanOut = 10
/** Each tenth node has ten edges, the others one. */
export const manyEdges = 10

export const upOf = (i: number): number => Math.floor((i - 1) / fanOut)

/** Node `i` lies below node `(i - 1) / 10`: a million nodes are seven deep. */
export const pathOf = (i: number): string => (i === 0 ? "/tree/n0" : `${pathOf(upOf(i))}/n${i}`)

export const idOf = (i: number): string => `01900000-0000-7000-8000-${i.toString(16).padStart(12, "0")}`

export const propsOf = (i: number): Readonly<Record<string, string>> => ({
  [K.Named.name.key]: `Node ${i}`,
  [D.Thing.text.key]: `what there is to say about it ${"x".repeat(60)}`
})

/** Node `n` in a row that ends at `size` and visits each node once before any again. */
export const scattered = (n: number, size: number): number => (n * 7_919) % size

const edgesOf = (i: number): number => (i % 10 === 0 ? manyEdges : 1)

/** Node at the other end of the `n`th edge of node `i`. */
const otherOf = (i: number, n: number, size: number): number => (i * 13 + n * 101 + 1) % size

/** Writes `size` nodes below `/tree` with their edges and words. */
export const fill = (size: number, options: { readonly words: boolean }) =>
  Effect.gen(function* () {
    const { write } = yield* Database
    const part = 20_000
    for (let from = 0; from < size; from += part) {
      yield* write((tx) =>
        Effect.sync(() => {
          const keyOf = (slug: string) => Number(tx.prepare("SELECT key FROM nodes WHERE slug = ?").get(slug)?.key)
          const [tree, thing, likes] = [keyOf("tree"), keyOf("class.Thing"), keyOf("class.likes")]
          const node = tx.prepare(
            `INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props, holds)
             VALUES (?, ?, ?, ?, ?, 9, 0, 0, ?, ?)`
          )
          const edge = tx.prepare(
            "INSERT OR IGNORE INTO edges (class, source, target, slug, rev, props) VALUES (?, ?, ?, '', 9, '{}')"
          )
          const words = tx.prepare(
            "INSERT INTO node_text (rowid, title, body, below_title, below_body) VALUES (?, ?, 'about', ?, ?)"
          )
          for (let i = from; i < Math.min(size, from + part); i++) {
            const parent = i === 0 ? tree : firstKey + upOf(i)
            const holds = i * fanOut + 1 < size ? 1 : 0
            node.run(firstKey + i, idOf(i), parent, `n${i}`, thing, JSON.stringify(propsOf(i)), holds)
            for (let n = 0; n < edgesOf(i); n++) edge.run(likes, firstKey + i, firstKey + otherOf(i, n, size))
            if (options.words)
              words.run(firstKey + i, `n${i} node`, `${parent}xn${i} ${parent}xnode`, `${parent}xabout`)
          }
        })
      )
    }
  })

/** Picks whose frequency falls with their rank (Zipf, exponent 1): the same ones each time. */
export const zipf = (count: number, size: number): ReadonlyArray<number> => {
  let seed = 42
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  // The hot ones lie all over the tree, not at its top.
  return Array.from({ length: count }, () => scattered(Math.floor(size ** random()), size))
}
