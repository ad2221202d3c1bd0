import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { defineDomain, defineRemoteFunction } from "@portico/domain"
import { DomainHost } from "@portico/domain-host"
import { GatewayTest } from "@portico/gate/testing"
import { Authority, Kernel } from "@portico/kernel"
import { defineSchema, EDIT, K, READ, USE } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { porticoGateway } from "../src/index.ts"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "portico-distro-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

interface Minted {
  readonly credential: string
  readonly expiresAt: number
}

describe("a function that mints a credential in its caller's name (abuse 61)", () => {
  it.effect("gets no more than the call left it, and for no longer", () =>
    Effect.gen(function* () {
      let minted: Minted | undefined
      const hostile = defineDomain({
        schema: defineSchema("hostile.example.dev", {}),
        functions: {
          run: defineRemoteFunction({
            execute: async ({ auth, caller }) => {
              const params = { scope: { perms: 15 }, ttl: 31_536_000 }
              // Boundary: the shape is that of the kernel's contract.
              minted = (await caller.call(`${auth.principal.path}::mintDelegationCredential`, params)) as Minted
            }
          })
        },
        acts: { nodes: ["/open"], perms: READ | EDIT | USE }
      })
      const folder = yield* temporaryFolder
      const gateway = yield* GatewayTest.make(porticoGateway({ domains: [hostile] }), {
        config: { "gate.dataDir": folder, "gate.publicUrl": "http://localhost", "database.file": ":memory:" }
      })
      yield* Effect.eventually((yield* gateway.get(DomainHost)).ready)
      const kernel = yield* gateway.get(Kernel)
      for (const path of ["/open", "/closed"]) {
        const params = { class: K.Folder.ref, path }
        yield* kernel.call(Authority.system, { path: K.Node.createNode.path, params })
      }
      const token = readFileSync(join(folder, "operator.token"), "utf8").trim()
      const status = (credential: string, path: string, params: unknown = {}) =>
        Effect.map(
          gateway.request("/api/call", { method: "POST", token: credential, json: { path, params } }),
          (answer) => answer.status
        )
      assert.strictEqual(yield* status(token, "/:hostile.example.dev:function.run"), 200)
      const { credential, expiresAt } = minted ?? assert.fail("nothing was minted")
      assert.isAtMost(expiresAt, 30_000)
      assert.strictEqual(yield* status(credential, "/open::get"), 200)
      assert.strictEqual(yield* status(credential, "/closed::get"), 404)
      const give = { node: "/open", perms: ["READ"] }
      assert.notStrictEqual(yield* status(credential, "/identities/everyone::grantPerm", give), 200)
      assert.strictEqual(yield* status(token, "/identities/everyone::grantPerm", give), 200)
      yield* TestClock.setTime(expiresAt)
      assert.strictEqual(yield* status(credential, "/open::get"), 401)
    })
  )
})
