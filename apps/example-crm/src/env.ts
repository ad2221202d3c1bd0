import * as Schema from "effect/Schema"

const text = Schema.optionalKey(Schema.String)
const secret = Schema.optionalKey(Schema.RedactedFromValue(Schema.String))

/**
 * The environment that this domain reads. All of it is optional: the domain
 * installs and runs without, and whatever needs a variable says so when it is used.
 *
 * | variable | holds |
 * |---|---|
 * | `CRM_ENRICHMENT_URL` | base URL of the enrichment service, e.g. `https://api.example.com/v1` |
 * | `CRM_ENRICHMENT_KEY` | sent to it as a bearer token |
 * | `CRM_ENRICHMENT_TIMEOUT_MS` | for one look-up; 3000 unless told |
 * | `CRM_WEBHOOK_SECRET` | shared with who sends to the webhook: `whsec_` and base64; several, separated by spaces, while one replaces another |
 */
export const Env = Schema.Struct({
  CRM_ENRICHMENT_URL: text,
  CRM_ENRICHMENT_KEY: secret,
  CRM_ENRICHMENT_TIMEOUT_MS: text,
  CRM_WEBHOOK_SECRET: secret
})
export type Env = typeof Env.Type
