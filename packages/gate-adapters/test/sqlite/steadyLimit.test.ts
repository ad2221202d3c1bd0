import { DatabaseSync } from "node:sqlite"
import { describe, expect, it } from "@effect/vitest"
import { steadyLimit } from "../../src/sqlite/internal/steadyLimit.ts"

describe("a statement whose limit is a parameter", () => {
  it("gets it as a term, whose value the planner does not look at", () => {
    expect(steadyLimit("SELECT a FROM b WHERE c = ? LIMIT ?")).toBe("SELECT a FROM b WHERE c = ? LIMIT ? + 0")
    expect(steadyLimit("SELECT a FROM (SELECT a FROM b limit ?2) LIMIT\n ?1 OFFSET ?3")).toBe(
      "SELECT a FROM (SELECT a FROM b LIMIT ?2 + 0) LIMIT ?1 + 0 OFFSET ?3"
    )
  })

  it("is left alone where it is none: in literals, with a number, and where it is a term already", () => {
    for (const sql of [
      "SELECT 'LIMIT ?', \"a LIMIT ?\", 'it''s LIMIT ?' FROM b LIMIT 1",
      "SELECT a FROM b LIMIT ? + 0",
      "SELECT a FROM b WHERE the_limit = ?"
    ]) {
      expect(steadyLimit(sql)).toBe(sql)
    }
  })

  it("gives as many rows as the number that is bound says", () => {
    const db = new DatabaseSync(":memory:")
    db.exec("CREATE TABLE row (id INTEGER PRIMARY KEY) STRICT; INSERT INTO row VALUES (1), (2), (3)")
    const select = db.prepare(steadyLimit("SELECT id FROM row ORDER BY id LIMIT ?"))
    expect([2, 0, -1, 9].map((limit) => select.all(limit).length)).toEqual([2, 0, 3, 3])
    db.close()
  })
})
