import type { PorticoError } from "@portico/schema"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"

/** What somebody else knows about a person. */
export interface Profile {
  readonly name?: string
  readonly company?: string
}

/** How looking somebody up can fail: the service is broken, or too slow. */
export type EnrichmentError = PorticoError<"DISPATCH_FAILED" | "TIMEOUT">

/**
 * What the domain needs of an enrichment service. The logic knows this and no
 * more; which service it is, is decided in the registry.
 */
export interface Enrichment {
  /** None for somebody whom the service does not know. */
  readonly lookup: (email: string) => Effect.Effect<Option.Option<Profile>, EnrichmentError>
}
