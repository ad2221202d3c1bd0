import { Authenticator, GateError, Gateway } from "@portico/gate"
import { Database } from "@portico/gate/database"
import { GatewayTest } from "@portico/gate/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Kernel, KernelModule, SchemaInstaller } from "../../src/index.ts"
import { database } from "./kernel.ts"

/** Tokens that are not good any more. */
export const revokedTokens = new Set<string>()

/** Stands for the auth module: a bearer token is the id of an identity. */
const AuthModule = Gateway.module.define({
  id: "auth",
  displayName: "Auth",
  provides: [Authenticator],
  layer: Layer.succeed(Authenticator, {
    authenticate: (request) => {
      const token = request.headers.authorization?.slice("Bearer ".length)
      if (token === undefined) return Effect.succeedNone
      if (token === "bad" || revokedTokens.has(token)) return Effect.fail(GateError.make("UNAUTHENTICATED"))
      return Effect.succeedSome({ id: token, kind: "User", name: "", operator: false, credential: { kind: "test" } })
    }
  })
})

/** Gives tests the services that the product's kernel gives. */
const probe: { current: { kernel: Kernel["Service"]; installer: SchemaInstaller["Service"] } | undefined } = {
  current: undefined
}
const ProbeModule = Gateway.module.define({
  id: "probe",
  displayName: "Probe",
  requires: [Kernel, SchemaInstaller],
  layer: Layer.effectDiscard(
    Effect.gen(function* () {
      probe.current = { kernel: yield* Kernel, installer: yield* SchemaInstaller }
    })
  )
})

const DatabaseModule = Gateway.module.define({
  id: "database",
  displayName: "Database",
  provides: [Database],
  layer: database
})

const product = Gateway.make({
  identity: { id: "test", name: "Test", description: "The kernel's routes." },
  modules: [DatabaseModule, KernelModule, AuthModule, ProbeModule]
})

/** A product with the kernel's routes, without a port; and its kernel. */
export const served = Effect.gen(function* () {
  const gateway = yield* GatewayTest.make(product)
  const { current } = probe
  if (current === undefined) return yield* Effect.die(new Error("the product did not start"))
  return { gateway, ...current, provide: provideWith(current.kernel, current.installer) }
})

const provideWith =
  (kernel: Kernel["Service"], installer: SchemaInstaller["Service"]) =>
  <A, E>(effect: Effect.Effect<A, E, Kernel | SchemaInstaller>): Effect.Effect<A, E> =>
    effect.pipe(Effect.provideService(Kernel, kernel), Effect.provideService(SchemaInstaller, installer))
