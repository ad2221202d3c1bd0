import { createHmac } from "node:crypto"

const key = Buffer.from("a secret of some length, for tests")

/** What the webhook's sender and the domain share. */
export const webhookSecret = `whsec_${key.toString("base64")}`

export const now = (): number => Math.floor(Date.now() / 1000)

/** A message, and what may be wrong with how it is sent. */
export interface Parts {
  readonly id?: string
  readonly timestamp?: number
  readonly body?: string
  /** Sent instead of what was signed. */
  readonly sentBody?: string
  readonly signature?: string
}

export const adaCreated = JSON.stringify({ type: "contact.created", data: { email: "ada@example.dev", name: "Ada" } })

/** A body and headers signed as https://www.standardwebhooks.com says, by hand: not with the library that checks it. */
export const sign = (parts: Parts = {}) => {
  const id = parts.id ?? "msg_1"
  const timestamp = parts.timestamp ?? now()
  const text = parts.body ?? adaCreated
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64")
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": parts.signature ?? `v1,${mac}`
    },
    body: parts.sentBody ?? text
  }
}

/** Every way to get a signature wrong, and what it is. */
export const wronglySigned: ReadonlyArray<readonly [what: string, parts: () => Parts]> = [
  ["a wrong signature", () => ({ signature: `v1,${Buffer.alloc(32).toString("base64")}` })],
  ["no signature", () => ({ signature: "" })],
  ["a body that was parsed and written again", () => ({ sentBody: JSON.stringify(JSON.parse(adaCreated), null, 1) })],
  ["a time 5 minutes and 2 seconds ago", () => ({ timestamp: now() - 302 })],
  ["a time 5 minutes and 2 seconds ahead", () => ({ timestamp: now() + 302 })],
  ["a dot in its id", () => ({ id: "msg.1" })]
]
