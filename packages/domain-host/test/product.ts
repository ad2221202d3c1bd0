import { makeGraphClient } from "@portico/client"
import type { DomainDefinition } from "@portico/domain"
import { DomainHost, DomainHostModule, type LocalDomain } from "@portico/domain-host"
import { type Caller, GateError, Gateway } from "@portico/gate"
import { Authenticator } from "@portico/gate/contracts"
import { GatewayTest } from "@portico/gate/testing"
import { DatabaseModule } from "@portico/gate-adapters/database"
import { Authority, Kernel, KernelModule } from "@portico/kernel"
import { ALL, K } from "@portico/schema"
import { freshDatabase } from "@portico/test-support/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { inject } from "vitest"

/** `Bearer <node id>` is that identity; any other credential is a bad one. */
const authenticator = Authenticator.of({
  authenticate: (request) => {
    const { authorization, cookie } = request.headers
    if (authorization === undefined) {
      return cookie === undefined
        ? Effect.succeed(Option.none())
        : Effect.fail(GateError.make("UNAUTHENTICATED", "A cookie was looked at."))
    }
    const id = authorization.replace(/^Bearer /, "")
    if (!/^[0-9a-f-]{36}$/.test(id)) return Effect.fail(GateError.make("UNAUTHENTICATED", "Not a token."))
    const caller: Caller = { id, kind: "User", name: "test", operator: false, credential: { kind: "test" } }
    return Effect.succeed(Option.some(caller))
  }
})

const AuthenticatorModule = Gateway.module.define({
  id: "authenticator",
  displayName: "Authenticator",
  provides: [Authenticator],
  layer: Layer.succeed(Authenticator, authenticator)
})

export interface Running {
  readonly bundled?: ReadonlyArray<DomainDefinition>
  readonly local?: ReadonlyArray<LocalDomain>
  readonly config?: Readonly<Record<string, unknown>>
}

/** A product with these domains, in memory. */
export const makeProduct = ({ bundled = [], local = [] }: Running) =>
  Gateway.make({
    identity: { id: "test", name: "Test" },
    modules: [
      DatabaseModule,
      KernelModule,
      AuthenticatorModule,
      DomainHostModule,
      Gateway.module.define({
        id: "catalogue",
        displayName: "Catalogue",
        contributes: [
          ...bundled.map((definition) => DomainHost.localDomains.of({ definition, bundled: true })),
          ...local.map((domain) => DomainHost.localDomains.of(domain))
        ]
      })
    ]
  })

const onServer = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => freshDatabase(inject("kernelTemplate"))),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => ({ "database.url": url })
)

/** A database of its own, of the kind that is tested with. */
const database: Effect.Effect<Readonly<Record<string, string>>, never, Scope.Scope> = process.env
  .PORTICO_TEST_DATABASE === "postgres"
  ? onServer
  : Effect.succeed({ "database.file": ":memory:" })

/** Starts it, and gives what tests ask it for. */
export const start = (running: Running) =>
  Effect.gen(function* () {
    const gateway = yield* GatewayTest.make(makeProduct(running), {
      config: { ...(yield* database), ...running.config }
    })
    const kernel = yield* gateway.get(Kernel)
    const host = yield* gateway.get(DomainHost)
    const as = (authority: Authority) =>
      makeGraphClient((request, options) => kernel.call(authority, { ...request, wants: options?.output ?? "value" }))
        .effect
    const system = as(Authority.system)
    /** A user who may do what `perms` says, by path. */
    const user = Effect.fnUntraced(function* (name: string, perms: Readonly<Record<string, number>> = {}) {
      const { id } = yield* system.create(K.User, { path: `/identities/${name}`, props: { name } })
      for (const [node, mask] of Object.entries(perms)) yield* system.grant({ id }, { node, perms: mask })
      const authority = Authority.identity(id)
      return { id, authority, graph: as(authority), headers: { authorization: `Bearer ${id}` } }
    })
    /** Until every postInstall has run, well or not. */
    const settled = Effect.gen(function* () {
      for (;;) {
        const waiting = (yield* host.domains).filter(({ postInstall }) => postInstall.status === "pending")
        if (waiting.length === 0) return
        yield* Effect.yieldNow
      }
    })
    return { gateway, kernel, host, as, system, user, settled, admin: user("admin", { "/": ALL }) }
  })
