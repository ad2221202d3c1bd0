import { Auth } from "@portico/auth"
import { Gateway, HealthCheck, Settings } from "@portico/gate"
import { Authenticator } from "@portico/gate/contracts"
import { Database } from "@portico/gate/database"
import { Kernel, SchemaInstaller } from "@portico/kernel"
import { K } from "@portico/schema"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { DomainHost } from "./DomainHost.ts"
import { type DomainTools, domainCallables } from "./internal/domainCallables.ts"
import { functionRoute } from "./internal/functionRoute.ts"
import { makeHost } from "./internal/makeHost.ts"
import { postInstallTable } from "./internal/postInstallLog.ts"

const withDefault = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** Settings of the domain host; their keys start with `domains.`. */
export const DomainHostConfig = Schema.Struct({
  bundled: withDefault(
    Gateway.setting(Schema.String, {
      env: "PORTICO_BUNDLED_DOMAINS",
      description: "Which of the domains that come with the product are installed: all, none, or origins with commas."
    }),
    "all"
  ),
  postInstallTimeout: withDefault(
    Gateway.setting(Settings.Millis.check(Schema.isGreaterThan(0)), {
      env: "PORTICO_POST_INSTALL_TIMEOUT",
      description: "Longest time that a domain's postInstall may take."
    }),
    60_000
  )
})

const layer = Layer.effect(
  DomainHost,
  Effect.flatMap(Gateway.config(DomainHostConfig), (settings) => makeHost({ ...settings, env: process.env }))
)

/** What was done stays done where it cannot be put on record. */
const makeAudit =
  (auth: Option.Option<Auth["Service"]>): DomainTools["audit"] =>
  (event, { actor, credential, from, via }, details) =>
    Option.match(auth, {
      onNone: () => Effect.void,
      onSome: ({ audit }) =>
        Effect.catch(
          audit({
            event,
            actor: actor ?? undefined,
            from: { ...from, through: credential },
            details: { ...details, via }
          }),
          (error) => Effect.logError(`${event} could not be put on record.`, error)
        )
    })

/** One of the kernel's callables that this module implements. */
const callable = (path: string) =>
  Kernel.callables.effect(
    Effect.gen(function* () {
      const tools = {
        host: yield* DomainHost,
        kernel: yield* Kernel,
        audit: makeAudit(yield* Effect.serviceOption(Auth))
      }
      const found = domainCallables(tools).find((one) => one.path === path)
      return found ?? (yield* Effect.die(new Error(`nothing implements ${path}`)))
    })
  )

/**
 * Hosts domains in this process: installs those that are bundled, runs the callables of all that are contributed to
 * `DomainHost.localDomains`, and serves their functions below `/d/`.
 *
 * @example
 * ```ts
 * import { AuthModule } from "@portico/auth"
 * import { DomainHostModule } from "@portico/domain-host"
 * import { Gateway } from "@portico/gate"
 * import { SqliteModule } from "@portico/gate-adapters/sqlite"
 * import { KernelModule } from "@portico/kernel"
 *
 * export const product = Gateway.make({
 *   identity: { id: "example", name: "Example" },
 *   modules: [SqliteModule, KernelModule, AuthModule, DomainHostModule]
 * })
 * ```
 */
export const DomainHostModule = Gateway.module.define({
  id: "domains",
  displayName: "Domains",
  description: "Installs domains and runs their code.",
  requires: [Kernel, SchemaInstaller, Database, Authenticator, Gateway.optional(Auth)],
  provides: [DomainHost],
  layer,
  config: DomainHostConfig,
  routes: [functionRoute],
  contributes: [
    postInstallTable,
    callable(K.Domain.install.path),
    callable(K.Domain.uninstall.path),
    callable(K.Domain.list.path),
    Kernel.dispatcher.effect(Effect.map(DomainHost, ({ dispatch }) => ({ dispatch }))),
    HealthCheck.effect(Effect.map(DomainHost, ({ ready }) => ({ name: "domains", check: ready })))
  ],
  owns: [DomainHost.localDomains]
})
