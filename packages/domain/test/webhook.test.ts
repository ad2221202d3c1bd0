import { createHmac } from "node:crypto"
import { verifyStandardWebhook, verifyStripeWebhook, type WebhookMessage, webhookPath } from "@portico/domain"
import { isUnauthenticated } from "@portico/schema"
import * as Redacted from "effect/Redacted"
import { Webhook } from "standardwebhooks"
import { describe, expect, it } from "vitest"

const secret = `whsec_${Buffer.from("a secret that nobody knows").toString("base64")}`
const other = `whsec_${Buffer.from("another one").toString("base64")}`
const now = Date.parse("2026-01-01T00:00:00Z")
const at = (seconds: number) => new Date(now + seconds * 1000)
const encode = (text: string) => new TextEncoder().encode(text)

const standard = (body: string, options: { id?: string; time?: Date; secret?: string } = {}) => {
  const id = options.id ?? "msg_1"
  const time = options.time ?? at(0)
  return {
    body: encode(body),
    headers: new Headers({
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(time.getTime() / 1000)),
      "webhook-signature": new Webhook(options.secret ?? secret).sign(id, time, body)
    })
  }
}

const stripe = (body: string, time = at(0), key = secret) => {
  const seconds = Math.floor(time.getTime() / 1000)
  const signature = createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex")
  return { body: encode(body), headers: new Headers({ "stripe-signature": `t=${seconds},v1=${signature},v0=ignored` }) }
}

const refused = async (work: Promise<WebhookMessage>) => {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause
  )
  expect(isUnauthenticated(error), String(error)).toBe(true)
}

describe("verifyStandardWebhook", () => {
  it("gives the message of a right signature", async () => {
    const message = await verifyStandardWebhook(standard('{ "a": 1 }'), { secret: Redacted.make(secret), now })
    expect(message).toEqual({ id: "msg_1", timestamp: now / 1000, payload: { a: 1 } })
  })

  it("takes several secrets and several signatures while one replaces another", async () => {
    const request = standard("{}", { secret: other })
    request.headers.set("webhook-signature", `v1,AAAA ${request.headers.get("webhook-signature")}`)
    await expect(verifyStandardWebhook(request, { secret: [secret, other], now })).resolves.toBeDefined()
  })

  it("refuses a wrong signature, another version, and a missing header", async () => {
    await refused(verifyStandardWebhook(standard("{}", { secret: other }), { secret, now }))
    const versioned = standard("{}")
    versioned.headers.set("webhook-signature", versioned.headers.get("webhook-signature")?.replace("v1,", "v2,") ?? "")
    await refused(verifyStandardWebhook(versioned, { secret, now }))
    for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
      const request = standard("{}")
      request.headers.delete(name)
      await refused(verifyStandardWebhook(request, { secret, now }))
    }
    await refused(verifyStandardWebhook(undefined, { secret, now }))
  })

  it("refuses a body that was parsed and written again", async () => {
    const request = standard('{ "a": 1 }')
    await refused(verifyStandardWebhook({ ...request, body: encode('{"a":1}') }, { secret, now }))
  })

  it("takes five minutes of tolerance and not one second more, both ways", async () => {
    for (const seconds of [-300, 300]) {
      await expect(verifyStandardWebhook(standard("{}", { time: at(seconds) }), { secret, now })).resolves.toBeDefined()
    }
    for (const seconds of [-301, 301]) {
      await refused(verifyStandardWebhook(standard("{}", { time: at(seconds) }), { secret, now }))
    }
  })

  it("refuses an id with a dot, which would let one signature stand for two messages", async () => {
    const seconds = now / 1000
    const genuine = standard(`${seconds}.{"pay":1}`, { id: "msg_1" })
    const forged = {
      body: encode('{"pay":1}'),
      headers: new Headers({
        "webhook-id": `msg_1.${seconds}`,
        "webhook-timestamp": String(seconds),
        "webhook-signature": genuine.headers.get("webhook-signature") ?? ""
      })
    }
    await expect(verifyStandardWebhook(genuine, { secret, now })).resolves.toBeDefined()
    await refused(verifyStandardWebhook(forged, { secret, now }))
  })

  it("refuses timestamps that are not plain seconds, and bodies that are not UTF-8", async () => {
    for (const time of ["1e9", "-1", `${now / 1000}abc`, ` ${now / 1000}.5`]) {
      const request = standard("{}")
      request.headers.set("webhook-timestamp", time)
      await refused(verifyStandardWebhook(request, { secret, now }))
    }
    const replaced = standard("\uFFFD")
    await refused(verifyStandardWebhook({ ...replaced, body: Uint8Array.of(0xff) }, { secret, now }))
  })

  it("fails loudly without a secret, rather than letting everybody sign", async () => {
    for (const empty of ["", []]) {
      await expect(verifyStandardWebhook(standard("{}"), { secret: empty, now })).rejects.toMatchObject({
        code: "INTERNAL"
      })
    }
  })
})

describe("verifyStripeWebhook", () => {
  it("gives the message, named by its event", async () => {
    const message = await verifyStripeWebhook(stripe('{"id":"evt_1"}'), { secret, now })
    expect(message).toEqual({ id: "evt_1", timestamp: now / 1000, payload: { id: "evt_1" } })
    const unnamed = await verifyStripeWebhook(stripe("plain"), { secret, now })
    expect(unnamed).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{64}$/), payload: "plain" })
  })

  it("refuses a wrong signature, another body, an old or future time and a malformed header", async () => {
    await refused(verifyStripeWebhook(stripe("{}", at(0), other), { secret, now }))
    await refused(verifyStripeWebhook({ ...stripe("{}"), body: encode("{ }") }, { secret, now }))
    await refused(verifyStripeWebhook(stripe("{}", at(-301)), { secret, now }))
    await refused(verifyStripeWebhook(stripe("{}", at(301)), { secret, now }))
    for (const value of ["", "t=1", "v1=00", "t=1,t=2,v1=00"]) {
      await refused(
        verifyStripeWebhook(
          { body: encode("{}"), headers: new Headers({ "stripe-signature": value }) },
          { secret, now }
        )
      )
    }
  })
})

describe("webhookPath", () => {
  it("gives a message one path, and different messages different ones", () => {
    expect(webhookPath("/events", { id: "evt_1" })).toBe("/events/evt_1")
    const ids = ["a", "A", "a/b", "a~2Fb", "..", "ａ", "x".repeat(300), `${"x".repeat(299)}y`]
    expect(new Set(ids.map((id) => webhookPath("/", { id }))).size).toBe(ids.length)
  })
})
