import { assert, describe, it } from "@effect/vitest"
import { FakeKernel, invokeDomain } from "@portico/domain/testing"
import { isPorticoError, READ, USE } from "@portico/schema"
import { Effect } from "effect"
import { makeDeps } from "../src/deps.ts"
import { crm, D } from "../src/index.ts"
import { enrichmentService, withJson } from "./support/enrichmentService.ts"

describe("the domain", () => {
  it("asks its operator for no more than it uses", () => {
    const { acts, grants, owns, postInstall, requires } = crm.bundle
    assert.deepStrictEqual(owns, ["/contacts", "/projects"])
    assert.deepStrictEqual(acts, { nodes: ["/"], perms: READ })
    assert.deepStrictEqual(grants, { authenticated: READ | USE })
    assert.deepStrictEqual(requires, [])
    assert.strictEqual(postInstall, "/:crm.example.dev:function.seed")
  })

  it.effect("starts without any environment, and hides secrets", () =>
    Effect.scoped(
      Effect.gen(function* () {
        yield* crm.makeDeps({})
        const deps = yield* crm.makeDeps({ CRM_ENRICHMENT_KEY: "k3y", CRM_WEBHOOK_SECRET: "whsec_c2VjcmV0" })
        assert.notInclude(JSON.stringify(deps), "k3y")
      })
    )
  )

  const ada = {
    id: "1",
    path: "/contacts/ada",
    slug: "ada",
    class: D.Contact.ref,
    props: { [D.Contact.email.key]: "ada@example.dev" },
    rev: 3,
    createdAt: 0,
    updatedAt: 0
  }

  it("enriches a contact with what the service answers over HTTP", async (test) => {
    const service = await enrichmentService(test, withJson(200, { company: { name: "ACME" } }))
    const fake = FakeKernel.record().answer("@1::update", ada)
    const context = { kernel: fake.kernel, self: ada, deps: makeDeps({ CRM_ENRICHMENT_URL: service.url }) }
    const result = await invokeDomain(crm, D.Contact.enrich, {}, context)
    assert.deepStrictEqual(result, { found: true, company: "ACME" })
    assert.deepStrictEqual(fake.calls[0]?.params, { props: { [D.Contact.company.key]: "ACME" }, ifRev: 3 })
  })

  const failing: ReadonlyArray<readonly [code: string, env: (url: string) => Parameters<typeof makeDeps>[0]]> = [
    ["UNAVAILABLE", () => ({})],
    ["DISPATCH_FAILED", (url) => ({ CRM_ENRICHMENT_URL: url })]
  ]
  for (const [code, env] of failing) {
    it(`answers ${code} when enriching fails so`, async (test) => {
      const service = await enrichmentService(test, withJson(500, {}))
      const context = { kernel: FakeKernel.record().kernel, self: ada, deps: makeDeps(env(service.url)) }
      const error = await invokeDomain(crm, D.Contact.enrich, {}, context).catch((failure: unknown) => failure)
      assert.strictEqual(isPorticoError(error) ? error.code : error, code)
    })
  }

  it("refuses an address that cannot be one", async () => {
    const { kernel } = FakeKernel.record()
    const error = await invokeDomain(crm, D.ContactOps.createContact, { email: "a@b c" }, { kernel }).catch(
      (failure: unknown) => failure
    )
    assert.strictEqual(isPorticoError(error) ? error.code : error, "INVALID_PARAMS")
  })
})
