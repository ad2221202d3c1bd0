import { describe, expect, it } from "vitest"
import { brokenRules, type SourceFile } from "../import-rules.ts"

const file = (
  owner: string,
  path: string,
  text: string,
  dependencies: ReadonlyArray<string> = ["effect"]
): SourceFile => ({
  owner,
  path,
  text,
  dependencies
})

describe("import rules", () => {
  it("accepts an arrow to a lower layer that is a declared dependency", () => {
    const source = `import type { Path } from "@portico/schema"\nimport * as Effect from "effect/Effect"\nimport "./Node.ts"`
    expect(
      brokenRules([file("@portico/kernel", "packages/kernel/src/Kernel.ts", source, ["@portico/schema", "effect"])])
    ).toEqual([])
  })

  it("refuses an arrow to the same or a higher layer, types included", () => {
    const source = `export type { X } from "@portico/auth"`
    expect(brokenRules([file("@portico/kernel", "packages/kernel/src/a.ts", source, ["@portico/auth"])])).toEqual([
      "packages/kernel/src/a.ts: @portico/kernel may not import @portico/auth, which is not in a lower layer"
    ])
  })

  it("refuses to let the framework know anything but its own libraries", () => {
    const source = `const later = () => import("@portico/schema")`
    const [first] = brokenRules([file("@portico/gate", "packages/gate/src/a.ts", source, ["@portico/schema"])])
    expect(first).toContain("@portico/gate may import only effect")
  })

  it("refuses another package's inside, an undeclared dependency and a path out of the package", () => {
    const source = `import "@portico/schema/internal/x"\nimport "jose"\nimport "../../schema/src/Path.ts"`
    expect(brokenRules([file("@portico/kernel", "packages/kernel/src/a.ts", source, ["@portico/schema"])])).toEqual([
      "packages/kernel/src/a.ts: @portico/schema/internal/x reaches into another package's inside",
      "packages/kernel/src/a.ts: jose is not among the dependencies of @portico/kernel",
      "packages/kernel/src/a.ts: ../../schema/src/Path.ts leaves the package"
    ])
  })

  it("refuses logic in an index", () => {
    expect(brokenRules([file("@portico/kernel", "packages/kernel/src/index.ts", `export const x = 1`)])).toEqual([
      "packages/kernel/src/index.ts: an index only re-exports"
    ])
  })
})
