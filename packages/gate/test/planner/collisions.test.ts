import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { findings, module, route } from "../support/planning.ts"

const Part = Schema.Literals(["a", "b", ":x", ":y"])
const Paths = Schema.Array(
  Schema.Struct({ parts: Schema.Array(Part).check(Schema.isMaxLength(3)), rest: Schema.Boolean })
).check(Schema.isMaxLength(5))

/** Every path of up to four segments over three words: enough to tell two such patterns apart. */
const words = ["a", "b", "c"]
const requests: ReadonlyArray<ReadonlyArray<string>> = [0, 1, 2, 3].reduce<ReadonlyArray<ReadonlyArray<string>>>(
  (all) =>
    [
      ...new Set([[], ...all, ...all.flatMap((path) => words.map((word) => [...path, word]))].map((p) => p.join("/")))
    ].map((p) => (p === "" ? [] : p.split("/"))),
  [[]]
)

interface Pattern {
  readonly parts: ReadonlyArray<string>
  readonly rest: boolean
}

const matches = ({ parts, rest }: Pattern, request: ReadonlyArray<string>): boolean =>
  (rest ? request.length >= parts.length : request.length === parts.length) &&
  parts.every((part, i) => part.startsWith(":") || part === request[i])

const pathOf = ({ parts, rest }: Pattern): `/${string}` => {
  // One pattern cannot have a parameter twice.
  const named = parts.map((part, i) => (part.startsWith(":") ? `${part}${i}` : part))
  return `/${[...named, ...(rest ? ["*"] : [])].join("/")}`
}

describe("routes that can meet", () => {
  it.prop("a finding is made for two modules' routes exactly if some request matches both", [Paths], ([patterns]) => {
    const modules = patterns.map((pattern, i) => module(`m${i}`, { routes: [route(pathOf(pattern), { id: "r" })] }))
    const found = new Set(findings(modules).map((finding) => [...finding.modules].sort().join()))
    const atRoot = (pattern: Pattern): boolean => pattern.rest && pattern.parts.length === 0
    patterns.forEach((a, i) => {
      patterns.slice(i + 1).forEach((b, j) => {
        const both = requests.some((request) => matches(a, request) && matches(b, request))
        // The rest at the root meets everything, and only another one is a finding.
        const expected = atRoot(a) !== atRoot(b) ? false : both
        expect([pathOf(a), pathOf(b), found.has([`m${i}`, `m${i + 1 + j}`].sort().join())]).toEqual([
          pathOf(a),
          pathOf(b),
          expected
        ])
      })
    })
  })

  it.prop("an error is made exactly if two routes match the same requests", [Paths], ([patterns]) => {
    const modules = patterns.map((pattern, i) => module(`m${i}`, { routes: [route(pathOf(pattern), { id: "r" })] }))
    const errors = findings(modules).filter(({ severity }) => severity === "error").length
    const answers = patterns.map((pattern) => requests.map((request) => matches(pattern, request)).join())
    const pairs = answers.flatMap((a, i) => answers.slice(i + 1).filter((b) => a === b)).length
    expect(errors).toBe(pairs)
  })
})
