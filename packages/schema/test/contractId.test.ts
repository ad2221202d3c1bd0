import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  type AnyNodeClass,
  callableId,
  canonicalContractText,
  classId,
  contractId,
  defineSchema,
  edgeClass,
  fn,
  KernelSchema,
  nodeClass,
  nodeInterface,
  ref
} from "../src/index.ts"
import { schema as crm } from "./fixtures/crm.ts"
import { standard } from "./fixtures/standard.ts"

/*
 * Golden ids. Instances compare these across versions: when one changes, every installed domain looks changed. So a
 * failure here is either a bug or a new `v`, never a line to update, except for the kernel's, which changes with its schema.
 */
const golden = {
  crm: "sha256:958f80ef727b2d3d88967e132c7f31dde09f53dd14233c9226be227fd0bcf9c2",
  everything: "sha256:02b89cabace59328d4e9c3245cb273bbaf53c8c53b6c6a86e98e05b8f4df9529",
  assign: "sha256:9107b2f226c45f0e60d75c183627da2d62e7c6f6f1f020543e17c7f9e30dd8dc",
  contact: "sha256:daa35f8ba8fc51621095e900388bb876f217fd246e34d33073ec7c154e7df6cd",
  worksOn: "sha256:1ab5e556b22b258aa01bb5b31e4ec685cff84bdb4b5f9b918d8408ad2e496c14"
}

const everything = defineSchema("golden.example.dev", {
  interfaces: {
    Ops: nodeInterface({ props: { note: Schema.optional(Schema.String) }, methods: { run: fn({ static: true }) } })
  },
  classes: {
    Thing: nodeClass({
      props: {
        text: Schema.NonEmptyString,
        count: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })),
        id: Schema.String.check(Schema.isUUID(7)),
        code: Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/)),
        level: Schema.Literals(["low", "high"]),
        at: Schema.Date,
        where: Schema.Struct({ lat: Schema.Finite, lon: Schema.Finite }),
        tags: Schema.optional(Schema.Array(Schema.String)),
        meta: Schema.Record(Schema.String, Schema.Json),
        either: Schema.Union([Schema.String, Schema.Boolean, Schema.Null]),
        pair: Schema.Tuple([Schema.String, Schema.Finite]),
        mode: Schema.String.annotate({ default: "plain" })
      },
      unique: [["text", "code"]],
      indexes: [["at", "level"], ["count"]],
      methods: {
        stream: fn({
          params: { other: ref("Thing", { needs: 3, optional: true }) },
          output: "stream",
          returns: Schema.String
        }),
        open: fn({ static: true, auth: "public", output: "binary" }),
        alone: fn({ needs: ["EDIT"], callerOnly: true })
      }
    }),
    next_to: edgeClass(
      { as: "left", types: () => [everythingThing()], cardinality: "0..1" },
      { as: "right", types: () => [everythingThing()] },
      { symmetric: true, noSelf: true }
    )
  },
  functions: { hook: fn({ auth: "optional", route: { method: "POST", path: "/hook" } }) },
  views: { board: { auth: "optional", mount: "/ui/board" } },
  imports: [KernelSchema]
})
function everythingThing(): AnyNodeClass {
  return { ...nodeClass(), ref: "golden.example.dev:class.Thing" }
}

describe("golden ids", () => {
  it("of contracts", () => {
    expect(crm.contractId).toBe(golden.crm)
    expect(everything.contractId).toBe(golden.everything)
    expect(contractId(JSON.parse(JSON.stringify(crm.contract)))).toBe(golden.crm)
  })

  it("of a method, a class and an edge class", () => {
    const { classes, edges } = crm.contract
    const { Contact } = classes
    const assign = Contact?.methods.assign
    if (Contact === undefined || assign === undefined || edges.works_on === undefined) throw new Error("crm")
    expect(callableId(assign)).toBe(golden.assign)
    expect(classId(Contact)).toBe(golden.contact)
    expect(classId(edges.works_on)).toBe(golden.worksOn)
  })

  it("are over a text that says nothing for people", () => {
    expect(canonicalContractText(KernelSchema.contract)).not.toContain('"description":"')
    expect(canonicalContractText(KernelSchema.contract)).not.toContain('"title":"')
  })
})

/** The id of a domain with one class. */
const idWith = (definition: AnyNodeClass): string =>
  defineSchema("id.example.dev", { classes: { Thing: definition }, imports: [KernelSchema] }).contractId

const base = () => idWith(nodeClass({ props: { a: Schema.String, b: Schema.optional(Schema.Int) } }))

describe("what an id does not depend on", () => {
  it("the order of declarations", () => {
    expect(idWith(nodeClass({ props: { b: Schema.optional(Schema.Int), a: Schema.String } }))).toBe(base())
    const A = nodeClass()
    const B = nodeClass()
    const I = nodeInterface()
    const J = nodeInterface()
    const one = defineSchema("id.example.dev", {
      interfaces: { I, J },
      classes: {
        A,
        B,
        C: nodeClass({ implements: [I, J] }),
        e: edgeClass({ as: "x", types: [A, B] }, { as: "y", types: [A] })
      },
      functions: { f: fn({ params: { p: Schema.String, q: Schema.Literals(["a", "b"]) } }), g: fn() }
    })
    const two = defineSchema("id.example.dev", {
      functions: { g: fn(), f: fn({ params: { q: Schema.Literals(["b", "a"]), p: Schema.String } }) },
      classes: {
        e: edgeClass({ as: "x", types: [B, A] }, { as: "y", types: [A] }),
        C: nodeClass({ implements: [J, I] }),
        B,
        A
      },
      interfaces: { J, I }
    })
    expect(two.contractId).toBe(one.contractId)
  })

  it("titles, descriptions, examples and deprecation", () => {
    const a = Schema.String.annotate({ title: "T", description: "D", examples: ["e"] })
    const described = nodeClass({ props: { a, b: Schema.optional(Schema.Int) }, description: "D", deprecated: true })
    expect(idWith(described)).toBe(base())
    const method = (options: Parameters<typeof fn>[0]) => idWith(nodeClass({ methods: { go: fn(options) } }))
    expect(method({ title: "T", description: "D", deprecated: true })).toBe(method({}))
  })

  it("which library a schema is of, or how it words it", () => {
    const other = standard<string>({
      json: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        $defs: { unused: { type: "null" } },
        allOf: [{ type: "string" }]
      },
      validate: (value) => (typeof value === "string" ? { value } : { issues: [{ message: "no" }] })
    })
    expect(idWith(nodeClass({ props: { a: other, b: Schema.optional(Schema.Int) } }))).toBe(base())
    const literal = standard<"x">({
      json: { type: "string", const: "x" },
      validate: (value) => (value === "x" ? { value } : { issues: [{ message: "no" }] })
    })
    expect(idWith(nodeClass({ props: { a: literal } }))).toBe(idWith(nodeClass({ props: { a: Schema.Literal("x") } })))
  })

  it("how a choice is spelled", () => {
    const yielding = (json: Record<string, unknown>) =>
      idWith(nodeClass({ props: { a: standard({ json, validate: () => ({ issues: [{ message: "no" }] }) }) } }))
    const nullable = idWith(nodeClass({ props: { a: Schema.NullOr(Schema.String) } }))
    expect(yielding({ type: ["null", "string"] })).toBe(nullable)
    expect(yielding({ anyOf: [{ type: "null" }, { anyOf: [{ type: "string" }] }] })).toBe(nullable)
    const literals = idWith(nodeClass({ props: { a: Schema.Literals(["x", "y"]) } }))
    expect(yielding({ anyOf: [{ const: "y" }, { type: "string", const: "x" }] })).toBe(literals)
    expect(yielding({ enum: ["y", "x"] })).toBe(literals)
    const record = idWith(nodeClass({ props: { a: Schema.Record(Schema.String, Schema.Boolean) } }))
    const spelled = { type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "boolean" } }
    expect(yielding(spelled)).toBe(record)
    expect(yielding({ oneOf: [{ type: "null" }, { type: "string" }] })).not.toBe(nullable)
  })

  it("defaults that are written out", () => {
    const method = (options: Parameters<typeof fn>[0]) => idWith(nodeClass({ methods: { go: fn(options) } }))
    expect(method({ static: false, auth: "required", needs: 1, input: "value", output: "value" })).toBe(method({}))
    const A = nodeClass()
    const edge = (cardinality?: "0..*") =>
      defineSchema("id.example.dev", {
        classes: {
          A,
          e: edgeClass({ as: "x", types: [A], ...(cardinality ? { cardinality } : {}) }, { as: "y", types: [A] })
        }
      }).contractId
    expect(edge("0..*")).toBe(edge())
  })

  it("the order in which properties are unique together", () => {
    const props = { a: Schema.String, b: Schema.String }
    expect(idWith(nodeClass({ props, unique: [["a", "b"]] }))).toBe(idWith(nodeClass({ props, unique: [["b", "a"]] })))
  })

  it("the name that a recursive schema has inside of its library", () => {
    interface Tree {
      readonly kids: ReadonlyArray<Tree>
    }
    const tree: Schema.Codec<Tree> = Schema.Struct({ kids: Schema.Array(Schema.suspend(() => tree)) })
    const other = (name: string) =>
      standard<Tree>({
        json: {
          $ref: `#/$defs/${name}`,
          $defs: {
            [name]: {
              type: "object",
              properties: { kids: { type: "array", items: { $ref: `#/$defs/${name}` } } },
              required: ["kids"],
              additionalProperties: false
            }
          }
        },
        validate: () => ({ issues: [{ message: "no" }] })
      })
    const ids = [tree, other("Tree"), other("Another")].map((field) => idWith(nodeClass({ props: { field } })))
    expect(new Set(ids).size).toBe(1)
  })
})

describe("what an id depends on", () => {
  const props = { a: Schema.String, b: Schema.optional(Schema.Int) }
  const A = nodeClass()
  const edges = (...[source, target, options]: Parameters<typeof edgeClass>) =>
    defineSchema("id.example.dev", { classes: { A, e: edgeClass(source, target, options) } }).contractId
  const x = { as: "x", types: [A] }
  const y = { as: "y", types: [A] }
  const go = (options: Parameters<typeof fn>[0]) => idWith(nodeClass({ methods: { go: fn(options) } }))

  it("everything that a caller or a stored node could notice, each for itself", () => {
    const ids = new Map<string, string>()
    const note = (what: string, id: string): void => {
      for (const [other, known] of ids) expect(known === id ? `${what} and ${other}` : "", what).toBe("")
      ids.set(what, id)
    }
    note("base", base())
    note("the origin", defineSchema("other.example.dev", { classes: { Thing: nodeClass({ props }) } }).contractId)
    note("a class's name", defineSchema("id.example.dev", { classes: { Other: nodeClass({ props }) } }).contractId)
    note("a property's name", idWith(nodeClass({ props: { c: Schema.String, b: props.b } })))
    note("a property's type", idWith(nodeClass({ props: { a: Schema.Boolean, b: props.b } })))
    note("a bound", idWith(nodeClass({ props: { a: Schema.NonEmptyString, b: props.b } })))
    note("an option", idWith(nodeClass({ props: { a: Schema.optional(Schema.String), b: props.b } })))
    note("a default", idWith(nodeClass({ props: { a: Schema.String.annotate({ default: "x" }), b: props.b } })))
    note("another default", idWith(nodeClass({ props: { a: Schema.String.annotate({ default: "y" }), b: props.b } })))
    note("one more property", idWith(nodeClass({ props: { ...props, c: Schema.optional(Schema.String) } })))
    note("a property called title", idWith(nodeClass({ props: { ...props, title: Schema.optional(Schema.String) } })))
    note(
      "a key called description in a struct",
      idWith(nodeClass({ props: { a: Schema.Struct({ description: Schema.String }), b: props.b } }))
    )
    note("a struct without it", idWith(nodeClass({ props: { a: Schema.Struct({}), b: props.b } })))
    note("unique", idWith(nodeClass({ props, unique: [["a"]] })))
    note("unique together", idWith(nodeClass({ props, unique: [["a", "b"]] })))
    note("unique apart", idWith(nodeClass({ props, unique: [["a"], ["b"]] })))
    note("an index", idWith(nodeClass({ props, indexes: [["a", "b"]] })))
    note("an index the other way round", idWith(nodeClass({ props, indexes: [["b", "a"]] })))
    note("what is searched", idWith(nodeClass({ props, search: { text: ["a", "b"] } })))
    note("what is searched as a title", idWith(nodeClass({ props, search: { title: ["a"], text: ["b"] } })))
    note("that nothing is searched", idWith(nodeClass({ props, search: {} })))
    note("an interface", idWith(nodeClass({ props, implements: [KernelSchema.interfaces.Container] })))
    note("a method", go({}))
    note("a static method", go({ static: true }))
    note("a param", go({ params: { p: Schema.String } }))
    note("an optional param", go({ params: { p: Schema.optional(Schema.String) } }))
    note("a result", go({ returns: Schema.String }))
    note("streams of results", go({ returns: Schema.String, output: "stream" }))
    note("streams of input", go({ input: "stream" }))
    note("what is in them", go({ input: "stream", takes: Schema.String }))
    note("bytes", go({ output: "binary" }))
    note("auth", go({ auth: "public" }))
    note("needs", go({ needs: 3 }))
    note("caller only", go({ callerOnly: true }))
    note("a reference", go({ params: { p: ref("Thing") } }))
    note("what a reference needs", go({ params: { p: ref("Thing", { needs: 2 }) } }))
    note("an edge class", edges(x, y))
    note("the name of an end", edges(x, { ...y, as: "z" }))
    note("the direction", edges(y, x))
    note("a cardinality", edges({ ...x, cardinality: "0..1" }, y))
    note("a unique edge", edges(x, y, { unique: true }))
    note("noSelf", edges(x, y, { noSelf: true }))
    note("acyclic", edges(x, y, { acyclic: true }))
    note("symmetric", edges(x, y, { symmetric: true }))
    note("a property of an edge", edges(x, y, { props: { role: Schema.String } }))
    note("a function", defineSchema("id.example.dev", { functions: { go: fn() } }).contractId)
    note(
      "a route",
      defineSchema("id.example.dev", { functions: { go: fn({ route: { method: "GET", path: "/" } }) } }).contractId
    )
    note("a view", defineSchema("id.example.dev", { views: { go: {} } }).contractId)
    note("its mount", defineSchema("id.example.dev", { views: { go: { mount: "/ui" } } }).contractId)
    note("imports", defineSchema("id.example.dev", { imports: [KernelSchema] }).contractId)
    note("nothing at all", defineSchema("id.example.dev", {}).contractId)
  })
})
