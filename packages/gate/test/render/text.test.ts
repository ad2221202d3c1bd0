import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Migration } from "../../src/database.ts"
import { Gateway, Plan } from "../../src/index.ts"
import { anyLayer, module, planned, product, route, tag } from "../support/planning.ts"

const Db = tag("app/database/Database")
const config = Schema.Struct({
  path: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("./db"))),
  key: Schema.optionalKey(Schema.Redacted(Schema.String))
})
const db = module("db", {
  version: "1.2.0",
  provides: [Db],
  layer: anyLayer,
  config,
  contributes: [Migration.of({ id: "0001_nodes", up: "" }), Migration.of({ id: "0002_edges", up: "" })]
})
const crm = module("crm", {
  requires: [Db, Gateway.optional(tag("app/Mailer"))],
  onBootFailure: "degrade",
  routes: [route("/crm/contacts/:id"), { id: "import", scope: "public", mountPath: "/crm/import", method: "POST" }]
})
const example = Gateway.make({
  identity: { id: "example", name: "Example", version: "2.0.0", description: "A product." },
  modules: [crm, db]
})
const plan = planned(Gateway.plan(example, { settings: { env: { PORTICO_DB_KEY: "s3cret" } } }))

// biome-ignore lint/suspicious/noControlCharactersInRegex: an ANSI escape starts with one
const escapes = /\u001b\[\d+m/g

describe("a plan as text", () => {
  it("reads from the product down to warnings", () => {
    const text = Plan.text(plan)
    expect(text.slice(0, text.indexOf("Settings"))).toBe(`Example (example 2.0.0)
A product.
2 modules, 2 routes, plan ${plan.hash.slice(0, 12)}

Start
  1   db
  2   crm

Modules
  db 1.2.0  Some module
    provides  app/database/Database
  crm  Some module
    requires  app/database/Database from db
              app/Mailer from nobody (optional)
    failing   degrades the product

Routes
  public
    GET     /crm/contacts/:id  public    crm
    POST    /crm/import        required  crm 501

`)
    expect(text.slice(text.indexOf("Settings")).replace(/\d+ more/, "N more")).toBe(`Settings
  db.key  <redacted> (PORTICO_DB_KEY)
  N more at their defaults

Contributions
  gate.migrations of gate
    db  0001_nodes, 0002_edges

Warnings
  GATE013 route "import" (/crm/import) of module "crm" has no handler and
          answers 501`)
  })

  it("keeps to the width, and colours change nothing but colours", () => {
    for (const width of [60, 80, 120]) {
      const plain = Plan.text(plan, { width })
      const longest = Math.max(...plain.split("\n").map((line) => line.length))
      expect(longest).toBeLessThanOrEqual(width)
      expect(Plan.text(plan, { width, color: true }).replaceAll(escapes, "")).toBe(plain)
    }
    expect(Plan.text(plan)).not.toMatch(escapes)
  })

  it("JSON is read back, and other JSON is not taken for a plan", () => {
    const read = Result.getOrThrow(Plan.parse(Plan.json(plan)))
    expect(Plan.diff(plan, read)).toEqual([])
    expect(read.hash).toBe(plan.hash)
    expect(Plan.parse("{}")).toEqual(Result.fail("it is not a plan"))
    expect(Plan.parse("plan")).toEqual(Result.fail("it is not JSON"))
  })

  it("Mermaid has a node for each module and an arrow for each dependency", () => {
    const mail = module("mail", { requires: [Gateway.optional(Db)], after: ["crm"] })
    expect(Plan.mermaid(planned(Gateway.plan(product(db, crm, mail))))).toBe(`flowchart LR
  subgraph wave1["wave 1"]
    m0["db"]
  end
  subgraph wave2["wave 2"]
    m1["crm"]
  end
  subgraph wave3["wave 3"]
    m2["mail"]
  end
  m1 -->|"Database"| m0
  m2 -.->|"Database"| m0
  m2 -.->|"after"| m1`)
  })
})
