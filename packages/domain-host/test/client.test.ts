import { assert, describe, it } from "@effect/vitest"
import { PorticoClient } from "@portico/client"
import { isNotFound, isUnauthenticated, READ, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import { crm, D } from "./crm.ts"
import { start } from "./product.ts"

describe("the client of an instance", () => {
  it.effect("makes, reads, links, lists and calls over HTTP as it does in process", () =>
    Effect.gen(function* () {
      const { gateway, settled, user } = yield* start({ bundled: [crm] })
      yield* settled
      const ada = yield* user("ada", { "/contacts": 15, "/crm.example.dev": READ | USE })
      const portico = PorticoClient.make({ url: "http://localhost:4000", token: ada.id, fetch: gateway.fetch }).effect

      assert.strictEqual((yield* portico.whoami()).path, "/identities/ada")
      const path = yield* portico.call(D.ContactOps.createContact, { email: "grace@example.dev" })
      const grace = yield* portico.get(D.Contact, path)
      assert.deepStrictEqual(grace.props, { email: "grace@example.dev" })
      assert.strictEqual(yield* portico.call(D.Contact.mail, {}, { self: grace }), "grace@example.dev")

      const renamed = yield* portico.update(D.Contact, grace, { props: { name: "Grace" }, ifRev: grace.rev })
      assert.strictEqual(renamed.props.name, "Grace")
      const stale = yield* Effect.flip(portico.update(D.Contact, grace, { props: { name: "G" }, ifRev: grace.rev }))
      assert.strictEqual(stale.code, "REV_CONFLICT")

      const { id: apollo } = yield* portico.create(D.Project, {
        path: "/contacts/grace/apollo",
        props: { title: "Apollo" }
      })
      yield* portico.call(D.Contact.assign, { project: `@${apollo}`, role: "lead" }, { self: grace })
      const { edges } = yield* portico.getLinks(grace, { edge: D.works_on, direction: "out" })
      assert.deepStrictEqual(
        edges.map(({ target }) => target),
        [apollo]
      )

      const page = yield* portico.listChildren(D.Contact, "/contacts", { limit: 1 })
      assert.lengthOf(page.nodes, 1)
      assert.isString(page.next)
      const described = yield* portico.describe(`${path}::mail`)
      assert.deepInclude(described, { kind: "callable" })
      const first = yield* portico.node(path)
      assert.strictEqual(first?.node.path, path)
      assert.isUndefined(yield* portico.node(path, { ifNoneMatch: first?.etag ?? "" }))
      assert.isTrue((yield* portico.readyz()).ready)
      assert.strictEqual((yield* portico.meta()).protocol, 1)
      assert.isTrue((yield* portico.check({ node: path, perms: ["EDIT"] })).allowed)
      yield* portico.delete(grace, { recursive: true })
      assert.isTrue(isNotFound(yield* Effect.flip(portico.get(path))))
    })
  )

  it.effect("is refused with a bad token, and sees little without one", () =>
    Effect.gen(function* () {
      const { gateway } = yield* start({ bundled: [crm] })
      const portico = PorticoClient.make({ url: "http://localhost:4000", fetch: gateway.fetch })
      assert.isTrue(isUnauthenticated(yield* Effect.flip(portico.as("nonsense").effect.get("/"))))
      assert.isNull((yield* portico.effect.whoami()).id)
      assert.isTrue(isNotFound(yield* Effect.flip(portico.effect.get("/contacts"))))
      const made = yield* Effect.flip(portico.effect.call(D.ContactOps.createContact, { email: "a@b.c" }))
      assert.include(["UNAUTHENTICATED", "NOT_FOUND"], made.code)
    })
  )
})
