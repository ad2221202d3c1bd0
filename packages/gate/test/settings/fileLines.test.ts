import { describe, expect, it } from "@effect/vitest"
import { Settings } from "../../src/index.ts"

describe("the lines of a file's keys", () => {
  it("tables, dotted and quoted keys are found; comments and text of several lines are not taken for keys", () => {
    const text = `# a comment = 1
[gate]
port = 4000 # the port
"log level" = "Info"
pool.size = 3

[ domain-host ]
motd = """
port = 1
"""
after = true`
    expect(Settings.fileLines(text)).toEqual({
      gate: 2,
      "gate.port": 3,
      "gate.log level": 4,
      "gate.pool.size": 5,
      "domain-host": 7,
      "domain-host.motd": 8,
      "domain-host.after": 11
    })
  })
})
