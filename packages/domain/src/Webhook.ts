import { Path, PorticoError, Slug } from "@portico/schema"
import * as Redacted from "effect/Redacted"
import { Webhook } from "standardwebhooks"
import { equalInConstantTime, hmacSha256, sha256Hex, utf8OrRefuse } from "./internal/webhookCrypto.ts"

/**
 * Checks of webhook signatures, always over the **raw body bytes**: a body that was parsed and written again is another
 * body.
 *
 * A signature proves who sent a message, not that it is new. Replays are answered by {@link webhookPath} (or
 * `onConflict: "merge"`): the same message names the same node, however often it is delivered.
 *
 * @example
 * ```ts
 * import { defineRemoteFunction, verifyStandardWebhook, webhookPath } from "@portico/domain"
 * import { compileDomain, defineSchema, nodeClass } from "@portico/schema"
 *
 * const D = compileDomain(defineSchema("shop.example.dev", { classes: { Event: nodeClass({}) } }))
 * const makeDeps = (env: { readonly WEBHOOK_SECRET: string }) => ({ secret: env.WEBHOOK_SECRET })
 *
 * const hook = defineRemoteFunction({
 *   auth: "public",
 *   input: "binary",
 *   deps: makeDeps,
 *   execute: async ({ deps, request, selfKernel }) => {
 *     const message = await verifyStandardWebhook(request, { secret: deps.secret })
 *     await selfKernel().create(D.Event, { path: webhookPath("/events", message), onConflict: "merge" })
 *   }
 * })
 * ```
 */

/** What a signature is checked over: the bytes as they arrived, and the headers. */
export interface SignedRequest {
  readonly body: Uint8Array
  readonly headers: Headers
}

/** A message whose signature is right and whose time is within the tolerance. */
export interface WebhookMessage {
  /** Names the message: the same one delivered twice has the same id. */
  readonly id: string
  /** When it was signed, in seconds since the epoch. */
  readonly timestamp: number
  /** The body as JSON, or as text where it is not JSON. */
  readonly payload: unknown
}

/** One secret, or several while one is being replaced by another. */
export type WebhookSecret = Secret | ReadonlyArray<Secret>
type Secret = string | Redacted.Redacted<string>

export interface VerifyWebhookOptions {
  readonly secret: WebhookSecret
  /** Seconds that the signature may lie in the past or in the future. 300 unless told. */
  readonly toleranceSeconds?: number
  /** The time to compare with, in milliseconds since the epoch. The system's clock unless told. */
  readonly now?: number
}

const refused = (message: string): PorticoError => PorticoError.make("UNAUTHENTICATED", message)

/** Seconds of a header, refused outside the tolerance. Digits only: `1e9`, `12abc` and `-1` are not times. */
const timestampOf = (text: string, options: VerifyWebhookOptions): number => {
  if (!/^\d{1,12}$/.test(text)) throw refused("The webhook's timestamp is not a number of seconds.")
  const timestamp = Number(text)
  const now = Math.floor((options.now ?? Date.now()) / 1000)
  if (Math.abs(now - timestamp) > (options.toleranceSeconds ?? 300)) {
    throw refused("The webhook was signed too long ago, or in the future.")
  }
  return timestamp
}

const secretsOf = (secret: WebhookSecret): ReadonlyArray<string> => {
  const list: ReadonlyArray<Secret> = typeof secret === "string" || Redacted.isRedacted(secret) ? [secret] : secret
  const values = list.map((one) => (typeof one === "string" ? one : Redacted.value(one)))
  // An empty key would let everybody sign.
  if (values.length === 0 || values.some((one) => one.length === 0)) {
    throw PorticoError.make("INTERNAL", "No webhook secret is configured.")
  }
  return values
}

/** A call that did not come as a request has no signature. */
const present = (request: SignedRequest | undefined): SignedRequest => {
  if (request === undefined) throw refused("A webhook is delivered by HTTP.")
  return request
}

/** One header, refused if it is missing. A header that was sent twice holds a comma and fits none of the forms below. */
const header = (headers: Headers, name: string): string => {
  const value = headers.get(name)
  if (value === null || value === "") throw refused(`The webhook has no ${name} header.`)
  return value
}

const payloadOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/**
 * Checks a message signed as [Standard Webhooks](https://www.standardwebhooks.com) says: headers `webhook-id`,
 * `webhook-timestamp` and `webhook-signature` (several signatures are tried while a key rotates). Secrets are
 * `whsec_` + base64.
 *
 * Fails with `UNAUTHENTICATED` if anything is missing, wrong or out of tolerance. Ids with a dot are refused, because
 * the signed text is `id.timestamp.body` and a dot would let one signature stand for two messages; bodies that are not
 * UTF-8 are refused, because the signature is over text.
 */
export const verifyStandardWebhook = async (
  request: SignedRequest | undefined,
  options: VerifyWebhookOptions
): Promise<WebhookMessage> => {
  const { body, headers } = present(request)
  const secrets = secretsOf(options.secret)
  const id = header(headers, "webhook-id")
  if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id)) throw refused("The webhook's id is malformed.")
  const timestamp = timestampOf(header(headers, "webhook-timestamp"), options)
  const shown = header(headers, "webhook-signature").split(" ")
  const text = utf8OrRefuse(body, refused)
  let matches = false
  for (const secret of secrets) {
    const expected = new Webhook(secret).sign(id, new Date(timestamp * 1000), text)
    // Every pair is compared, so that the time says nothing about which one fits.
    for (const signature of shown) matches = equalInConstantTime(signature, expected) || matches
  }
  if (!matches) throw refused("The webhook's signature does not fit its body.")
  return { id, timestamp, payload: payloadOf(text) }
}

export interface VerifyStripeOptions extends VerifyWebhookOptions {
  /** The header that holds `t=…,v1=…`. `stripe-signature` unless told. */
  readonly header?: string
}

/**
 * Checks a message signed as Stripe does: one header `t=<seconds>,v1=<hex>[,v1=<hex>]`, each `v1` the HMAC-SHA-256 of
 * `t.body`. The secret is used as its UTF-8 bytes, `whsec_` included, as Stripe does.
 *
 * The message's id is the `id` of its JSON body (Stripe's event id); a body without one is named by its SHA-256.
 * Fails with `UNAUTHENTICATED`.
 */
export const verifyStripeWebhook = async (
  request: SignedRequest | undefined,
  options: VerifyStripeOptions
): Promise<WebhookMessage> => {
  const { body, headers } = present(request)
  const secrets = secretsOf(options.secret)
  const fields = header(headers, options.header ?? "stripe-signature")
    .split(",")
    .map((field) => field.trim())
  const times = fields.filter((field) => field.startsWith("t=")).map((field) => field.slice(2))
  const shown = fields.filter((field) => field.startsWith("v1=")).map((field) => field.slice(3))
  const [time] = times
  if (time === undefined || times.length !== 1 || shown.length === 0) {
    throw refused("The webhook's signature header is malformed.")
  }
  const timestamp = timestampOf(time, options)
  const text = utf8OrRefuse(body, refused)
  let matches = false
  for (const secret of secrets) {
    const expected = await hmacSha256(secret, `${time}.`, body)
    for (const signature of shown) matches = equalInConstantTime(signature, expected) || matches
  }
  if (!matches) throw refused("The webhook's signature does not fit its body.")
  const payload = payloadOf(text)
  const named = typeof payload === "object" && payload !== null && "id" in payload ? payload.id : undefined
  return { id: typeof named === "string" && named !== "" ? named : await sha256Hex(body), timestamp, payload }
}

/**
 * The one path of a message under `parent`, the same however often it is delivered; different ids never share one.
 *
 * @example
 * ```ts
 * import { webhookPath } from "@portico/domain"
 *
 * console.log(webhookPath("/payments", { id: "evt_1NG8Du2eZvKYlo2C" })) // /payments/evt_1NG8Du2eZvKYlo2C
 * ```
 */
export const webhookPath = (parent: string, message: { readonly id: string }): string =>
  Path.child(parent, Slug.from(message.id))
