import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Auth, AuthModule } from "@portico/auth"
import { PorticoClient } from "@portico/client"
import { DomainHost, DomainHostModule } from "@portico/domain-host"
import { Gateway } from "@portico/gate"
import { GatewayTest } from "@portico/gate/testing"
import { SqliteModule } from "@portico/gate-adapters/sqlite"
import { Authority, Kernel, KernelModule } from "@portico/kernel"
import { ALL, K } from "@portico/schema"
import { Effect } from "effect"
import { crm } from "../../src/index.ts"

const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "portico-crm-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

const product = (env: Readonly<Record<string, string>>) =>
  Gateway.make({
    identity: { id: "test", name: "Test" },
    modules: [
      SqliteModule,
      KernelModule,
      AuthModule,
      DomainHostModule,
      Gateway.module.define({
        id: "catalogue",
        displayName: "Catalogue",
        contributes: [DomainHost.localDomains.of({ definition: crm, bundled: true, env })]
      })
    ]
  })

/** The domain installed in a real product that runs in memory: kernel, permissions, HTTP and all. */
export const installed = (env: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const gateway = yield* GatewayTest.make(product(env), { config: { "gate.dataDir": yield* temporaryFolder } })
    const kernel = yield* gateway.get(Kernel)
    const host = yield* gateway.get(DomainHost)
    const auth = yield* gateway.get(Auth)
    // The seed runs as soon as the domain can be called; until then the instance is not ready.
    const isPending = Effect.map(host.domains, (domains) => domains.some((one) => one.postInstall.status === "pending"))
    while (yield* isPending) yield* Effect.yieldNow

    const callAs =
      (authority: Authority) =>
      (path: string, params: unknown = {}) =>
        Effect.map(kernel.call(authority, { path, params }), ({ result }) => result)
    const system = callAs(Authority.system)

    /** A new user with bits on some nodes, and what they can call. */
    const user = Effect.fnUntraced(function* (name: string, perms: Readonly<Record<string, number>> = {}) {
      const path = `/identities/${name}`
      yield* system(K.Node.createNode.path, { class: K.User.ref, path })
      for (const [node, mask] of Object.entries(perms)) yield* system(`${path}::grantPerm`, { node, perms: mask })
      const { id } = yield* kernel.resolve(Authority.system, path)
      const { token } = yield* auth.issueAccessToken(id)
      const portico = PorticoClient.make({ url: "http://localhost", fetch: gateway.fetch, token }).effect
      return { path, call: callAs(Authority.identity(id)), portico }
    })

    return { ...gateway, kernel, host, user, system, admin: yield* user("admin", { "/": ALL }) }
  })
