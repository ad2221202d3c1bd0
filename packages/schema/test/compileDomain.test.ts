import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Result from "effect/Result"
import {
  type AnyCodec,
  compileDomain,
  defineSchema,
  EDIT,
  fn,
  type Issue,
  isInvalidParams,
  KernelSchema,
  nodeClass,
  nodeInterface,
  ref
} from "../src/index.ts"
import { D } from "./fixtures/crm.ts"
import { counted, optionalText, text } from "./fixtures/standard.ts"

const issuesOf = (result: Result.Result<unknown, unknown>): ReadonlyArray<Issue> => {
  if (Result.isSuccess(result)) throw new Error("it was taken")
  expect(isInvalidParams(result.failure)).toBe(true)
  // Boundary of the test: what INVALID_PARAMS says is checked by what follows.
  return (result.failure as { details: { issues: ReadonlyArray<Issue> } }).details.issues
}

describe("the handles of the example", () => {
  it("name classes, properties and edges", () => {
    expect(D.origin).toBe("crm.example.dev")
    expect(D.Contact.ref).toBe("crm.example.dev:class.Contact")
    expect(D.Contact.path.class.raw).toBe("/:crm.example.dev:class.Contact")
    expect(D.ContactOps.path.interface.raw).toBe("/:crm.example.dev:interface.ContactOps")
    expect(D.Contact.email.key).toBe("crm.example.dev:class.Contact.property.email")
    expect(D.works_on.role.key).toBe("crm.example.dev:class.works_on.property.role")
    expect(D.works_on.path.class.raw).toBe("/:crm.example.dev:class.works_on")
  })

  it("name methods where they are asked for, and who declares them", () => {
    expect(D.Contact.assign).toMatchObject({
      kind: "method",
      name: "assign",
      static: false,
      path: "/:crm.example.dev:class.Contact:assign",
      owner: "crm.example.dev:class.Contact"
    })
    expect(D.Contact.createContact).toMatchObject({
      static: true,
      path: "/:crm.example.dev:class.Contact:createContact",
      owner: "crm.example.dev:interface.ContactOps",
      qualifier: undefined
    })
    expect(D.ContactOps.createContact.path).toBe("/:crm.example.dev:interface.ContactOps:createContact")
    expect(D.functions.seed).toMatchObject({ kind: "function", static: true, path: "/:crm.example.dev:function.seed" })
  })

  it("carry the contract", () => {
    expect(D.Contact.assign.contract).toBe(D.schema.contract.classes.Contact?.methods.assign)
    expect(D.Contact.createContact.contract).toBe(D.schema.contract.interfaces.ContactOps?.methods.createContact)
    expect(D.functions.seed.contract).toBe(D.schema.contract.functions.seed)
    expect(D.Contact.assign.params.schema).toEqual(D.Contact.assign.contract.params)
    expect(D.functions.seed.result.schema).toEqual(D.functions.seed.contract.result)
    expect(D.Contact.email.codec.schema).toEqual({ type: "string" })
  })

  it("are made once", () => {
    expect(D.Contact).toBe(D.Contact)
    expect(D.Contact.assign).toBe(D.Contact.assign)
    expect(Object.keys(D.Contact)).toContain("email")
  })
})

describe("inherited members", () => {
  const named = KernelSchema.interfaces.Named
  const Runs = nodeInterface({ extends: [named], methods: { run: fn(), stop: fn() } })
  const Walks = nodeInterface({ methods: { run: fn({ params: { far: Schema.Boolean } }) } })
  const Animal = nodeClass({ implements: [Runs, Walks], methods: { stop: fn({ returns: Schema.String }) } })
  const Both = compileDomain(
    defineSchema("zoo.example.dev", { interfaces: { Runs, Walks }, classes: { Animal }, imports: [KernelSchema] })
  )

  it("keep the key of where they were declared, also through another schema", () => {
    expect(Both.Animal.name.key).toBe("kernel.portico.dev:interface.Named.property.name")
    expect(Both.Runs.name.key).toBe("kernel.portico.dev:interface.Named.property.name")
  })

  it("give way to the class's own, and say which interface where two have the name", () => {
    expect(Both.Animal.stop.owner).toBe("zoo.example.dev:class.Animal")
    expect(Both.Animal.stop.qualifier).toBeUndefined()
    expect(Both.Animal.run.qualifier).toBe("zoo.example.dev:interface.Runs")
  })
})

describe("params", () => {
  const types = compileDomain(
    defineSchema("codec.example.dev", {
      functions: {
        go: fn({
          params: {
            at: Schema.Date,
            count: Schema.optional(Schema.Int),
            mode: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("plain"))),
            to: ref("codec.example.dev:class.Thing", { optional: true })
          },
          returns: Schema.Struct({ at: Schema.Date })
        }),
        other: fn({ params: { text, counted, maybe: optionalText }, returns: counted }),
        nothing: fn()
      },
      classes: { Thing: nodeClass() }
    })
  )
  const { go, nothing, other } = types.functions

  it("travel as JSON and come back as they were", () => {
    const at = new Date(0)
    const json = Result.getOrThrow(go.params.encode({ at, count: 3, mode: "x", to: "/a" }))
    expect(json).toEqual({ at: "1970-01-01T00:00:00.000Z", count: 3, mode: "x", to: "/a" })
    expect(Result.getOrThrow(go.params.decode(json))).toEqual({ at, count: 3, mode: "x", to: "/a" })
  })

  it("leave out what is not given, and decode defaults", () => {
    const at = new Date(0)
    const json = Result.getOrThrow(go.params.encode({ at, count: undefined }))
    expect(json).toEqual({ at: "1970-01-01T00:00:00.000Z" })
    expect(Result.getOrThrow(go.params.decode(json))).toEqual({ at, mode: "plain" })
  })

  it("are refused all at once, each with its path", () => {
    const decoded = go.params.decode({ at: "never", count: 1.5, to: 4, more: 1 })
    expect(issuesOf(decoded).map((issue) => [issue.path, issue.code])).toEqual([
      [["more"], "unknown"],
      [["at"], "invalid"],
      [["count"], "invalid"],
      [["to"], "type"]
    ])
    expect(issuesOf(go.params.decode({}))).toMatchObject([{ path: ["at"] }])
    expect(issuesOf(go.params.decode("x"))).toMatchObject([{ path: [], message: "params are an object" }])
    expect(issuesOf(go.params.decode(JSON.parse('{"at":"1970-01-01","__proto__":{"mode":"x"}}')))).toMatchObject([
      { path: ["__proto__"], code: "unknown" }
    ])
  })

  it("of another library validate on both sides, and are transformed where they arrive", () => {
    const json = Result.getOrThrow(other.params.encode({ text: "a", counted: "3" }))
    expect(json).toEqual({ text: "a", counted: "3" })
    expect(Result.getOrThrow(other.params.decode(json))).toEqual({ text: "a", counted: 3, maybe: "none" })
    expect(issuesOf(other.params.encode({ text: "a", counted: "x" }))).toMatchObject([{ path: ["counted"] }])
    expect(issuesOf(other.params.decode({ counted: "1" }))).toMatchObject([{ path: ["text"] }])
    expect(Result.getOrThrow(other.result.decode("7"))).toBe(7)
    expect(Result.getOrThrow(other.result.encode("7"))).toBe("7")
  })

  it("may be none, and so may a result", () => {
    expect(Result.getOrThrow(nothing.params.encode({}))).toEqual({})
    expect(Result.getOrThrow(nothing.params.decode(undefined))).toEqual({})
    expect(Result.getOrThrow(nothing.result.encode(undefined))).toBeNull()
    expect(Result.getOrThrow(nothing.result.decode(null))).toBeUndefined()
    expect(Result.getOrThrow(nothing.result.decode(undefined))).toBeUndefined()
  })

  it("are never taken from the prototype of what was given", () => {
    const inherited: Record<string, unknown> = Object.create({ at: "1970-01-01T00:00:00.000Z" })
    expect(issuesOf(go.params.decode(inherited))).toMatchObject([{ path: ["at"] }])
  })

  it("of a reference are addresses", () => {
    const codec: AnyCodec = D.Contact.assign.params
    expect(D.Contact.assign.contract.refs).toEqual([
      { param: "project", types: ["crm.example.dev:class.Project"], needs: EDIT }
    ])
    expect(issuesOf(codec.decode({ role: "x" }))).toMatchObject([{ path: ["project"], code: "required" }])
  })
})
