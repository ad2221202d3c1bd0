import { readFileSync } from "node:fs"
import { join } from "node:path"
import { errorCatalogue, type Retry } from "@portico/schema/Errors"
import { describe, expect, it } from "vitest"
import { root } from "../workspace.mjs"

const again: Readonly<Record<Retry, string>> = { never: "never", "after-change": "after a change", later: "later" }

describe("docs/guides/graph-and-permissions.md", () => {
  it("lists the errors of the catalogue, in its order", () => {
    const guide = readFileSync(join(root, "docs/guides/graph-and-permissions.md"), "utf8")
    const rows = guide.split("\n").filter((line) => /^\| \d{3} \|/.test(line))
    const entries = Object.entries(errorCatalogue)
    expect(rows).toEqual(
      entries.map(([code, { meaning, retry, status }]) => `| ${status} | \`${code}\` | ${meaning} | ${again[retry]} |`)
    )
  })
})
