import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { root } from "../workspace.mjs"

const text = readFileSync(join(root, "docs/threat-model.md"), "utf8")

/** The rows of the table: a number, and the files that are said to test it. */
const rows = [...text.matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)].map(([, number, files = ""]) => ({
  number: Number(number),
  files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = ""]) => file)
}))

const open = (/^Without a test under their number yet[^:]*: ([\d,\s]+)\.$/m.exec(text)?.[1] ?? "")
  .split(",")
  .map(Number)

describe("docs/threat-model.md", () => {
  it("has each of the 62 once: with tests, or among those without", () => {
    const all = [...rows.map(({ number }) => number), ...open].sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: 62 }, (_, index) => index + 1))
  })

  for (const { files, number } of rows) {
    it(`names files that test number ${number}`, () => {
      expect(files.length).toBeGreaterThan(0)
      for (const file of files) {
        expect([file, existsSync(join(root, file))]).toEqual([file, true])
        const names = new RegExp(`abuse ${number}\\b`).test(readFileSync(join(root, file), "utf8"))
        expect([file, names]).toEqual([file, true])
      }
    })
  }
})
