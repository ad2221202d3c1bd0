import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { crm, D } from "./crm.ts"
import { start } from "./product.ts"

it.effect("a bundled domain is installed, seeded and served", () =>
  Effect.gen(function* () {
    const { admin, gateway, host, settled } = yield* start({ bundled: [crm] })
    yield* settled
    console.log(yield* host.domains, gateway.log)
    const { graph } = yield* admin
    const path = yield* graph.call(D.ContactOps.createContact, { email: "grace@example.dev" })
    assert.strictEqual(path, "/contacts/grace")
    assert.strictEqual(yield* graph.call(D.Contact.mail, {}, { self: path }), "grace@example.dev")
    assert.strictEqual((yield* graph.get(D.Contact, "/contacts/ada")).props.email, "ada@example.dev")
  }).pipe(Effect.scoped)
)
