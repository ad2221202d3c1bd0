import { createHmac } from "node:crypto"
import { invokeDomain } from "@portico/domain/testing"
import { isPorticoError } from "@portico/schema"
import { Redacted } from "effect"
import { assert, describe, it } from "vitest"
import type { Deps } from "../../src/deps.ts"
import { makeDeps } from "../../src/deps.ts"
import { crm, D } from "../../src/index.ts"
import { type MemoryGraph, memoryGraph } from "../support/memoryGraph.ts"

const key = Buffer.from("a secret of some length, for tests")
const secret = `whsec_${key.toString("base64")}`
const configured = makeDeps({ CRM_WEBHOOK_SECRET: Redacted.make(secret) })

const now = (): number => Math.floor(Date.now() / 1000)

interface Parts {
  readonly id?: string
  readonly timestamp?: number
  readonly body?: string
  /** Sent instead of what was signed. */
  readonly sentBody?: string
  readonly signature?: string
}

const body = JSON.stringify({ type: "contact.created", data: { email: "ada@example.dev", name: "Ada" } })

/** A request signed as https://www.standardwebhooks.com says, by hand: not with the library that checks it. */
const signed = (parts: Parts = {}) => {
  const id = parts.id ?? "msg_1"
  const timestamp = parts.timestamp ?? now()
  const text = parts.body ?? body
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64")
  return {
    method: "POST",
    url: new URL("http://localhost:4000/d/crm.example.dev/functions/inbound"),
    headers: new Headers({
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": parts.signature ?? `v1,${mac}`
    }),
    body: new TextEncoder().encode(parts.sentBody ?? text)
  }
}

const contact = "/contacts/ada~40example.dev"
const graphFor = (...ids: ReadonlyArray<string>): MemoryGraph => memoryGraph(ids.map((id) => `${contact}/${id}`))

const deliver = async (
  graph: MemoryGraph,
  request: ReturnType<typeof signed> | undefined,
  deps: Deps = configured
): Promise<unknown> => {
  try {
    return await invokeDomain(
      crm,
      D.functions.inbound,
      {},
      {
        selfKernel: graph.kernel,
        deps,
        ...(request === undefined ? {} : { request })
      }
    )
  } catch (error) {
    if (isPorticoError(error)) return error.code
    throw error
  }
}

describe("the inbound webhook", () => {
  it("files the contact that a signed message tells of", async () => {
    const graph = graphFor("msg_1")
    assert.deepStrictEqual(await deliver(graph, signed()), { path: contact })
    assert.strictEqual(graph.nodes.get(contact)?.props[D.Contact.email.key], "ada@example.dev")
  })

  it("processes a message that is sent again only once", async () => {
    const graph = graphFor("msg_1")
    const request = signed()
    await deliver(graph, request)
    const writes = graph.writes()
    for (let n = 0; n < 20; n += 1) assert.deepStrictEqual(await deliver(graph, request), { path: contact })
    assert.strictEqual(graph.writes(), writes)
  })

  it("does not let a late copy of an older message undo a newer one", async () => {
    const graph = graphFor("msg_1", "msg_2")
    const company = (name: string) =>
      JSON.stringify({ type: "contact.updated", data: { email: "ada@example.dev", company: name } })
    await deliver(graph, signed({ id: "msg_1", body: company("Old") }))
    await deliver(graph, signed({ id: "msg_2", body: company("New") }))
    await deliver(graph, signed({ id: "msg_1", body: company("Old") }))
    assert.strictEqual(graph.nodes.get(contact)?.props[D.Contact.company.key], "New")
  })

  const refused: ReadonlyArray<readonly [what: string, parts: () => Parts]> = [
    ["a wrong signature", () => ({ signature: `v1,${Buffer.alloc(32).toString("base64")}` })],
    ["no signature", () => ({ signature: "" })],
    ["a body that was parsed and written again", () => ({ sentBody: JSON.stringify(JSON.parse(body), null, 1) })],
    ["a time 5 minutes and 2 seconds ago", () => ({ timestamp: now() - 302 })],
    ["a time 5 minutes and 2 seconds ahead", () => ({ timestamp: now() + 302 })],
    ["a dot in its id", () => ({ id: "msg.1" })]
  ]
  for (const [what, parts] of refused) {
    it(`refuses ${what} with UNAUTHENTICATED, and writes nothing`, async () => {
      const graph = graphFor("msg_1")
      assert.strictEqual(await deliver(graph, signed(parts())), "UNAUTHENTICATED")
      assert.strictEqual(graph.writes(), 0)
    })
  }

  const malformed = [
    "",
    "[]",
    "null",
    '{"type":"contact.deleted","data":{"email":"a@b"}}',
    '{"type":"contact.created"}'
  ]
  for (const text of [...malformed, '{"type":"contact.created","data":{"email":"not an address"}}']) {
    it(`refuses the signed body ${JSON.stringify(text)} with INVALID_BODY`, async () => {
      const graph = graphFor("msg_1")
      assert.strictEqual(await deliver(graph, signed({ body: text })), "INVALID_BODY")
      assert.strictEqual(graph.writes(), 0)
    })
  }

  it("takes any of several secrets, while one replaces another", async () => {
    const other = `whsec_${Buffer.from("the secret that comes next, longer").toString("base64")}`
    const deps = makeDeps({ CRM_WEBHOOK_SECRET: Redacted.make(`${other} ${secret}`) })
    assert.deepStrictEqual(await deliver(graphFor("msg_1"), signed(), deps), { path: contact })
  })

  it("is UNAVAILABLE until a secret is set", async () => {
    assert.strictEqual(await deliver(graphFor("msg_1"), signed(), makeDeps({})), "UNAVAILABLE")
  })

  it("is NOT_IMPLEMENTED for a call that comes without a request", async () => {
    assert.strictEqual(await deliver(graphFor("msg_1"), undefined), "NOT_IMPLEMENTED")
  })
})
