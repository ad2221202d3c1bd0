import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  type AnyNodeClass,
  defineSchema,
  EDIT,
  edgeClass,
  fn,
  KernelSchema,
  nodeClass,
  nodeInterface,
  ref,
  SchemaDefinitionError
} from "../src/index.ts"
import { schema as crm } from "./fixtures/crm.ts"

const define = (options: Parameters<typeof defineSchema>[1], origin = "test.example.dev") =>
  defineSchema(origin, options)
const withClass = (definition: AnyNodeClass) => () =>
  define({ classes: { Thing: definition }, imports: [KernelSchema] })
const email = { email: Schema.String }

describe("the example of the design", () => {
  it("compiles to this contract", () => {
    expect(crm.contract).toEqual({
      v: 1,
      origin: "crm.example.dev",
      imports: ["kernel.portico.dev"],
      interfaces: {
        ContactOps: {
          ref: "crm.example.dev:interface.ContactOps",
          extends: [],
          props: {},
          methods: {
            createContact: {
              static: true,
              input: "value",
              output: "value",
              auth: "required",
              params: {
                type: "object",
                properties: { email: { type: "string" } },
                required: ["email"],
                additionalProperties: false
              },
              result: { type: "string" },
              refs: [],
              needs: 0
            }
          }
        }
      },
      classes: {
        Contact: {
          ref: "crm.example.dev:class.Contact",
          extends: [],
          implements: ["crm.example.dev:interface.ContactOps", "kernel.portico.dev:interface.Container"],
          props: {
            email: { key: "crm.example.dev:class.Contact.property.email", schema: { type: "string" }, required: true },
            company: {
              key: "crm.example.dev:class.Contact.property.company",
              schema: { type: "string" },
              required: false
            }
          },
          methods: {
            assign: {
              static: false,
              input: "value",
              output: "value",
              auth: "required",
              params: {
                type: "object",
                properties: { project: { type: "string" }, role: { type: "string" } },
                required: ["project", "role"],
                additionalProperties: false
              },
              result: { type: "null" },
              refs: [{ param: "project", types: ["crm.example.dev:class.Project"], needs: EDIT }],
              needs: 1
            }
          },
          unique: [["email"]],
          indexes: [["company"]]
        },
        Project: {
          ref: "crm.example.dev:class.Project",
          extends: [],
          implements: [],
          props: {
            title: { key: "crm.example.dev:class.Project.property.title", schema: { type: "string" }, required: true }
          },
          methods: {},
          unique: [],
          indexes: []
        }
      },
      edges: {
        works_on: {
          ref: "crm.example.dev:class.works_on",
          ends: [
            { as: "contact", types: ["crm.example.dev:class.Contact"], cardinality: "0..*" },
            { as: "project", types: ["crm.example.dev:class.Project"] }
          ],
          props: {
            role: { key: "crm.example.dev:class.works_on.property.role", schema: { type: "string" }, required: true }
          },
          unique: true,
          noSelf: false,
          acyclic: false,
          symmetric: false
        }
      },
      functions: {
        seed: {
          static: true,
          input: "value",
          output: "value",
          auth: "required",
          params: {
            type: "object",
            properties: { count: { type: "integer", minimum: -(2 ** 53) + 1, maximum: 2 ** 53 - 1 } },
            required: ["count"],
            additionalProperties: false
          },
          result: {
            type: "object",
            properties: { made: { type: "integer", minimum: -(2 ** 53) + 1, maximum: 2 ** 53 - 1 } },
            required: ["made"],
            additionalProperties: false
          },
          refs: [],
          needs: 0
        }
      },
      views: {}
    })
  })

  it("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(crm.contract))).toEqual(crm.contract)
  })

  it("gives back definitions that know what they are", () => {
    expect(crm.classes.Contact.ref).toBe("crm.example.dev:class.Contact")
    expect(crm.interfaces.ContactOps.ref).toBe("crm.example.dev:interface.ContactOps")
  })
})

describe("names", () => {
  const faults: ReadonlyArray<readonly [string, () => unknown, string]> = [
    [
      "a lower-case class",
      () => define({ classes: { contact: nodeClass() } }),
      "contact: the name of a node class is PascalCase"
    ],
    ["a class with _", () => define({ classes: { My_Class: nodeClass() } }), "PascalCase"],
    ["a lower-case interface", () => define({ interfaces: { ops: nodeInterface() } }), "PascalCase"],
    [
      "a PascalCase edge class",
      () => define({ classes: { A: nodeClass(), WorksOn: edgeClass({ as: "a", types: [] }, { as: "b", types: [] }) } }),
      "WorksOn: the name of an edge class is snake_case"
    ],
    ["a method in snake_case", withClass(nodeClass({ methods: { do_it: fn() } })), "Thing.do_it: the name of a method"],
    [
      "a search for what is no property",
      () => defineSchema("a.example.dev", { classes: { Thing: nodeClass({ search: { text: ["name"] } }) } }),
      'Thing search: there is no property "name"'
    ],
    [
      "a property with -",
      withClass(nodeClass({ props: { "e-mail": Schema.String } })),
      "Thing.e-mail: the name of a property"
    ],
    [
      "a property called path",
      withClass(nodeClass({ props: { path: Schema.String } })),
      'Thing.path: "path" is reserved'
    ],
    ["a property called key", withClass(nodeClass({ props: { key: Schema.String } })), '"key" is reserved'],
    ["a method called ref", withClass(nodeClass({ methods: { ref: fn() } })), '"ref" is reserved'],
    [
      "a property called constructor",
      withClass(nodeClass({ props: { constructor: Schema.String } })),
      '"constructor" is reserved'
    ],
    ["a method called toString", withClass(nodeClass({ methods: { toString: fn() } })), '"toString" is reserved'],
    [
      "a property called __proto__",
      withClass(nodeClass({ props: JSON.parse('{"__proto__":1}') })),
      '"__proto__" is reserved'
    ],
    [
      "a param called hasOwnProperty",
      withClass(nodeClass({ methods: { go: fn({ params: { hasOwnProperty: Schema.String } }) } })),
      '"hasOwnProperty" is reserved'
    ],
    [
      "a property and a method of one name",
      withClass(nodeClass({ props: email, methods: { email: fn() } })),
      "Thing.email: a property and a method have this name"
    ],
    [
      "a method of the kernel",
      withClass(nodeClass({ methods: { get: fn() } })),
      `every node has the kernel's own "get"`
    ],
    [
      "a method of the kernel to come",
      withClass(nodeClass({ methods: { restore: fn() } })),
      `every node has the kernel's own "restore"`
    ],
    [
      "a method of the kernel in an interface",
      () => define({ interfaces: { Ops: nodeInterface({ methods: { grantPerm: fn() } }) } }),
      `Ops.grantPerm: every node has the kernel's own "grantPerm"`
    ],
    [
      "a class and an interface of one name",
      () => define({ interfaces: { Contact: nodeInterface() }, classes: { Contact: nodeClass() } }),
      "Contact: a class and an interface have this name"
    ],
    ["a function with a dot", () => define({ functions: { "a.b": fn() } }), "function a.b: this name is letters"],
    [
      "an edge class called functions",
      () => define({ classes: { functions: edgeClass({ as: "a", types: [] }, { as: "b", types: [] }) } }),
      '"functions" is reserved'
    ],
    ["an origin without a dot", () => define({}, "crm"), "an origin is a domain name in lower case"],
    ["an origin in upper case", () => define({}, "CRM.example.dev"), "an origin is a domain name in lower case"],
    ["a name of 101 letters", () => define({ classes: { ["A".repeat(101)]: nodeClass() } }), "PascalCase"]
  ]

  it.each(faults)("refuses %s", (_what, make, message) => {
    expect(make).toThrow(SchemaDefinitionError)
    expect(make).toThrow(message)
  })

  it("lets a domain have static methods that only a class of the kernel has", () => {
    expect(
      withClass(nodeClass({ methods: { list: fn({ static: true }), import: fn({ static: true }) } }))
    ).not.toThrow()
  })
})

describe("inheritance", () => {
  const Ops = nodeInterface({ props: { note: Schema.String }, methods: { run: fn({ static: true }) } })

  it("refuses a member that an interface already has", () => {
    const make = (definition: AnyNodeClass) => () => define({ interfaces: { Ops }, classes: { Thing: definition } })
    expect(make(nodeClass({ implements: [Ops], props: { note: Schema.String } }))).toThrow(
      "Thing.note: an interface already has"
    )
    expect(make(nodeClass({ implements: [Ops], props: { run: Schema.String } }))).toThrow(
      "Thing.run: an interface already has"
    )
    expect(make(nodeClass({ implements: [Ops], methods: { note: fn() } }))).toThrow(
      "an interface already has a property"
    )
    expect(make(nodeClass({ implements: [Ops], methods: { run: fn() } }))).toThrow("only one of them is static")
    expect(make(nodeClass({ implements: [Ops], methods: { run: fn({ static: true }) } }))).not.toThrow()
  })

  it("looks at what interfaces extend", () => {
    const More = nodeInterface({ extends: [Ops] })
    const make = () =>
      define({
        interfaces: { Ops, More },
        classes: { Thing: nodeClass({ implements: [More], props: { note: Schema.String } }) }
      })
    expect(make).toThrow("Thing.note: an interface already has")
  })

  it("lets unique and indexes name inherited properties, and only properties", () => {
    const make = (unique: ReadonlyArray<ReadonlyArray<string>>) => () =>
      define({ interfaces: { Ops }, classes: { Thing: nodeClass({ implements: [Ops], props: email, unique }) } })
    expect(make([["email", "note"]])).not.toThrow()
    expect(make([["nothing"]])).toThrow('Thing unique: there is no property "nothing"')
    expect(make([[]])).toThrow("a list of properties is empty")
    expect(make([["email", "email"]])).toThrow("named twice")
  })
})

describe("references", () => {
  const Project = nodeClass()
  const other = defineSchema("other.example.dev", { classes: { Project } })
  const refTo = (target: Parameters<typeof ref>[0], imports: Parameters<typeof defineSchema>[1]["imports"] = []) => {
    const Thing = nodeClass({ methods: { go: fn({ params: { to: ref(target) } }) } })
    return defineSchema("test.example.dev", { classes: { Thing }, imports }).contract.classes.Thing?.methods.go?.refs[0]
  }

  it("are found by identity, by what the definition says of itself, and by name", () => {
    const found = { param: "to", types: ["other.example.dev:class.Project"], needs: 1 }
    expect(refTo(() => Project, [other])).toEqual(found)
    expect(refTo(Project, [other])).toEqual(found)
    expect(refTo(() => other.classes.Project, [other])).toEqual(found)
    expect(refTo("other.example.dev:class.Project", [other])).toEqual(found)
    expect(refTo("Thing")?.types).toEqual(["test.example.dev:class.Thing"])
  })

  it("are found across copies of this package", () => {
    const { classes, origin } = other
    const copy = {
      ...structuredClone({
        _tag: other._tag,
        origin,
        views: {},
        functions: {},
        imports: [],
        interfaces: {},
        contract: other.contract,
        contractId: other.contractId
      }),
      classes: { Project: { ...classes.Project } },
      "~refs": new Map()
    }
    const imported = { ...copy, _tag: "DomainSchema" as const }
    expect(refTo(() => imported.classes.Project, [other])?.types).toEqual(["other.example.dev:class.Project"])
    expect(refTo(() => other.classes.Project, [imported])?.types).toEqual(["other.example.dev:class.Project"])
  })

  it.each([
    [
      "a class of a schema that is not imported",
      () => refTo(() => other.classes.Project),
      "add the schema of other.example.dev to imports"
    ],
    [
      "a class of nowhere",
      () => refTo(() => nodeClass()),
      "Thing.go(to): this class or interface is neither of this schema"
    ],
    ["a name that is not there", () => refTo("Nobody"), 'this schema has no class or interface "Nobody"'],
    [
      "a reference that is not there",
      () => refTo("other.example.dev:class.Nobody", [other]),
      "other.example.dev has no class.Nobody"
    ],
    [
      "one definition under two names",
      () => define({ classes: { A: Project, B: Project } }),
      "B: the same definition is already test.example.dev:class.A"
    ],
    [
      "an interface of the kernel without its import",
      () => define({ classes: { A: nodeClass({ implements: [KernelSchema.interfaces.Container] }) } }),
      "A implements: "
    ],
    [
      "a reference as a property",
      withClass(nodeClass({ props: { to: ref("Thing") as never } })),
      "declare an edge class"
    ]
  ])("refuses %s", (_what, make, message) => {
    expect(make).toThrow(message)
  })
})

describe("edges, functions and masks", () => {
  const A = nodeClass()
  const edge =
    (...ends: Parameters<typeof edgeClass>) =>
    () =>
      define({ classes: { A, a_b: edgeClass(...ends) } })

  it.each(["1", "0..1", "0..*", "1..*", "2..5"] as const)("take cardinality %s", (cardinality) => {
    expect(edge({ as: "from", types: [A], cardinality }, { as: "to", types: [A] })).not.toThrow()
  })

  it.each(["0", "2..1", "..", "*", "1...2", "-1", "0..0", "01"])("refuse cardinality %s", (cardinality) => {
    expect(edge({ as: "from", types: [A], cardinality: cardinality as never }, { as: "to", types: [A] })).toThrow(
      `a_b (from): "${cardinality}" is no cardinality`
    )
  })

  it("refuse ends without types or with one name", () => {
    expect(edge({ as: "from", types: [] }, { as: "to", types: [A] })).toThrow("at least one class")
    expect(edge({ as: "x", types: [A] }, { as: "x", types: [A] })).toThrow("its two ends are called the same")
  })

  it("take thunks, so that classes and edges may name one another", () => {
    const later = edge({ as: "from", types: () => [A] }, { as: "to", types: () => [A] })
    expect(later).not.toThrow()
  })

  it("refuse masks that are none", () => {
    expect(withClass(nodeClass({ methods: { go: fn({ needs: 16 }) } }))).toThrow("Thing.go: a mask is a whole number")
    expect(() => ref(A, { needs: -1 })).toThrow("a mask is a whole number")
    expect(withClass(nodeClass({ methods: { go: fn({ needs: ["EDIT", "USE"] }) } }))).not.toThrow()
  })

  it("refuse what says nothing", () => {
    expect(withClass(nodeClass({ methods: { go: fn({ static: true, needs: EDIT }) } }))).toThrow("needs is about self")
    expect(() => define({ functions: { go: fn({ static: true }) } })).toThrow("static says nothing")
    expect(() => define({ functions: { go: fn({ takes: Schema.Int }) } })).toThrow('say input: "stream" too')
    expect(withClass(nodeClass({ methods: { go: fn({ route: { method: "GET", path: "/x" } }) } }))).toThrow(
      "only functions"
    )
  })

  it("hoist the definitions of params under names of their own", () => {
    interface Node {
      readonly next?: Node
    }
    const a: Schema.Codec<Node> = Schema.Struct({ next: Schema.optionalKey(Schema.suspend(() => a)) })
    const b: Schema.Codec<Node> = Schema.Struct({ next: Schema.optionalKey(Schema.suspend(() => b)) })
    const params = define({ functions: { go: fn({ params: { a, b } }) } }).contract.functions.go?.params
    expect(params).toMatchObject({ properties: { a: { $ref: "#/$defs/T1" }, b: { $ref: "#/$defs/T2" } } })
    expect(params?.$defs).toMatchObject({
      T1: { properties: { next: { $ref: "#/$defs/T1" } } },
      T2: { properties: { next: { $ref: "#/$defs/T2" } } }
    })
  })
})
