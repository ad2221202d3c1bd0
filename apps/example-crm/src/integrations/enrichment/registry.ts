import { PorticoError } from "@portico/schema"
import * as Result from "effect/Result"
import type { Env } from "../../env.ts"
import { httpEnrichment } from "./http.ts"
import type { Enrichment } from "./port.ts"

/** The instance runs without the service until somebody enriches a contact; then it says what is missing. */
export type EnrichmentRegistry = () => Result.Result<Enrichment, PorticoError<"UNAVAILABLE">>

const defaultTimeoutMs = 3000

const misconfigured = (message: string) => Result.fail(PorticoError.make("UNAVAILABLE", message))

const baseUrlOf = (text: string | undefined) => {
  if (text === undefined) return misconfigured("enrichment is not configured: set CRM_ENRICHMENT_URL")
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:") || url.search !== "") {
    return misconfigured("CRM_ENRICHMENT_URL is not an http or https URL without a query")
  }
  return Result.succeed(url)
}

const timeoutOf = (text: string | undefined) => {
  if (text === undefined) return Result.succeed(defaultTimeoutMs)
  const timeout = Number(text)
  return Number.isInteger(timeout) && timeout > 0 && timeout <= 60_000
    ? Result.succeed(timeout)
    : misconfigured("CRM_ENRICHMENT_TIMEOUT_MS is not a number of milliseconds from 1 to 60000")
}

/** Chooses the adapter from the environment, when it is first asked for, and keeps it. */
export const enrichmentRegistry = (env: Env): EnrichmentRegistry => {
  let chosen: ReturnType<EnrichmentRegistry> | undefined
  return () => {
    chosen ??= Result.gen(function* () {
      const baseUrl = yield* baseUrlOf(env.CRM_ENRICHMENT_URL)
      const timeoutMs = yield* timeoutOf(env.CRM_ENRICHMENT_TIMEOUT_MS)
      const key = env.CRM_ENRICHMENT_KEY
      return httpEnrichment({ baseUrl, timeoutMs, ...(key === undefined ? {} : { apiKey: key }) })
    })
    return chosen
  }
}
