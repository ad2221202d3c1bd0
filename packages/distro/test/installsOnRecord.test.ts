import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Auth } from "@portico/auth"
import { defineDomain } from "@portico/domain"
import { GatewayTest } from "@portico/gate/testing"
import { defineSchema, K } from "@portico/schema"
import * as Effect from "effect/Effect"
import { porticoGateway } from "../src/index.ts"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "portico-distro-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

it.effect("the audit log has who installed and uninstalled which domain, and through what", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const origin = "empty.example.dev"
    const domain = defineDomain({ schema: defineSchema(origin, {}) })
    const gateway = yield* GatewayTest.make(porticoGateway({ domains: [domain] }), {
      config: { "gate.dataDir": folder, "database.file": ":memory:", "domains.bundled": "none" }
    })
    const token = readFileSync(join(folder, "operator.token"), "utf8").trim()
    const call = (path: string, params: unknown) =>
      Effect.map(gateway.request("/api/call", { token, json: { path, params } }), ({ status }) => status)
    assert.strictEqual(yield* call(K.Domain.install.path, { local: origin, dryRun: true }), 200)
    assert.strictEqual(yield* call(K.Domain.install.path, { local: origin }), 200)
    assert.strictEqual(yield* call(K.Domain.uninstall.path, { origin }), 200)
    const auth = yield* gateway.get(Auth)
    const lines = yield* auth.audited({ event: "domain", limit: 10 })
    assert.deepStrictEqual(
      lines.map(({ event }) => event),
      ["domain.uninstalled", "domain.installed"]
    )
    for (const { actor, details, through } of lines) {
      assert.isString(actor)
      assert.strictEqual(through?.kind, "operator-token")
      assert.deepInclude(details, { origin })
    }
  })
)
