// What reads cost in process, beside hand-written SQL on the same file in the same run, by processor time.
// Run: node packages/kernel/bench/read.bench.ts [nodes]   (default 100,000)

import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Database } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import { report } from "../../gate/bench/report.ts"
import { Authority, Kernel } from "../src/index.ts"
import { fill, firstKey, idOf, manyEdges, pathOf, scattered, zipf } from "./support/graph.ts"
import { D, inFolder, kernelIn, setUp } from "./support/store.ts"
import { atLeast, versus } from "./support/timing.ts"

const size = Number(process.argv[2] ?? 100_000)
const hotNodes = 1_000
const at = <A>(list: ReadonlyArray<A>, turn: number): A => list[turn % list.length] as A

/** Chains below `/tree` that end ten deep, each with a user of its own in `team`, so that none has been looked at. */
const chains = (count: number) =>
  Effect.gen(function* () {
    const { write } = yield* Database
    const [nodeKey, userKey, below] = [10_000_000, 20_000_000, 9]
    yield* write((tx) =>
      Effect.sync(() => {
        const keyOf = (slug: string) => Number(tx.prepare("SELECT key FROM nodes WHERE slug = ?").get(slug)?.key)
        const insert = tx.prepare(
          `INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props)
           VALUES (?, ?, ?, ?, ?, 9, 0, 0, '{}')`
        )
        const join = tx.prepare(
          "INSERT INTO edges (class, source, target, slug, rev, props) VALUES (?, ?, ?, '', 9, '{}')"
        )
        const [tree, thing, users, user] = [
          keyOf("tree"),
          keyOf("class.Thing"),
          keyOf("identities"),
          keyOf("class.User")
        ]
        const [memberOf, team] = [keyOf("class.member_of"), keyOf("team")]
        for (let n = 0; n < count; n++) {
          for (let deep = 0; deep < below; deep++) {
            const key = nodeKey + n * below + deep
            insert.run(key, idOf(nodeKey + n * below + deep), deep === 0 ? tree : key - 1, `c${n}`, thing)
          }
          insert.run(userKey + n, idOf(userKey + n), users, `u${n}`, user)
          join.run(memberOf, userKey + n, team)
        }
      })
    )
    return Array.from({ length: count }, (_, n) => ({
      node: idOf(nodeKey + n * below + below - 1),
      user: idOf(userKey + n)
    }))
  })

/** One recursive query for what a user holds on a node: over the groups of groups, and over the ancestors. */
const rawMask = (db: DatabaseSync) => {
  const keyOf = (slug: string) => Number(db.prepare("SELECT key FROM nodes WHERE slug = ?").get(slug)?.key)
  const [memberOf, everyone, authenticated] = [keyOf("class.member_of"), keyOf("everyone"), keyOf("authenticated")]
  const query = db.prepare(
    `WITH RECURSIVE
       who (key) AS (
         SELECT key FROM nodes WHERE id = ?1 UNION SELECT ${everyone} UNION SELECT ${authenticated}
         UNION SELECT edges.target FROM who JOIN edges ON edges.source = who.key AND edges.class = ${memberOf}),
       up (key, parent) AS (
         SELECT key, parent FROM nodes WHERE id = ?2
         UNION ALL SELECT nodes.key, nodes.parent FROM up JOIN nodes ON nodes.key = up.parent)
     SELECT edges.mask FROM up JOIN edges ON edges.target = up.key AND edges.mask IS NOT NULL
     WHERE edges.source IN (SELECT key FROM who)`
  )
  return (user: string, node: string) => query.all(user, node).reduce((mask, row) => mask | Number(row.mask), 0)
}

/** The least that a check could be: a walk over Maps in memory, group by group and folder by folder. */
const mapWalk = () => {
  const groups = new Map([
    ["u", ["team"]],
    ["team", ["staff"]]
  ])
  const parents = new Map(Array.from({ length: 10 }, (_, n) => [`n${n + 1}`, `n${n}`]))
  const grants = new Map([["n1", new Map([["staff", 7]])]])
  return (user: string, node: string): number => {
    const who = new Set([user])
    for (const each of who) for (const group of groups.get(each) ?? []) who.add(group)
    let mask = 0
    for (let at: string | undefined = node; at !== undefined; at = parents.get(at)) {
      for (const [holder, bits] of grants.get(at) ?? []) if (who.has(holder)) mask |= bits
    }
    return mask
  }
}

const masks = (ada: Authority, db: DatabaseSync) =>
  Effect.gen(function* () {
    const kernel = yield* Kernel
    // A round takes some of the steps by which the system counts processor time.
    const [turns, rounds] = [1_000, 9]
    const cold = yield* chains(turns * (rounds + 1))
    const check = (as: Authority, node: string) => {
      const mask = Effect.runSync(kernel.mask(as, node))
      if (mask !== 7) throw new Error(`the mask is ${mask}`)
    }
    const deep = cold.slice(0, 100).map(({ node }) => `@${node}`)
    const walk = mapWalk()
    const many = 50_000
    const raw = rawMask(db)
    const ofCold = versus(
      { turns, run: (turn) => check(Authority.identity(at(cold, turn).user), `@${at(cold, turn).node}`) },
      {
        turns,
        run: (turn) => {
          if (raw(at(cold, turn).user, at(cold, turn).node) !== 7) throw new Error("the query is wrong")
        }
      },
      rounds
    )
    // A million a second where the walk over Maps makes 2.7 of them, which is what the specification says of both.
    const ofHot = versus(
      { turns: many, run: (turn) => check(ada, at(deep, turn)) },
      { turns: many, run: () => walk("u", "n10") }
    )
    report([
      atLeast(
        "permission check, ten deep, by a group of a group, hot, to a bare walk over Maps",
        ofHot,
        0.37,
        `${((1e6 / ofHot.ours) | 0).toLocaleString("en")} /s`
      ),
      atLeast("permission check, cold user and cold node, to one recursive query", ofCold, 1)
    ])
  })

const measure = (folder: string) =>
  Effect.gen(function* () {
    const { ada } = yield* setUp
    yield* fill(size, { words: false })
    const kernel = yield* Kernel
    const db = new DatabaseSync(join(folder, "data.db"), { readOnly: true })
    const call = (path: string, params?: object) =>
      Effect.runSync(kernel.call(ada, params === undefined ? { path } : { path, params }))
    console.log(`${size} nodes, fan-out 10; READ by a group of a group, on the top\n`)

    const row = db.prepare("SELECT * FROM nodes WHERE key = ?")
    const hot = Array.from({ length: hotNodes }, (_, n) => scattered(n, size))
    const picks = zipf(100_000, size)
    const [hotPaths, hotIds] = [hot.map((i) => `${pathOf(i)}::get`), hot.map((i) => `@${idOf(i)}::get`)]
    const zipfPaths = picks.map((i) => `${pathOf(i)}::get`)
    const turns = 20_000
    const rawHot = { turns, run: (turn: number) => row.get(firstKey + at(hot, turn)) }
    const get = (paths: ReadonlyArray<string>) => ({ turns, run: (turn: number) => call(at(paths, turn)) })
    report([
      atLeast("get by path, 1,000 hot nodes, to a select by integer key", versus(get(hotPaths), rawHot), 0.5),
      atLeast("get by id, 1,000 hot nodes, to a select by integer key", versus(get(hotIds), rawHot), 0.5),
      atLeast(
        "get by path, Zipf, to a select by integer key",
        versus(get(zipfPaths), { turns, run: (turn) => row.get(firstKey + at(picks, turn)) }),
        0.5
      )
    ])

    const children = db.prepare("SELECT * FROM nodes WHERE parent = ? ORDER BY slug LIMIT 10")
    const inner = Array.from({ length: hotNodes }, (_, n) => scattered(n, Math.floor(size / 10)))
    const innerPaths = inner.map((i) => `${pathOf(i)}::listChildren`)
    const few = 5_000
    const likes = Number(db.prepare("SELECT key FROM nodes WHERE slug = 'class.likes'").get()?.key)
    const edges = db.prepare("SELECT * FROM edges WHERE source = ? AND class = ? ORDER BY target, slug LIMIT 10")
    const rich = Array.from({ length: hotNodes }, (_, n) => scattered(n, Math.floor(size / 10)) * 10)
    const richPaths = rich.map((i) => `${pathOf(i)}::getLinks`)
    const links = { edgeClass: D.likes.ref, limit: manyEdges }
    report([
      atLeast(
        "listChildren, 10 nodes, to one select",
        versus(
          { turns: few, run: (turn) => call(at(innerPaths, turn)) },
          { turns: few, run: (turn) => children.all(firstKey + at(inner, turn)) }
        ),
        0.4
      ),
      atLeast(
        "getLinks, 10 edges, to one select",
        versus(
          { turns: few, run: (turn) => call(at(richPaths, turn), links) },
          { turns: few, run: (turn) => edges.all(firstKey + at(rich, turn), likes) }
        ),
        0.4
      )
    ])
    yield* masks(ada, db)
    db.close()
  }).pipe(Effect.provide(kernelIn(folder)))

await inFolder(measure)
