import { Webhook } from "standardwebhooks"

/** What a sender of a Standard Webhook would send. */
export interface WebhookToSign {
  /** `whsec_` and base64. */
  readonly secret: string
  readonly id: string
  readonly body: string
  /** Now unless given. */
  readonly time?: Date
}

/**
 * The headers of a Standard Webhook, signed, for tests of what receives it.
 *
 * @example
 * ```ts
 * import { signStandardWebhook } from "@portico/domain/testing"
 *
 * const headers = signStandardWebhook({ secret: "whsec_c2VjcmV0", id: "msg_1", body: "{}" })
 * console.log(headers["webhook-signature"])
 * ```
 */
export const signStandardWebhook = ({ body, id, secret, time = new Date() }: WebhookToSign) => ({
  "webhook-id": id,
  "webhook-timestamp": String(Math.floor(time.getTime() / 1000)),
  "webhook-signature": new Webhook(secret).sign(id, time, body)
})
