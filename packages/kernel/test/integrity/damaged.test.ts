import { describe, expect, it } from "@effect/vitest"
import { Database } from "@portico/gate/database"
import * as Effect from "effect/Effect"
import type { integrityChecks } from "../../src/index.ts"
import { integrity, violations } from "../support/integrity.ts"
import { create, onKernel } from "../support/kernel.ts"
import { livelyStore } from "../support/livelyStore.ts"

const role = `{"crm.example.dev:class.works_on.property.role":"lead"}`

/** Changes the store behind the kernel's back. */
const corrupt = (...statements: ReadonlyArray<string>) =>
  Effect.flatMap(Database, ({ write }) =>
    write((tx) =>
      Effect.sync(() => {
        for (const sql of statements) tx.exec(sql)
      })
    )
  )

describe("a check of a store", () => {
  it.effect("that goes round tells of the cycle and ends, as every operation does (abuse 30)", () =>
    onKernel(
      Effect.gen(function* () {
        const a = yield* create("/a")
        const b = yield* create("/a/b")
        yield* create("/a/b/c")
        yield* corrupt(`UPDATE nodes SET parent = ${node("b")} WHERE slug = 'a'`)
        const found = (yield* integrity).violations.filter(({ check }) => check === "tree.cycle")
        expect(found.map(({ subject }) => subject).sort()).toEqual([`@${a.id}`, `@${b.id}`].sort())
        expect(found[0]?.remedy).toContain("backup")
      })
    )
  )

  it.effect("tells no more than a thousand violations, and that there are more", () =>
    onKernel(
      Effect.gen(function* () {
        yield* corrupt(
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
           INSERT INTO edges (class, source, target, slug, rev, props) SELECT 1, -i, -i, '', 1, '{}' FROM n`
        )
        const { more, violations } = yield* integrity
        expect([violations.length, more]).toEqual([1_000, true])
      })
    )
  )
})

/** Key of the node with a slug. */
const node = (slug: string) => `(SELECT key FROM nodes WHERE slug = '${slug}')`

const classKey = (name: string) => node(`class.${name}`)
const edge = (name: string) => `class = ${classKey(name)}`
const insertEdge = (name: string, source: string, target: string, slug = "", props = "{}") =>
  `INSERT INTO edges (class, source, target, slug, rev, props)
   VALUES (${classKey(name)}, ${node(source)}, ${node(target)}, '${slug}', 1, '${props}')`

/** A damage of each kind, by what the check calls it. */
const damages: Readonly<Record<keyof typeof integrityChecks, ReadonlyArray<string>>> = {
  "meta.seq": ["UPDATE kernel_meta SET value = -1 WHERE name = 'seq'"],
  "meta.root": ["UPDATE nodes SET parent = 0 WHERE slug = 'projects'"],
  "meta.builtIn": ["UPDATE nodes SET slug = 'nobody' WHERE slug = 'everyone'"],
  "tree.cycle": [`UPDATE nodes SET parent = ${node("apollo")} WHERE slug = 'projects'`],
  "tree.orphan": ["UPDATE nodes SET parent = 123456 WHERE slug = 'apollo'"],
  "tree.depth": Array.from(
    { length: 66 },
    (_, i) => `INSERT INTO nodes (id, parent, slug, class, holds, rev, created_at, updated_at, props)
      SELECT '0198c0de-0000-7000-8000-0000000000${String(i).padStart(2, "0")}', max(key), 'deep', ${classKey("Folder")}, 1, 1, 1, 1, '{}' FROM nodes`
  ),
  "tree.container": [`UPDATE nodes SET parent = ${node("lin")} WHERE slug = 'apollo'`],
  "tree.slug": ["UPDATE nodes SET slug = 'a/b' WHERE slug = 'apollo'"],
  "tree.skeleton": ["UPDATE nodes SET skeleton = 'zeus' WHERE slug = 'apollo'"],
  "tree.lookAlike": ["UPDATE nodes SET slug = 'cope' WHERE slug = 'apollo'"],
  "tree.holds": ["UPDATE nodes SET holds = 0 WHERE slug = 'projects'"],
  "node.id": ["UPDATE nodes SET id = 'apollo' WHERE slug = 'apollo'"],
  "node.class": [`UPDATE nodes SET class = ${node("lin")} WHERE slug = 'apollo'`],
  "node.rev": ["UPDATE nodes SET rev = 1000000 WHERE slug = 'apollo'"],
  "node.props": [`UPDATE nodes SET props = '{' WHERE slug IN ('apollo', 'ada')`],
  "edge.ends": ["DELETE FROM nodes WHERE slug = 'apollo'"],
  "edge.class": [`UPDATE edges SET class = ${classKey("Contact")} WHERE ${edge("works_on")}`],
  "edge.types": [insertEdge("blocks", "ada", "zeus")],
  "edge.mask": [`UPDATE edges SET mask = 99 WHERE ${edge("has_perm")} AND source = ${node("lin")}`],
  "edge.self": [insertEdge("blocks", "zeus", "zeus")],
  "edge.twin": [insertEdge("knows", "ada", "ben", "again")],
  "edge.direction": [`UPDATE edges SET source = target, target = source WHERE ${edge("knows")}`],
  "edge.cycle": [insertEdge("blocks", "hera", "apollo")],
  "edge.cardinality": ["zeus", "hera"].map((project) => insertEdge("works_on", "ada", project, "", role)),
  "edge.props": [`UPDATE edges SET props = '{}' WHERE ${edge("works_on")}`],
  "edge.rev": [`UPDATE edges SET rev = -1 WHERE ${edge("works_on")}`],
  "grant.mark": ["UPDATE nodes SET granted = 0 WHERE slug = 'projects'"],
  "unique.missing": [`DELETE FROM node_uniques WHERE node = ${node("ada")}`],
  "unique.twin": [`UPDATE nodes SET props = (SELECT props FROM nodes WHERE slug = 'ada') WHERE slug = 'ben'`],
  "unique.stray": [`UPDATE node_uniques SET node = 123456 WHERE node = ${node("ada")}`],
  "index.list": ["DELETE FROM indexed_lists"],
  "index.row": [`UPDATE node_index SET value = value || 'x' WHERE node = ${node("ada")}`],
  "index.count": [`DELETE FROM node_index WHERE node = ${node("ada")}`],
  "words.differ": [`DELETE FROM node_text WHERE rowid = ${node("ada")}`],
  "schema.domain": ["UPDATE installed_domains SET contract_id = 'sha256:00' WHERE origin = 'crm.example.dev'"],
  "schema.nodes": [`DELETE FROM nodes WHERE slug = 'seed'`],
  "schema.edges": [`DELETE FROM edges WHERE ${edge("method_of")} AND source = ${node("assign")}`],
  "changes.order": ["UPDATE node_changes SET seq = 1000000 WHERE number = 5"],
  "changes.row": ["UPDATE node_changes SET before = '{' WHERE op = 'update'"],
  "trash.row": ["DELETE FROM trash WHERE path = '/contacts/cyd'"],
  "trash.claim": ["UPDATE trash_claims SET top = 123456"],
  "folder.owner": ["UPDATE owned_folders SET node = 123456"]
}

describe("a check of a damaged store tells of", () => {
  for (const [check, statements] of Object.entries(damages)) {
    it.effect(check, () =>
      onKernel(
        Effect.gen(function* () {
          yield* livelyStore
          yield* corrupt(...statements)
          const { violations } = yield* integrity
          expect(violations.map((each) => each.check)).toContain(check)
          for (const { remedy } of violations) expect(remedy).not.toBe("")
        })
      )
    )
  }

  it.effect("a contract that cannot be read, and looks no further", () =>
    onKernel(
      Effect.gen(function* () {
        yield* livelyStore
        yield* corrupt("UPDATE installed_domains SET bundle = '{' WHERE origin = 'crm.example.dev'")
        expect(yield* violations).toEqual(["schema.domain crm.example.dev: what was installed cannot be read"])
      })
    )
  )
})
