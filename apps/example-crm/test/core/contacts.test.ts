import { assert, describe, it } from "@effect/vitest"
import { FakeKernel } from "@portico/domain/testing"
import { Path, PorticoError } from "@portico/schema"
import { Effect, Option, Result, Schema, Stream } from "effect"
import { addContacts } from "../../src/core/contacts/addContacts.ts"
import { assign } from "../../src/core/contacts/assign.ts"
import { canonicalEmail, contactPath } from "../../src/core/contacts/contactPath.ts"
import { createContact } from "../../src/core/contacts/createContact.ts"
import { enrich } from "../../src/core/contacts/enrich.ts"
import type { Enrichment, Profile } from "../../src/integrations/enrichment/port.ts"
import { D } from "../../src/schema/index.ts"
import { memoryGraph } from "../support/memoryGraph.ts"

describe("where a contact is", () => {
  it("follows from its e-mail address, whatever its case and Unicode form", () => {
    assert.strictEqual(contactPath("Ada@Example.dev"), "/contacts/ada~40example.dev")
    assert.strictEqual(contactPath("ADA@EXAMPLE.DEV"), contactPath("ada@example.dev"))
    assert.strictEqual(contactPath("ame\u0301lie@x.org"), contactPath("am\u00e9lie@x.org"))
  })

  it.prop("is a path, and another one for another address", { one: Schema.String, other: Schema.String }, (emails) => {
    const { one, other } = { one: `${emails.one}@x`, other: `${emails.other}@x` }
    assert.isTrue(Result.isSuccess(Path.parseNode(contactPath(one))))
    assert.strictEqual(contactPath(one) === contactPath(other), canonicalEmail(one) === canonicalEmail(other))
  })
})

describe("createContact", () => {
  it.effect("files the contact and gives its path", () =>
    Effect.gen(function* () {
      const graph = memoryGraph()
      const path = yield* createContact(graph.kernel, { email: "Ada@example.dev", name: "Ada" })
      assert.strictEqual(path, "/contacts/ada~40example.dev")
      assert.deepStrictEqual(graph.nodes.get(path), {
        class: D.Contact.ref,
        props: { [D.Contact.email.key]: "ada@example.dev", "kernel.portico.dev:interface.Named.property.name": "Ada" }
      })
    })
  )

  it.effect("refuses a second one with the same address", () =>
    Effect.gen(function* () {
      const graph = memoryGraph()
      yield* createContact(graph.kernel, { email: "ada@example.dev" })
      const error = yield* Effect.flip(createContact(graph.kernel, { email: "ADA@example.dev" }))
      assert.strictEqual(error.code, "PATH_CONFLICT")
    })
  )
})

describe("addContacts", () => {
  it.effect("makes each contact once, however often it comes", () =>
    Effect.gen(function* () {
      const graph = memoryGraph()
      const sent = ["ada@example.dev", "grace@example.com", "ADA@example.dev"].map((email) => ({ email }))
      assert.deepStrictEqual(yield* addContacts(graph.kernel, Stream.fromIterable(sent)), { created: 2, known: 1 })
      assert.deepStrictEqual(yield* addContacts(graph.kernel, Stream.fromIterable(sent)), { created: 0, known: 3 })
      assert.strictEqual(graph.writes(), 2)
    })
  )

  it.effect("keeps what came before the one that does not fit", () =>
    Effect.gen(function* () {
      const graph = memoryGraph()
      const wrong = PorticoError.make("INVALID_PARAMS", "item 1 of the input")
      const sent = Stream.concat(Stream.make({ email: "ada@example.dev" }), Stream.fail(wrong))
      assert.strictEqual(yield* Effect.flip(addContacts(graph.kernel, sent)), wrong)
      assert.strictEqual(graph.writes(), 1)
    })
  )
})

describe("assign", () => {
  it.effect("links the contact to the project, and said again changes the role", () =>
    Effect.gen(function* () {
      const fake = FakeKernel.record().answer("@1::link", { created: true })
      yield* assign(fake.kernel, { id: "1" }, "/projects/apollo", "lead")
      assert.deepStrictEqual(fake.calls[0]?.params, {
        edgeClass: D.works_on.ref,
        target: "/projects/apollo",
        props: { [D.works_on.role.key]: "lead" },
        onConflict: "merge"
      })
    })
  )
})

describe("enrich", () => {
  const ada = { id: "1", rev: 7, props: { email: "ada@example.dev", name: undefined, company: "ACME" } }
  const node = { id: "1", path: "/contacts/ada", slug: "ada", class: D.Contact.ref, rev: 8, createdAt: 0, updatedAt: 0 }
  const updated = { ...node, props: { [D.Contact.email.key]: "ada@example.dev" } }
  const knows = (profile: Profile | undefined): Enrichment => ({
    lookup: () => Effect.succeed(Option.fromUndefinedOr(profile))
  })

  it.effect("fills in what is missing, keeps what people entered, and overwrites no other change", () =>
    Effect.gen(function* () {
      const fake = FakeKernel.record().answer("@1::update", updated)
      const result = yield* enrich(fake.kernel, knows({ name: "Ada", company: "Other" }), ada)
      assert.deepStrictEqual(result, { found: true, name: "Ada", company: "Other" })
      assert.deepStrictEqual(fake.calls[0]?.params, {
        props: { "kernel.portico.dev:interface.Named.property.name": "Ada" },
        ifRev: 7
      })
    })
  )

  it.effect("writes nothing when nothing is missing, or nobody is found", () =>
    Effect.gen(function* () {
      const fake = FakeKernel.record()
      assert.deepStrictEqual(yield* enrich(fake.kernel, knows({ company: "Other" }), ada), {
        found: true,
        company: "Other"
      })
      assert.deepStrictEqual(yield* enrich(fake.kernel, knows(undefined), ada), { found: false })
      fake.expectCalls([])
    })
  )

  it.effect("fails as the service does, and writes nothing", () =>
    Effect.gen(function* () {
      const fake = FakeKernel.record()
      const slow: Enrichment = { lookup: () => Effect.fail(PorticoError.make("TIMEOUT", "too slow")) }
      const error = yield* Effect.flip(enrich(fake.kernel, slow, ada))
      assert.strictEqual(error.code, "TIMEOUT")
      fake.expectCalls([])
    })
  )
})
