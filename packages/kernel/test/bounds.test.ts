import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Authority, Kernel } from "../src/index.ts"
import { scan, scanBudget } from "../src/internal/ops/scan.ts"
import { costOf, countedKernel, noCounts } from "./support/counted.ts"
import { bundleOf } from "./support/crm.ts"
import { call, create, grant, install, refused, rows, user } from "./support/kernel.ts"
import { first, ofFirst, ofSecond, second } from "./support/renamed.ts"
import { watch } from "./support/watch.ts"

/** Runs statements past the kernel. */
const sql = (...statements: ReadonlyArray<string>) =>
  Effect.flatMap(Database, ({ write }) =>
    write((tx) =>
      Effect.sync(() => {
        for (const statement of statements) tx.exec(statement)
      })
    )
  )

const keyOf = (slug: string) =>
  Effect.map(rows("SELECT key FROM nodes WHERE slug = ?", slug), ([row]) => Number(row?.key))

/** The numbers from 1 to `count`, as rows `i` of `numbers`. */
const numbers = (count: number) =>
  `WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${count})`

/** Folders `<first letter>1` and so on below a node, made past the kernel. */
const manyBelow = Effect.fnUntraced(function* (parent: number, count: number, from: number, classSlug: string) {
  const key = yield* keyOf(classSlug)
  yield* sql(
    `INSERT INTO nodes (key, id, parent, slug, class, rev, created_at, updated_at, props)
     ${numbers(count)} SELECT ${from} + i, 'id-' || (${from} + i), ${parent}, 's' || i, ${key}, 1, 0, 0, '{}' FROM numbers`,
    `UPDATE nodes SET holds = 1 WHERE key = ${parent}`
  )
})

const million = 1_000_000

describe("abuse 22: what is hidden", () => {
  it.effect("makes no list, count, page, tree or search beside it longer, nor has it the store give more", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      const ada = yield* user("ada")
      for (const path of ["/mine", "/vault", "/vault/open"]) yield* create(path)
      for (const path of ["/mine", "/vault/open"]) yield* grant(ada.path, path, 3)
      const fill = Effect.fnUntraced(function* (top: string, from: number, count: number) {
        for (let i = from; i < from + count; i++) yield* create(`${top}/n${i}`, { props: { name: `word number${i}` } })
        for (let i = from; i < from + count; i += 3) yield* call(`${top}/n${i}::delete`)
      })
      yield* fill("/mine", 0, 9)
      const folders = { class: K.Folder.ref }
      const named = { where: { name: { startsWith: "word" } } }
      const asks: ReadonlyArray<readonly [path: string, params: object]> = [
        ["/mine::listChildren", {}],
        ["/mine::listChildren", { ...folders, ...named, order: [["name", "desc"]], limit: 3 }],
        ["/mine::countChildren", {}],
        ["/mine::getTree", {}],
        ["/mine::getLinks", { direction: "both", edgeClass: K.has_parent.ref }],
        ["/mine/n1::history", {}],
        [K.Node.query.path, { start: { ...folders, count: true } }],
        [K.Node.query.path, { start: { ...folders, ...named, page: { limit: 2 } } }],
        [K.Node.query.path, { start: { search: "word", count: true } }],
        [K.Node.query.path, { start: { search: "number100", page: { limit: 2 } } }],
        [K.Node.query.path, { start: { under: "/mine" }, steps: [{ edge: "parent" }] }],
        [K.Identity.listAccessible.path, { perms: 3, ...folders, limit: 4 }]
      ]
      const costs = Effect.forEach(asks, ([path, params]) =>
        Effect.gen(function* () {
          // What a change made it forget is read once more.
          yield* call(path, params, ada.as)
          const { result, rows: read, statements } = yield* cost(call(path, params, ada.as))
          return [path, params, statements, read, JSON.stringify(result)]
        })
      )
      yield* call("/vault::update", { props: { name: "word" } })
      const before = yield* costs
      yield* fill("/vault", 100, 60)
      expect(yield* costs).toEqual(before)
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})

describe("abuse 23: 10,000 groups around one another and 10,000 grants on one node", () => {
  it.effect("cost a few statements for each group, once, and one for each node with grants after that", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      const kernel = yield* Kernel
      for (const path of ["/a", "/a/b", "/a/c"]) yield* create(path)
      const ada = yield* user("ada")
      yield* create("/identities/g", { class: K.Group.ref })
      yield* manyBelow(yield* keyOf("identities"), 10_000, million, "class.Group")
      const [g, a, memberOf, hasPerm] = [
        yield* keyOf("g"),
        yield* keyOf("a"),
        yield* keyOf("class.member_of"),
        yield* keyOf("class.has_perm")
      ]
      yield* sql(
        `INSERT INTO edges (class, source, target, slug, rev, props)
         ${numbers(10_000)} SELECT ${memberOf}, ${million} + i, ${million} + 1 + i % 10000, '', 1, '{}' FROM numbers`,
        `INSERT INTO edges (class, source, target, slug, rev, props) VALUES (${memberOf}, ${g}, ${million} + 1, '', 1, '{}')`,
        `INSERT INTO edges (class, source, target, slug, mask, rev, props)
         ${numbers(10_000)} SELECT ${hasPerm}, ${million} + i, ${a}, '', CASE i WHEN 5000 THEN 3 ELSE 1 END, 1, '{}' FROM numbers`
      )
      // A grant and a membership of its own make the kernel forget what it knew before these were written.
      yield* grant(ada.path, "/a", 4)
      yield* call("/identities/g::addMember", { member: ada.path })
      const mask = (path: string) => cost(kernel.mask(ada.as, path))
      const first = yield* mask("/a/b")
      expect(first.result).toBe(7)
      expect(first.statements).toBeLessThanOrEqual(3 * 10_000 + 100)
      expect(first.rows).toBeLessThanOrEqual(3 * 10_000 + 100)
      const second = yield* mask("/a/c")
      expect([second.result, second.statements]).toEqual([7, 1])
      yield* create("/a/b/d")
      // Others do not pay for her groups.
      expect((yield* cost(kernel.mask(Authority.anonymous, "/a/b/d"))).statements).toBeLessThanOrEqual(5)
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})

describe("abuse 31: deep, wide and huge trees", () => {
  it.effect("a place with 20,000 siblings costs as much as one with 20, whatever is done there", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      for (const path of ["/first", "/few", "/many", "/to"]) yield* create(path)
      yield* manyBelow(yield* keyOf("first"), 20, million, "class.Folder")
      yield* manyBelow(yield* keyOf("few"), 20, 2 * million, "class.Folder")
      yield* manyBelow(yield* keyOf("many"), 20_000, 3 * million, "class.Folder")
      const pages = { listChildren: { limit: 10 }, getTree: { limit: 10 }, countLinks: {} } as const
      const costs = Effect.fnUntraced(function* (top: string) {
        const all: Array<unknown> = []
        const note = Effect.fnUntraced(function* (work: Effect.Effect<unknown, unknown, Kernel>) {
          const { changed, rows: read, statements } = yield* cost(work)
          all.push({ statements, rows: read, changed })
        })
        yield* note(create(`${top}/new`))
        yield* note(call(`${top}/new::update`, { props: { name: "x" } }))
        yield* note(call(`${top}/s7::get`))
        yield* note(call(`${top}/s8::move`, { to: "/to", slug: top.slice(1) }))
        yield* note(call(`${top}/s9::delete`))
        for (const [method, params] of Object.entries(pages)) yield* note(call(`${top}::${method}`, params))
        yield* note(refused(`${top}::delete`))
        return all
      })
      // Of the first, what has to be read once is read as well.
      yield* costs("/first")
      const few = yield* costs("/few")
      expect(yield* costs("/many")).toEqual(few)
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })

  it.effect("a subtree of 20,000 is moved, deleted and restored by a few rows, and looked at as far as it says", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      for (const path of ["/big", "/to", "/to/in"]) yield* create(path)
      yield* manyBelow(yield* keyOf("big"), 20_000, million, "class.Folder")
      // Downwards, so that it has to look how high the tree is.
      const moved = yield* cost(call("/big::move", { to: "/to/in" }))
      expect(moved.changed).toBeLessThanOrEqual(10)
      expect(moved.rows).toBeLessThanOrEqual(10_000 + 50)
      const deleted = yield* cost(call("/to/in/big::delete", { recursive: true }))
      expect(deleted.result).toEqual({ deleted: 1_000, more: true })
      expect(deleted.changed).toBeLessThanOrEqual(10)
      expect(deleted.rows).toBeLessThanOrEqual(1_000 + 50)
      const restored = yield* cost(call("/to/in/big::restore"))
      expect(restored.changed).toBeLessThanOrEqual(10)
      expect(restored.rows).toBeLessThanOrEqual(10_000 + 50)
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })

  it.effect("what is removed for good goes in small writes, between which others have theirs", () => {
    const counts = noCounts()
    return Effect.gen(function* () {
      yield* create("/big")
      const big = yield* keyOf("big")
      yield* manyBelow(big, 5_000, million, "class.Folder")
      const likes = yield* keyOf("class.view_for")
      yield* sql(
        `INSERT INTO edges (class, source, target, slug, rev, props)
         ${numbers(5_000)} SELECT ${likes}, ${big}, ${big}, 'e' || i, 1, '{}' FROM numbers`
      )
      yield* call("/big::delete", { recursive: true })
      const left = Effect.map(rows("SELECT count(*) AS n FROM nodes WHERE key > ?", million), ([row]) => Number(row?.n))
      // Somebody who goes on writing: how often that is done while some of it is gone, and some is left.
      let others = 0
      const writer = Effect.gen(function* () {
        for (let turn = 0, now = yield* left; now > 0; turn++, now = yield* left) {
          yield* create(`/other${turn}`)
          if (now < 5_000) others++
        }
      })
      const writing = yield* Effect.forkChild(writer, { startImmediately: true })
      Object.assign(counts, noCounts())
      yield* TestClock.adjust("31 days")
      yield* Fiber.join(writing)
      for (let turns = 0; turns < 1_000; turns++) yield* Effect.yieldNow
      expect(yield* rows("SELECT * FROM trash")).toEqual([])
      expect(yield* rows("SELECT * FROM edges WHERE class = ?", likes)).toEqual([])
      expect(others).toBeGreaterThan(1)
      // 2,000 edges, or 500 nodes and their words, and what says how far it is.
      expect(counts.mostChanged).toBeLessThanOrEqual(2_010)
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})

describe("a version that renames what 4,000 nodes have", () => {
  it.effect("is installed by a statement for hundreds of them, and finds them as what they are called now", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      yield* install(bundleOf(first))
      yield* create("/people")
      yield* manyBelow(yield* keyOf("people"), 4_000, million, "class.Person")
      yield* sql(
        `UPDATE nodes SET props = '{"${ofFirst.mail}":"needle' || key || '","${ofFirst.cost}":1}' WHERE key > ${million}`
      )
      const { changed, statements } = yield* cost(install(bundleOf(second)))
      expect(statements).toBeLessThanOrEqual(500)
      // Once as nodes, and once as their words, of which there were none.
      expect(changed).toBeGreaterThan(2 * 4_000)
      expect(changed).toBeLessThanOrEqual(3 * 4_000 + 200)
      const found = yield* call(K.Node.query.path, { start: { search: `needle${million + 7}` } })
      expect(Object.values(found.nodes)).toMatchObject([
        { class: ofSecond.Contact, props: { [ofSecond.name]: `needle${million + 7}`, [ofSecond.price]: 1 } }
      ])
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})

describe("history whose time is over", () => {
  it.effect("goes in small writes", () => {
    const counts = noCounts()
    return Effect.gen(function* () {
      yield* create("/a")
      yield* sql(
        `INSERT INTO node_changes (number, seq, at, op, node, half)
         ${numbers(3_000)} SELECT ${million} + i, 1, 0, 'update', 1, 'caller' FROM numbers`
      )
      Object.assign(counts, noCounts())
      yield* TestClock.adjust("91 days")
      for (let turns = 0; turns < 1_000; turns++) yield* Effect.yieldNow
      expect(yield* rows("SELECT * FROM node_changes WHERE number > ?", million)).toEqual([])
      expect(counts.mostChanged).toBeLessThanOrEqual(510)
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})

describe("a watcher that waits", () => {
  it.effect("asks nothing of the store for writes that are refused or change nothing, however many there are", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      yield* create("/a", { props: { name: "a" } })
      const turns = Effect.forEach(Array.from({ length: 20 }), () => Effect.yieldNow)
      const writes = Effect.gen(function* () {
        yield* refused(K.Node.createNode.path, { class: K.Folder.ref, path: "/a" })
        yield* call("/a::update", { props: { name: "a" } })
        yield* turns
      })
      yield* writes
      const { statements } = yield* cost(writes)
      const waiting = yield* Effect.forkChild(Stream.runHead(yield* watch()), { startImmediately: true })
      yield* turns
      expect((yield* cost(writes)).statements).toBe(statements)
      expect(waiting.pollUnsafe()).toBeUndefined()
      const { id } = yield* create("/b")
      expect(Option.getOrThrow(yield* Fiber.join(waiting)).node?.id).toBe(id)
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})

describe("a question that goes beyond its budget", () => {
  it.effect("reads no more than the budget and a little, however much there is", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      yield* create("/many")
      yield* manyBelow(yield* keyOf("many"), 2_000, million, "class.Folder")
      yield* sql(`UPDATE nodes SET holds = 1 WHERE key > ${million}`)
      const asks: ReadonlyArray<readonly [path: string, params: object, limit: string]> = [
        [K.Node.query.path, { start: { under: "/many" } }, "visited"],
        ["/many::listChildren", { order: [["rev", "asc"]] }, "scan"],
        ["/many::countChildren", { where: { rev: { gt: 0 } } }, "scan"]
      ]
      for (const [path, params, limit] of asks) {
        const { result, rows: read } = yield* cost(refused(path, params))
        expect([path, result.details]).toMatchObject([path, { limit, max: 10 }])
        expect([path, read < 50]).toEqual([path, true])
      }
    }).pipe(Effect.provide(countedKernel(counts, { queryVisited: 10, scanLimit: 10 }), { local: true }))
  })
})

describe("an answer", () => {
  it.effect("holds ten thousand nodes, however many pages it is made of", () => {
    const counts = noCounts()
    return Effect.gen(function* () {
      const tops = Array.from({ length: 10 }, (_, i) => `/t${i}`)
      for (const [i, top] of tops.entries()) {
        yield* create(top)
        yield* manyBelow(yield* keyOf(top.slice(1)), 1_000, (i + 1) * million, "class.Folder")
      }
      const ask = (nodes: ReadonlyArray<string>) => ({
        start: { nodes },
        steps: [{ edge: "children", page: { limit: 1_000 } }]
      })
      const { nodes } = yield* call(K.Node.query.path, ask(tops.slice(1)))
      expect(Object.keys(nodes)).toHaveLength(9 * 1_001)
      expect(yield* refused(K.Node.query.path, ask(tops))).toMatchObject({
        code: "LIMIT_EXCEEDED",
        details: { limit: "nodes", max: 10_000 }
      })
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})

describe("a page of which next to nothing may be seen", () => {
  it("ends after so many rows, and says where the next one goes on", () => {
    const read = (after: number, limit: number) =>
      Array.from({ length: Math.max(0, Math.min(limit, 120_000 - after)) }, (_, i) => after + i + 1)
    let looked = 0
    const page = (after: number, shown: (row: number) => boolean) =>
      scan(after, 10, read, Number, (row) => {
        looked++
        return shown(row) ? row : undefined
      })
    const first = page(0, (row) => row === 70_000)
    expect([first, looked]).toEqual([{ items: [], next: scanBudget }, scanBudget])
    const second = page(scanBudget, (row) => row === 70_000)
    expect(second).toEqual({ items: [70_000], next: 2 * scanBudget })
    expect(page(2 * scanBudget, () => false)).toEqual({ items: [], next: undefined })
    expect(page(0, () => true)).toEqual({ items: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], next: 10 })
  })

  it.effect("is short and has a next, in links, history, the trash and what is accessible", () => {
    const counts = noCounts()
    const cost = costOf(counts)
    return Effect.gen(function* () {
      const count = scanBudget + 100
      for (const path of ["/hub", "/hub/in", "/hidden", "/wide"]) yield* create(path)
      const ada = yield* user("ada")
      yield* grant(ada.path, "/hub", 3)
      yield* grant(ada.path, "/wide", 1)
      const [hub, inner, hidden] = [yield* keyOf("hub"), yield* keyOf("in"), yield* keyOf("hidden")]
      const likes = yield* keyOf("class.view_for")
      yield* manyBelow(yield* keyOf("wide"), count, million, "class.Folder")
      const folder = yield* keyOf("class.Folder")
      yield* sql(
        `INSERT INTO edges (class, source, target, slug, rev, props)
         ${numbers(count)} SELECT ${likes}, ${hub}, ${hidden}, 'e' || i, 1, '{}' FROM numbers`,
        `INSERT INTO node_changes (number, seq, at, op, node, half, node_id, node_class, path, above)
         ${numbers(count)} SELECT ${million} + i, 1, 0, 'update', ${inner}, 'caller', 'x', ${folder}, '/hidden/in', '1/${hidden}/' FROM numbers`,
        `INSERT INTO trash (node, id, parent, slug, path, class, seq, deleted_at)
         ${numbers(count)} SELECT ${3 * million} + i, 'none' || i, ${hidden}, 's', '/hidden/s', '', i, 0 FROM numbers`
      )
      const asks: ReadonlyArray<readonly [path: string, params: object, of: string]> = [
        ["/hub::getLinks", { limit: 5 }, "edges"],
        [K.Node.listTrash.path, { limit: 5 }, "deleted"],
        ["/hub/in::history", { limit: 5 }, "changes"],
        [K.Identity.listAccessible.path, { perms: 1, under: "/wide", class: K.Group.ref, limit: 5 }, "nodes"]
      ]
      for (const [path, params, of] of asks) {
        const { result, rows: read, statements } = yield* cost(call(path, params, ada.as))
        expect([path, result[of], typeof result.next]).toEqual([path, [], "string"])
        expect([path, read < 1.05 * scanBudget, statements < 1.05 * scanBudget]).toEqual([path, true, true])
        const rest = yield* call(path, { ...params, cursor: result.next }, ada.as)
        expect([path, rest.next]).toEqual([path, undefined])
      }
    }).pipe(Effect.provide(countedKernel(counts), { local: true }))
  })
})
