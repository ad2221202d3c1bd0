/** The environment that this domain reads. All of it is optional until what needs it is used. */
export interface Env {
  /** Base URL of the enrichment service, e.g. `https://api.example.com/v1`. */
  readonly CRM_ENRICHMENT_URL?: string | undefined
  /** Sent to it as a bearer token. */
  readonly CRM_ENRICHMENT_KEY?: string | undefined
  /** For one look-up; 3000 unless told. */
  readonly CRM_ENRICHMENT_TIMEOUT_MS?: string | undefined
  /** Shared with who sends to the webhook `inbound`: `whsec_` and base64. Several, separated by spaces, while one is replaced. */
  readonly CRM_WEBHOOK_SECRET?: string | undefined
}
