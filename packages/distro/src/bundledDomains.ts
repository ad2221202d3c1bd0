import type { DomainDefinition } from "@portico/domain"
import { crm } from "@portico/example-crm"

/**
 * The domains that come with the distro. `PORTICO_BUNDLED_DOMAINS` says which of them are installed: `all` (the
 * default), `none`, or a comma separated list of origins.
 */
export const bundledDomains: ReadonlyArray<DomainDefinition> = [crm]
