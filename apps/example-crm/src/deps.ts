import { PorticoError } from "@portico/schema"
import * as Redacted from "effect/Redacted"
import type { Env } from "./env.ts"
import { type EnrichmentRegistry, enrichmentRegistry } from "./integrations/enrichment/registry.ts"

/** What handlers work with besides the graph. Nothing in it is checked or connected before it is used. */
export interface Deps {
  readonly enrichment: EnrichmentRegistry
  /** Throws UNAVAILABLE while no secret is set. */
  readonly webhookSecrets: () => ReadonlyArray<Redacted.Redacted<string>>
}

const secretsOf = (secret: Redacted.Redacted<string> | undefined): ReadonlyArray<Redacted.Redacted<string>> => {
  const secrets = (secret === undefined ? "" : Redacted.value(secret)).split(/\s+/).filter((one) => one !== "")
  if (secrets.length === 0) {
    throw PorticoError.make("UNAVAILABLE", "the webhook is not configured: set CRM_WEBHOOK_SECRET")
  }
  return secrets.map((one) => Redacted.make(one))
}

/** Makes the deps from the environment; the host does so once. */
export const makeDeps = (env: Env): Deps => ({
  enrichment: enrichmentRegistry(env),
  webhookSecrets: () => secretsOf(env.CRM_WEBHOOK_SECRET)
})
