import { DomainDefinitionError, defineDomain, defineRemoteFunction } from "@portico/domain"
import { defineSchema, EDIT, KernelSchema, READ, SHARE } from "@portico/schema"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { hook, makeCrm, methods, seed } from "./crm.ts"
import { Contact, ContactOps, Project, schema, works_on } from "./fixtures.ts"

const problemsOf = (define: () => unknown): ReadonlyArray<string> => {
  try {
    define()
  } catch (error) {
    if (error instanceof DomainDefinitionError) return error.problems
    throw error
  }
  return []
}

describe("defineDomain", () => {
  it("bundles what an install has to know", () => {
    const domain = makeCrm({
      version: "1.0.0",
      owns: ["/contacts"],
      acts: { nodes: ["/projects"], perms: [READ, "EDIT"] },
      grants: { authenticated: [READ] },
      requires: ["billing.example.dev"]
    })
    expect(domain.bundle).toEqual({
      contract: schema.contract,
      contractId: schema.contractId,
      version: "1.0.0",
      requires: ["billing.example.dev"],
      owns: ["/contacts"],
      acts: { nodes: ["/projects"], perms: READ | EDIT },
      grants: { authenticated: READ },
      postInstall: null
    })
  })

  it("acts with nothing of its callers' unless it says so", () => {
    expect(makeCrm().bundle.acts).toBeNull()
  })

  it("runs no postInstall that streams", () => {
    const run = defineRemoteFunction({ output: "stream", execute: async function* () {} })
    const empty = defineSchema("run.example.dev", {})
    expect(problemsOf(() => defineDomain({ schema: empty, functions: { run }, postInstall: run }))).toEqual([
      "postInstall: function.run streams"
    ])
  })

  it("names a postInstall by its function or by its method", () => {
    const functions = { seed, hook }
    expect(defineDomain({ schema, methods, functions, postInstall: seed }).bundle.postInstall).toBe(
      "/:crm.example.dev:function.seed"
    )
    expect(problemsOf(() => defineDomain({ schema, methods, functions, postInstall: "class.Contact:assign" }))).toEqual(
      ["postInstall: class.Contact:assign is not static", "postInstall: class.Contact:assign must need no params"]
    )
  })

  it("adds functions with contracts of their own to the contract", () => {
    const ping = defineRemoteFunction({
      auth: "public",
      params: { name: Schema.String },
      returns: Schema.String,
      execute: ({ params }) => params.name
    })
    const domain = defineDomain({ schema, methods, functions: { seed, hook, ping } })
    expect(domain.bundle.contract.functions.ping).toMatchObject({ auth: "public", static: true })
    expect(domain.functions.map(({ slug }) => slug).sort()).toEqual(["hook", "ping", "seed"])
    const definitions = Object.fromEntries(domain.functions.map((one) => [one.slug, one.definition]))
    const inSchema = defineSchema("crm.example.dev", {
      interfaces: { ContactOps },
      classes: { Contact, Project, works_on },
      functions: definitions,
      imports: [KernelSchema]
    })
    expect(domain.bundle.contractId).toBe(inSchema.contractId)
    expect(domain.bundle.contractId).not.toBe(schema.contractId)
  })

  it("says everything that is wrong at once", () => {
    const problems = problemsOf(() =>
      makeCrm({
        owns: ["contacts"],
        acts: { nodes: ["/projects::get"], perms: [SHARE] },
        grants: { everyone: 99 }
      })
    )
    expect(problems).toEqual([
      "acts: SHARE is never taken from a caller",
      'owns: "contacts" is not the path of a node, such as "/contacts"',
      'acts: "/projects::get" is not the path of a node, such as "/contacts"',
      "grants.everyone: 99 is no permission"
    ])
  })

  it("asks for the auth mode beside the handler, where the types would be wrong without it", () => {
    const unaware = defineRemoteFunction(schema, "hook", { execute: () => "" })
    expect(problemsOf(() => defineDomain({ schema, methods, functions: { seed, hook: unaware } }))[0]).toContain(
      'say auth: "public"'
    )
  })

  it("refuses deps that read an environment nobody declared", () => {
    const empty = defineSchema("deps.example.dev", {})
    expect(problemsOf(() => defineDomain({ schema: empty, deps: (env: {}) => env }))).toEqual([
      "deps reads an environment: say which variables in env"
    ])
  })
})
