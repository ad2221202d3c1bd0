import { Authenticator, Gateway, RequestLimits, StartNotice } from "@portico/gate"
import { KeyStore } from "@portico/gate/contracts"
import { Database } from "@portico/gate/database"
import { Kernel } from "@portico/kernel"
import { K } from "@portico/schema"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Auth } from "./Auth.ts"
import { AuthConfig } from "./AuthConfig.ts"
import { routes } from "./http.ts"
import { AuthInternals } from "./internal/AuthInternals.ts"
import { challengeTables } from "./internal/challenges.ts"
import { delegationTables, pinnedKeys } from "./internal/delegation/tables.ts"
import { keyTables } from "./internal/keys/publishedKeys.ts"
import { limitTables } from "./internal/limits/sharedStore.ts"
import { makeAuth } from "./internal/makeAuth.ts"
import { passkeyTables } from "./internal/passkeys/passkeyStore.ts"
import { recordPermission } from "./internal/permissionsOnRecord.ts"
import { providerTables } from "./internal/providers/tables.ts"
import { sealingTables, secondFactorTables } from "./internal/secondFactor/tables.ts"
import { setupTables } from "./internal/setup.ts"
import { migrations } from "./internal/tables.ts"
import { trustTables } from "./internal/trust/tables.ts"

const layer = Layer.effectContext(
  Effect.map(makeAuth, (wired) =>
    Context.make(Auth, wired.auth).pipe(
      Context.add(Authenticator, wired.authenticator),
      Context.add(RequestLimits, wired.requestLimits),
      Context.add(AuthInternals, wired)
    )
  )
)

/** The one-time link, as long as nobody has used one. It goes to the terminal and is never logged. */
const setupNotice = Effect.map(AuthInternals, ({ setup }) => ({
  lines: (url: string) =>
    setup.offer.pipe(
      Effect.map((code) =>
        code === undefined
          ? []
          : ["Make the first administrator (works once, for an hour):", `  ${url}/auth/setup#${code}`]
      ),
      Effect.catch((error) => Effect.as(Effect.logError("The one-time link could not be made.", error), []))
    )
}))

/** One of the kernel's callables that this module implements. */
const callable = (path: string) =>
  Kernel.callables.effect(
    Effect.flatMap(AuthInternals, ({ delegation }) => {
      const found = delegation.callables.find((one) => one.path === path)
      return found === undefined ? Effect.die(new Error(`nothing implements ${path}`)) : Effect.succeed(found)
    })
  )

/**
 * Identities' credentials: provides {@link Auth}, and gate's `Authenticator` and `RequestLimits`.
 *
 * @example
 * ```ts
 * import { AuthModule } from "@portico/auth"
 * import { Gateway } from "@portico/gate"
 * import { SqliteModule } from "@portico/gate-adapters/sqlite"
 * import { KernelModule } from "@portico/kernel"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [SqliteModule, KernelModule, AuthModule]
 * })
 * ```
 */
export const AuthModule = Gateway.module.define({
  id: "auth",
  displayName: "Auth",
  description: "Identities, credentials and tokens.",
  version: "0.1.0",
  requires: [Kernel, Database, Gateway.optional(KeyStore)],
  provides: [Auth, Authenticator, RequestLimits, AuthInternals],
  config: AuthConfig,
  layer,
  routes,
  contributes: [
    ...migrations,
    delegationTables,
    pinnedKeys,
    trustTables,
    limitTables,
    providerTables,
    keyTables,
    challengeTables,
    setupTables,
    passkeyTables,
    secondFactorTables,
    sealingTables,
    callable(K.Identity.mintDelegationCredential.path),
    callable(K.Identity.registerIdentity.path),
    Kernel.permissionRecorders.of(recordPermission),
    Kernel.refusalListeners.effect(Effect.map(AuthInternals, ({ onRefusal }) => onRefusal)),
    StartNotice.effect(setupNotice)
  ]
})
