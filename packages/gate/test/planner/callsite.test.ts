import { describe, expect, it } from "@effect/vitest"
import { bundleOf, format, parse } from "../../src/internal/callsite.ts"

describe("a place in the code", () => {
  it.each([
    ["    at file:///app/src/Crm.ts:12:30", "/app/src/Crm.ts:12"],
    ["    at Module.define (file:///app/src/Crm%20Module.ts:3:1)", "/app/src/Crm Module.ts:3"],
    ["    at Object.<anonymous> (/app/dist/main.js:1:2)", "/app/dist/main.js:1"],
    ["    at async file:///app/a.mts?v=3:7:1", "/app/a.mts:7"],
    ["    at node:internal/modules/esm:1:1\n    at file:///app/b.ts:2:2", "/app/b.ts:2"],
    ["    at C:\\app\\src\\Crm.ts:12:30", "C:\\app\\src\\Crm.ts:12"]
  ])("is read from %j", (stack, expected) => {
    const place = parse(`Error\n${stack}`)
    expect(place && format(place)).toBe(expected)
  })

  it("is not told of a bundle, whose lines nobody wrote, unless a source map names the source", () => {
    const bundle = bundleOf("file:///app/dist/chunks/gate-1a2b.js")
    expect(parse("Error\n    at file:///app/dist/chunks/crm-3c4d.js:229:7", bundle)).toBeUndefined()
    expect(parse("Error\n    at file:///app/src/Crm.ts:12:30", bundle)).toEqual({ file: "/app/src/Crm.ts", line: 12 })
    expect(bundleOf("file:///app/node_modules/@portico/gate/dist/internal/callsite.js")).toBeUndefined()
    expect(bundleOf("file:///app/packages/gate/src/internal/callsite.ts")).toBeUndefined()
  })

  it("is shown relative to a folder that holds it, and is unknown where the engine does not tell", () => {
    expect(format({ file: "/app/src/Crm.ts", line: 3 }, "/app")).toBe("src/Crm.ts:3")
    expect(format({ file: "/application/Crm.ts", line: 3 }, "/app")).toBe("/application/Crm.ts:3")
    expect(parse(undefined)).toBeUndefined()
    expect(parse("Error\n    at <anonymous>")).toBeUndefined()
  })
})
