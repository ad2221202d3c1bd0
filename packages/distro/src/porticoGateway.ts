import { AuthModule } from "@portico/auth"
import type { DomainDefinition } from "@portico/domain"
import { DomainHost, DomainHostModule } from "@portico/domain-host"
import { Gateway, type Product } from "@portico/gate"
import { DatabaseModule } from "@portico/gate-adapters/database"
import { MailModule } from "@portico/gate-adapters/mail"
import { OtlpModule } from "@portico/gate-adapters/otlp"
import { PostHogModule } from "@portico/gate-adapters/posthog"
import { KernelModule } from "@portico/kernel"
import { bundledDomains } from "./bundledDomains.ts"
import { version } from "./version.ts"

/** What can be chosen in code; everything else is a setting. */
export interface DistroOptions {
  /** The catalogue of domains that come with the product. Default {@link bundledDomains}. */
  readonly domains?: ReadonlyArray<DomainDefinition> | undefined
}

/**
 * The default product: a permissioned graph in one SQLite file or in PostgreSQL, identities and tokens, and a host for
 * domains. Settings say which, and where signals, mail and events go; until they do, it is SQLite, signals and events go
 * nowhere, and mail goes to files in the data folder.
 *
 * @example
 * ```ts
 * import { Gateway, type Product } from "@portico/gate"
 * import { porticoGateway } from "@portico/distro"
 *
 * const plan = Gateway.plan(porticoGateway({ domains: [] }), { settings: {} })
 * ```
 */
export const porticoGateway = (options: DistroOptions = {}): Product =>
  Gateway.make({
    identity: {
      id: "portico",
      name: "Portico",
      description: "A permissioned graph, and the domains that live in it.",
      version
    },
    modules: [
      OtlpModule,
      MailModule,
      PostHogModule,
      DatabaseModule,
      KernelModule,
      AuthModule,
      DomainHostModule,
      catalogue(options.domains ?? bundledDomains)
    ]
  })

const catalogue = (domains: ReadonlyArray<DomainDefinition>) =>
  Gateway.module.define({
    id: "catalogue",
    displayName: "Bundled domains",
    version,
    contributes: domains.map((definition) => DomainHost.localDomains.of({ definition, bundled: true }))
  })
