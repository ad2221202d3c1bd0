import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { catalogue } from "../../src/Diagnostic.ts"

const testOf = (code: string): string => {
  try {
    return readFileSync(new URL(`./${code}.test.ts`, import.meta.url), "utf8")
  } catch {
    return ""
  }
}

describe("the catalogue", () => {
  const cases = Object.entries(catalogue).flatMap(([code, entry]) =>
    Object.keys(entry.cases).map((name) => [code, name] as const)
  )

  it.each(cases)("%s %s has a test", (code, name) => {
    expect(testOf(code)).toContain(`describe("${code} ${name}"`)
  })

  it("codes are numbered without a gap", () => {
    expect(Object.keys(catalogue)).toEqual(
      Object.keys(catalogue).map((_, i) => `GATE${String(i + 1).padStart(3, "0")}`)
    )
  })
})
