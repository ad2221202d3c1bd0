import { invokeDomain } from "@portico/domain/testing"
import { isPorticoError } from "@portico/schema"
import { Redacted } from "effect"
import { assert, describe, it } from "vitest"
import type { Deps } from "../../src/deps.ts"
import { makeDeps } from "../../src/deps.ts"
import { crm, D } from "../../src/index.ts"
import { type MemoryGraph, memoryGraph } from "../support/memoryGraph.ts"
import { type Parts, sign, webhookSecret, wronglySigned } from "../support/signed.ts"

const configured = makeDeps({ CRM_WEBHOOK_SECRET: Redacted.make(webhookSecret) })

const signed = (parts: Parts = {}) => {
  const { body, headers } = sign(parts)
  return {
    method: "POST",
    url: new URL("http://localhost:4000/d/crm.example.dev/functions/inbound"),
    headers: new Headers(headers),
    body: new TextEncoder().encode(body)
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

  for (const [what, parts] of wronglySigned) {
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
    const deps = makeDeps({ CRM_WEBHOOK_SECRET: Redacted.make(`${other} ${webhookSecret}`) })
    assert.deepStrictEqual(await deliver(graphFor("msg_1"), signed(), deps), { path: contact })
  })

  it("is UNAVAILABLE until a secret is set", async () => {
    assert.strictEqual(await deliver(graphFor("msg_1"), signed(), makeDeps({})), "UNAVAILABLE")
  })

  it("is INVALID_PARAMS for a call that comes without a request", async () => {
    assert.strictEqual(await deliver(graphFor("msg_1"), undefined), "INVALID_PARAMS")
  })
})
