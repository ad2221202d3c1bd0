/**
 * The product in this process, with nobody to hear it: what it can do to its own data while no instance runs.
 */
import { Auth, type AuthService } from "@portico/auth"
import { porticoGateway } from "@portico/distro"
import { Gateway, type GatewayBootError, GatewayInstance } from "@portico/gate"
import { HttpTransport } from "@portico/gate/http"
import { NodeGateway } from "@portico/gate/node"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import { settingsSourcesWithFlags } from "./settings.ts"

const nobody = HttpTransport.of({
  listen: () =>
    Effect.succeed({ url: "http://localhost", stopAccepting: Effect.void, closed: Effect.void, abort: Effect.void }),
  wire: () => undefined,
  compression: Effect.undefined
})

/**
 * Starts the distro with the settings of `portico start`, but for its ports, and does something with its identities.
 * Fails with the report where it does not start, for example because an instance has the database open.
 */
export const unheard = Effect.fnUntraced(function* <A, E>(task: (auth: AuthService) => Effect.Effect<A, E>) {
  const distro = porticoGateway()
  let outcome: Exit.Exit<A, E> | undefined
  const command = Gateway.module.define({
    id: "command",
    displayName: "The command",
    requires: [Auth],
    layer: Layer.effectDiscard(
      Effect.gen(function* () {
        outcome = yield* Effect.exit(task(yield* Auth))
      })
    )
  })
  const settings = yield* settingsSourcesWithFlags(distro, Option.none(), [])
  const product = Gateway.make({ identity: distro.identity, modules: [...distro.modules, command] })
  yield* GatewayInstance.start(product, { settings }).pipe(
    Effect.provideService(HttpTransport, nobody),
    Effect.scoped,
    Effect.provide(NodeGateway.layer.pipe(Layer.merge(Logger.layer([]))))
  )
  return yield* outcome ?? Effect.die(new Error("the product started without its command"))
})

/** Whether the product did not start because another process has its database open. */
export const isInUse = ({ failures }: GatewayBootError): boolean =>
  failures.some(({ module, reason }) => module === "database" && / is in use by /.test(reason))
