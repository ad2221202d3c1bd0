import { assert, describe, it } from "@effect/vitest"
import { EDIT, type PorticoError, READ } from "@portico/schema"
import { Effect, Stream } from "effect"
import { contacts, projects } from "../src/core/seeding/data.ts"
import { D } from "../src/index.ts"
import { enrichmentService, withJson } from "./support/enrichmentService.ts"
import { installed } from "./support/product.ts"
import { sign, webhookSecret, wronglySigned } from "./support/signed.ts"

const createContact = D.ContactOps.createContact.path
const grace = "/contacts/grace~40example.com"
const margaret = "/contacts/margaret~40example.com"
const apollo = "/projects/apollo"

interface Page {
  readonly nodes: ReadonlyArray<{ readonly path: string }>
}
interface Links {
  readonly edges: ReadonlyArray<{ readonly props: Readonly<Record<string, unknown>> }>
}

const codeOf = <A>(effect: Effect.Effect<A, PorticoError>) =>
  Effect.match(effect, { onFailure: (error): string => error.code, onSuccess: () => "succeeded" })

describe("the domain, once it is installed", () => {
  it.effect("has its folders and its seed, and another install adds nothing", () =>
    Effect.gen(function* () {
      const { admin, host } = yield* installed()
      const children = (path: string) =>
        Effect.map(admin.call(`${path}::listChildren`), (page) => (page as Page).nodes.length)
      assert.strictEqual(yield* children("/contacts"), contacts.length)
      assert.strictEqual(yield* children("/projects"), projects.length)

      yield* admin.call(`${grace}::update`, { props: { company: "US Navy" } })
      const report = yield* host.install("crm.example.dev")
      assert.strictEqual(report.postInstall.status, "done")
      assert.strictEqual(yield* children("/contacts"), contacts.length)
      const after = (yield* admin.call(`${grace}::get`)) as { readonly props: Readonly<Record<string, unknown>> }
      assert.strictEqual(after.props[D.Contact.company.key], "US Navy")
    }).pipe(Effect.scoped)
  )

  it.effect("makes a contact for whoever signed in, who need not see it; one of many at once", () =>
    Effect.gen(function* () {
      const { admin, user } = yield* installed()
      const ada = yield* user("ada")
      const outcomes = yield* Effect.forEach(
        Array.from({ length: 20 }),
        () => codeOf(ada.call(createContact, { email: "Ada@Example.dev" })),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(outcomes.toSorted(), [...Array(19).fill("PATH_CONFLICT"), "succeeded"])
      assert.strictEqual(yield* codeOf(ada.call("/contacts/ada~40example.dev::get")), "NOT_FOUND")
      assert.strictEqual(yield* codeOf(admin.call("/contacts/ada~40example.dev::get")), "succeeded")
    }).pipe(Effect.scoped)
  )

  it.effect("assigns only for who may edit the contact and the project, wherever that is", () =>
    Effect.gen(function* () {
      const { admin, user } = yield* installed()
      const params = { project: apollo, role: "reviewer" }
      const reader = yield* user("reader", { "/contacts": READ | EDIT, "/projects": READ })
      const refusal = yield* Effect.flip(reader.call(`${grace}::assign`, params))
      assert.strictEqual(refusal.code, "PERMISSION_DENIED")
      assert.deepInclude(refusal.details, { phase: "param" })

      const editor = yield* user("editor", { "/contacts": READ, "/projects": READ | EDIT })
      assert.strictEqual(yield* codeOf(editor.call(`${grace}::assign`, params)), "PERMISSION_DENIED")

      const lead = yield* user("lead", { "/contacts": READ | EDIT, "/projects": READ | EDIT })
      yield* lead.call(`${margaret}::assign`, params)
      const { edges } = (yield* admin.call(`${margaret}::getLinks`, { edgeClass: D.works_on.ref })) as Links
      assert.deepStrictEqual(
        edges.map((edge) => edge.props),
        [{ [D.works_on.role.key]: "reviewer" }]
      )

      yield* admin.call("/:kernel.portico.dev:interface.Node:createNode", {
        class: "kernel.portico.dev:class.Folder",
        path: "/team"
      })
      yield* admin.call("/:kernel.portico.dev:interface.Node:createNode", {
        class: D.Project.ref,
        path: "/team/secret",
        props: { title: "Elsewhere" }
      })
      const elsewhere = { project: "/team/secret", role: "lead" }
      assert.strictEqual(yield* codeOf(lead.call(`${grace}::assign`, elsewhere)), "NOT_FOUND")
      assert.strictEqual(yield* codeOf(admin.call(`${grace}::assign`, elsewhere)), "succeeded")
    }).pipe(Effect.scoped)
  )

  it.effect("takes contacts as they come, and lists them to whoever may see them, over HTTP", () =>
    Effect.gen(function* () {
      const { user } = yield* installed()
      const ada = yield* user("ada")
      const sent = Array.from({ length: 250 }, (_, n) => ({ email: `person-${n}@example.dev`, company: "ACME" }))
      const add = ada.portico.call(D.ContactOps.addContacts, {}, { input: sent })
      assert.deepStrictEqual(yield* add, { created: 250, known: 0 })
      const wrong = ada.portico.call(D.ContactOps.addContacts.path, {}, { input: [{ email: "new@example.dev" }, {}] })
      assert.deepInclude((yield* Effect.flip(wrong)).details, { index: 1 })
      assert.deepStrictEqual(yield* add, { created: 0, known: 250 })

      // She made them, and may see none of them.
      const listed = (portico: typeof ada.portico) => Stream.runCollect(portico.stream(D.ContactOps.directory))
      assert.strictEqual((yield* Effect.flip(listed(ada.portico))).code, "NOT_FOUND")
      const lead = yield* user("lead", { "/contacts": READ, "/projects": READ })
      const everybody = yield* listed(lead.portico)
      assert.lengthOf(everybody, contacts.length + 251)
      assert.deepInclude(
        everybody.find(({ path }) => path === grace),
        { projects: ["/projects/flow-matic"] }
      )
      const reader = yield* user("reader", { "/contacts": READ })
      assert.deepInclude(
        (yield* listed(reader.portico)).find(({ path }) => path === grace),
        { projects: [] }
      )
    }).pipe(Effect.scoped)
  )

  it.effect("passes on how enriching failed", () =>
    Effect.gen(function* () {
      const { admin } = yield* installed()
      assert.strictEqual(yield* codeOf(admin.call(`${grace}::enrich`)), "UNAVAILABLE")
      const { admin: other } = yield* installed({ CRM_ENRICHMENT_URL: "http://127.0.0.1:1" })
      assert.strictEqual(yield* codeOf(other.call(`${grace}::enrich`)), "DISPATCH_FAILED")
    }).pipe(Effect.scoped)
  )

  it("fills in what a service knows", async (test) => {
    const service = await enrichmentService(test, withJson(200, { name: "Ada Lovelace", company: { name: "Engines" } }))
    const after = await Effect.gen(function* () {
      const { admin } = yield* installed({ CRM_ENRICHMENT_URL: service.url })
      const path = yield* admin.call(createContact, { email: "ada@example.dev", company: "Own" })
      assert.deepStrictEqual(yield* admin.call(`${path}::enrich`), {
        found: true,
        name: "Ada Lovelace",
        company: "Engines"
      })
      return (yield* admin.call(`${path}::get`)) as { readonly props: Readonly<Record<string, unknown>> }
    }).pipe(Effect.scoped, Effect.runPromise)
    assert.deepStrictEqual(after.props, {
      [D.Contact.email.key]: "ada@example.dev",
      [D.Contact.company.key]: "Own",
      "kernel.portico.dev:interface.Named.property.name": "Ada Lovelace"
    })
  })
})

describe("its webhook, over HTTP", () => {
  const url = "/d/crm.example.dev/functions/inbound"
  const contact = "/contacts/ada~40example.dev"
  const env = { CRM_WEBHOOK_SECRET: webhookSecret }

  it.live("files the contact once, however often and however many at a time the message is sent", () =>
    Effect.gen(function* () {
      const { admin, request } = yield* installed(env)
      const message = sign({ id: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W" })
      const answers = yield* Effect.forEach(
        Array.from({ length: 100 }),
        () => request(url, { method: "POST", ...message }),
        { concurrency: 20 }
      )
      for (const { json, status } of answers) {
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(json, { result: { path: contact } })
      }
      const { nodes } = (yield* admin.call("/contacts::listChildren")) as Page
      assert.lengthOf(nodes, contacts.length + 1)
      assert.lengthOf(((yield* admin.call(`${contact}::listChildren`)) as Page).nodes, 1)
    }).pipe(Effect.scoped)
  )

  it.live("answers 401 to whatever is not signed as it should be, and writes nothing", () =>
    Effect.gen(function* () {
      const { admin, request } = yield* installed(env)
      for (const [what, parts] of wronglySigned) {
        const { json, status } = yield* request(url, { method: "POST", ...sign(parts()) })
        assert.strictEqual(status, 401, what)
        assert.strictEqual((json as { readonly error: { readonly code: string } }).error.code, "UNAUTHENTICATED", what)
      }
      assert.strictEqual(yield* codeOf(admin.call(`${contact}::get`)), "NOT_FOUND")
    }).pipe(Effect.scoped)
  )

  it.live("answers 400 to a signed message of another kind, and 503 until it has a secret", () =>
    Effect.gen(function* () {
      const { request } = yield* installed(env)
      const other = yield* request(url, { method: "POST", ...sign({ body: '{"type":"invoice.paid","data":{}}' }) })
      assert.strictEqual(other.status, 400)
      const { request: unconfigured } = yield* installed()
      assert.strictEqual((yield* unconfigured(url, { method: "POST", ...sign() })).status, 503)
    }).pipe(Effect.scoped)
  )
})
