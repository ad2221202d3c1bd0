import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { AuthModule } from "@portico/auth"
import { Gateway, GatewayInstance } from "@portico/gate"
import { NodeGateway } from "@portico/gate/node"
import { SqliteModule } from "@portico/gate-adapters/sqlite"
import { KernelModule } from "@portico/kernel"
import { Effect } from "effect"
import { temporaryFolder } from "../support/temporaryFolder.ts"

const product = Gateway.make({
  identity: { id: "test", name: "Test" },
  modules: [SqliteModule, KernelModule, AuthModule]
})

const start = (flags: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const own = { "gate.dataDir": folder, "gate.port": "0", "auth.callsPerAddress": 2, "gate.accessLog": false }
    const { url } = yield* GatewayInstance.start(product, { settings: { flags: { ...own, ...flags } } })
    return { folder, url }
  }).pipe(Effect.provide(NodeGateway.layer))

/** Asks as who says of itself that it is at some address; what it is answered. */
const listen = (flags: Readonly<Record<string, unknown>>) =>
  Effect.map(
    start(flags),
    ({ url }) =>
      (address: string) =>
        Effect.promise(async () => {
          const answer = await fetch(`${url}/api/nodes/`, { headers: { "x-forwarded-for": address } })
          return answer.status === 429 ? "limited" : "answered"
        })
  )

describe("abuse 43: who says that they are at another address each time", () => {
  it.live("is counted where they are", () =>
    Effect.gen(function* () {
      const ask = yield* listen({})
      const asked = yield* Effect.forEach(["203.0.113.1", "203.0.113.2", "203.0.113.3", "2001:db8::1"], ask)
      expect(asked).toEqual(["answered", "answered", "limited", "limited"])
    })
  )

  it.live("is believed behind a proxy that is trusted, as far as the proxy saw it, and by the network of IPv6", () =>
    Effect.gen(function* () {
      const ask = yield* listen({ "gate.trustProxy": ["loopback"] })
      const asked = yield* Effect.forEach(
        [
          "203.0.113.1",
          "203.0.113.1",
          "198.51.100.9, 203.0.113.1",
          "203.0.113.2",
          "2001:db8:1:2::1",
          "2001:db8:1:2::2",
          "2001:db8:1:2:ffff::3",
          "2001:db8:1:3::1"
        ],
        ask
      )
      expect(asked).toEqual([
        "answered",
        "answered",
        "limited",
        "answered",
        "answered",
        "answered",
        "limited",
        "answered"
      ])
    })
  )

  it.live("is on record where a proxy that is trusted saw them, whatever they do in the graph", () =>
    Effect.gen(function* () {
      const { folder, url } = yield* start({ "gate.trustProxy": ["loopback"] })
      const token = readFileSync(join(folder, "operator.token"), "utf8").trim()
      const ask = (path: string, init: RequestInit = {}) =>
        Effect.promise(async () => {
          const headers = { authorization: `Bearer ${token}`, "x-forwarded-for": "203.0.113.7" }
          const answer = await fetch(`${url}${path}`, { ...init, headers: { ...headers, ...init.headers } })
          // Boundary: what the audit log's route answers.
          return (await answer.json()) as { readonly lines: ReadonlyArray<{ readonly address: string | null }> }
        })
      const body = (call: unknown) => ({
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(call)
      })
      const path = "/identities/everyone::grantPerm"
      yield* ask("/api/call", body({ path, params: { node: "/identities", perms: ["READ"] } }))
      yield* ask("/api/call", body({ path: "/identities/operator::mintDelegationCredential", params: { ttl: 60 } }))
      for (const event of ["permission.granted", "delegation.minted"]) {
        const { lines } = yield* ask(`/gateway/v1/internal/auth/audit?event=${event}`)
        expect([event, lines[0]?.address]).toEqual([event, "203.0.113.7"])
      }
    })
  )
})
