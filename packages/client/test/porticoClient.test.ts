import { type Fetch, PorticoClient } from "@portico/client"
import type { PorticoError } from "@portico/schema"
import * as Redacted from "effect/Redacted"
import { describe, expect, it } from "vitest"
import { ada, D } from "./fixtures.ts"

interface Sent {
  readonly url: string
  readonly method: string | undefined
  readonly headers: Headers
  readonly body: unknown
}

/** An instance that answers what it is told to. */
const instance = (answer: (sent: Sent) => Response | Promise<Response>, token?: PorticoClientToken) => {
  const sent: Array<Sent> = []
  const fetch: Fetch = async (url, init) => {
    const one: Sent = {
      url,
      method: init.method,
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined
    }
    sent.push(one)
    return answer(one)
  }
  return { sent, client: PorticoClient.make({ url: "http://portico.test/", token, fetch }) }
}
type PorticoClientToken = Parameters<typeof PorticoClient.make>[0]["token"]

const failure = (work: Promise<unknown>): Promise<PorticoError> =>
  work.then(
    () => Promise.reject(new Error("no failure")),
    (error) => error
  )

describe("PorticoClient", () => {
  it("posts calls with its token", async () => {
    const { client, sent } = instance(() => Response.json({ result: "/contacts/a", seq: 7 }), Redacted.make("secret"))
    expect(await client.call(D.Contact.make, { email: "a" }, { idempotencyKey: "k" })).toBe("/contacts/a")
    expect(sent[0]).toMatchObject({
      url: "http://portico.test/api/call",
      method: "POST",
      body: { path: "/:crm.example.dev:class.Contact:make", params: { email: "a" } }
    })
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toEqual({
      accept: "application/json",
      "content-type": "application/json",
      authorization: "Bearer secret",
      "idempotency-key": "k",
      "portico-wants": "value"
    })
  })

  it("asks for a token before each request, where it is given a function", async () => {
    let turn = 0
    const { client, sent } = instance(
      () => Response.json({ result: null, seq: 1 }),
      async () => `t${++turn}`
    )
    await client.call("/x::get")
    await client.as("other").call("/x::get")
    await client.as(undefined).call("/x::get")
    expect(sent.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer t1", "Bearer other", null])
  })

  it("asks any route of the instance, and gives the object that it answers", async () => {
    const { client, sent } = instance(() => Response.json({ modules: [] }), "t")
    expect(await client.request("GET", "/gateway/v1/internal/modules")).toEqual({ modules: [] })
    await client.request("POST", "/gateway/v1/internal/modules/crm/restart", { body: { now: true } })
    expect(sent.map(({ body, method, url }) => [method, url, body])).toEqual([
      ["GET", "http://portico.test/gateway/v1/internal/modules", undefined],
      ["POST", "http://portico.test/gateway/v1/internal/modules/crm/restart", { now: true }]
    ])
    expect(sent[0]?.headers.get("authorization")).toBe("Bearer t")
    const refused = instance(() => Response.json({ error: { code: "NOT_FOUND", message: "gone" } }, { status: 404 }))
    expect(await failure(refused.client.request("GET", "/x"))).toMatchObject({ code: "NOT_FOUND" })
  })

  it("fails with what the instance answered", async () => {
    const error = {
      code: "PERMISSION_DENIED",
      message: "needs EDIT on /x",
      details: { needs: ["EDIT"] },
      requestId: "r"
    }
    const { client } = instance(() => Response.json({ error }, { status: 403 }))
    expect((await failure(client.get("/x"))).toJSON()).toEqual({
      code: "PERMISSION_DENIED",
      message: "needs EDIT on /x",
      details: { needs: ["EDIT"] }
    })
  })

  it("keeps the request id of an internal error", async () => {
    const error = { code: "INTERNAL", message: "…", requestId: "r1" }
    const { client } = instance(() => Response.json({ error }, { status: 500 }))
    expect((await failure(client.get("/x"))).details).toEqual({ requestId: "r1" })
  })

  it("is UNAVAILABLE where nobody answers, or only a proxy does", async () => {
    const down = instance(() => Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") })))
    expect(await failure(down.client.get("/x"))).toMatchObject({
      code: "UNAVAILABLE",
      message: "http://portico.test did not answer (fetch failed: ECONNREFUSED)."
    })
    const proxy = instance(() => new Response("<h1>Bad gateway</h1>", { status: 502 }))
    expect((await failure(proxy.client.get("/x"))).code).toBe("UNAVAILABLE")
  })

  it("is INTERNAL where something else answers", async () => {
    for (const answer of [
      () => new Response("hello"),
      () => Response.json([]),
      () => Response.json({ result: 1 }),
      () => new Response(null, { status: 204 }),
      () => Response.json({ error: "nope" }, { status: 418 })
    ]) {
      expect((await failure(instance(answer).client.call("/x::get"))).code).toBe("INTERNAL")
    }
  })

  it("gives up after its time and on a signal, and lets the request go", async () => {
    const aborted: Array<unknown> = []
    const fetch: Fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => {
          aborted.push(1)
          reject(new Error("aborted"))
        })
      })
    const client = PorticoClient.make({ url: "http://portico.test", fetch, timeoutMs: 1 })
    expect((await failure(client.get("/x"))).code).toBe("TIMEOUT")
    const patient = PorticoClient.make({ url: "http://portico.test", fetch })
    const signal = AbortSignal.timeout(1)
    expect((await failure(patient.call("/x::get", {}, { signal }))).code).toBe("CANCELLED")
    expect(aborted).toHaveLength(2)
  })

  it("never follows a redirect, which would take the token along", async () => {
    let redirect: unknown
    const fetch: Fetch = async (_, init) => {
      redirect = init.redirect
      return Response.json({ result: null, seq: 1 })
    }
    await PorticoClient.make({ url: "http://portico.test", token: "t", fetch }).call("/x::get")
    expect(redirect).toBe("error")
  })

  it("refuses URLs that are none, and those that carry a secret, without repeating it", () => {
    for (const url of [
      "portico",
      "ftp://portico.test",
      "http://u:hunter2@portico.test",
      "http://portico.test/?token=hunter2"
    ]) {
      expect(() => PorticoClient.make({ url })).toThrow(/^(?!.*hunter2)/)
    }
  })

  it("reads a node with its tag, and nothing while it is the same", async () => {
    const { client, sent } = instance(({ headers }) =>
      headers.get("if-none-match") === '"3"'
        ? new Response(null, { status: 304 })
        : Response.json(ada, { headers: { etag: '"3"' } })
    )
    const first = await client.node("/contacts/ada l").catch((error: PorticoError) => error.code)
    expect(first).toBe("INVALID_PATH")
    expect(await client.node("/contacts/ada")).toMatchObject({ node: { slug: "ada" }, etag: '"3"' })
    expect(await client.node("/contacts/ada", { ifNoneMatch: '"3"' })).toBeUndefined()
    expect(sent[0]?.url).toBe("http://portico.test/api/nodes/contacts/ada")
  })

  it("describes, and tells how the instance is", async () => {
    const { client, sent } = instance(({ url }) =>
      url.endsWith("/readyz") ? Response.json({ ready: false }, { status: 503 }) : Response.json({ protocol: 1 })
    )
    expect(await client.meta()).toEqual({ protocol: 1 })
    expect(await client.readyz()).toEqual({ ready: false, answer: { ready: false } })
    await client.describe("/a&b::get")
    expect(sent.map(({ url }) => url.slice("http://portico.test".length))).toEqual([
      "/meta",
      "/readyz",
      "/api/describe?path=%2Fa%26b%3A%3Aget"
    ])
  })

  it("calls a domain by name", async () => {
    const { client, sent } = instance(() => Response.json({ result: null, seq: 1 }))
    const crm = client.proxy("crm.example.dev")
    await crm.class("Contact").call("make", { email: "a" })
    await crm.interface("ContactOps").call("make")
    await crm.class("Contact").call("age", {}, { self: "/contacts/ada" })
    await crm.call("seed")
    expect(sent.map(({ body }) => body)).toEqual([
      { path: "/:crm.example.dev:class.Contact:make", params: { email: "a" } },
      { path: "/:crm.example.dev:interface.ContactOps:make" },
      { path: "/:crm.example.dev:class.Contact:age", params: {}, self: "/contacts/ada" },
      { path: "/:crm.example.dev:function.seed" }
    ])
  })
})
