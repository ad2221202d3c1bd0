import { rmSync } from "node:fs"
import { afterEach, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"
import { type Hit, type Shot, startLoad } from "./load.ts"

const connections = 12
let gateway: Gateway | undefined

afterEach(async () => {
  gateway?.signal("SIGKILL")
  await gateway?.ended
  if (gateway !== undefined) rmSync(gateway.data, { recursive: true, force: true })
})

const createContact = "/:crm.example.dev:interface.ContactOps:createContact"

const call = ({ operatorToken }: Gateway, path: string, params?: unknown): Shot => ({
  method: "POST",
  path: "/api/call",
  token: operatorToken,
  json: { path, params }
})

/** Restarts `module` three times in the middle of a load, and gives what came of the load. */
const restarted = async (
  module: string,
  others: (to: Gateway) => ReadonlyArray<Shot>,
  own: (to: Gateway, id: string) => Shot
) => {
  const running = await spawnGateway(temporaryFolder(), { PORTICO_ACCESS_LOG: "false" }).ready
  gateway = running
  const shots = others(running)
  const load = startLoad(
    running.url,
    connections,
    (connection, index) => shots[(connection + index) % (shots.length + 1)] ?? own(running, `u${connection}-${index}`)
  )
  await load.answered(200)
  const states: Array<string> = []
  for (let time = 0; time < 3; time++) {
    const answer = await fetch(`${running.url}/gateway/v1/internal/modules/${module}/restart`, {
      method: "POST",
      headers: { authorization: `Bearer ${running.operatorToken}` }
    })
    const { modules }: { modules: ReadonlyArray<{ id: string; status: string }> } = await answer.json()
    states.push(...modules.map(({ id, status }) => `${id} ${status}`))
    await load.answered(200)
  }
  const hits = await load.stop()
  const isOwn = ({ json, path }: Hit): boolean => !shots.some((shot) => shot.path === path && shot.json === json)
  return { states, own: hits.filter(isOwn), others: hits.filter((hit) => !isOwn(hit)) }
}

const outcome = ({ body, error, path, status }: Hit): string =>
  status === 200 ? "200" : `${path} ${status} ${error ?? body.slice(0, 200)}`

/** Of each kind of outcome, one. */
const kinds = (hits: ReadonlyArray<Hit>): ReadonlyArray<string> => [
  ...new Set(hits.map((hit) => outcome(hit).replace(/"requestId":"[^"]*"/, '"requestId":""')))
]

/** Answered, or told to come again. */
const isFair = ({ body, retryAfter, status }: Hit): boolean =>
  status === 200 || (status === 503 && Number(retryAfter) > 0 && body.includes('"code":"UNAVAILABLE"'))

describe("a restart of one module while requests come in", () => {
  it("of the domain host: calls of the graph see nothing of it, calls into domains are answered or told to come again", async () => {
    const { others, own, states } = await restarted(
      "domains",
      (to) => [
        { method: "GET", path: "/healthz" },
        { method: "GET", path: "/meta" },
        call(to, "/:kernel.portico.dev:interface.Identity:whoami"),
        call(to, "/contacts::listChildren")
      ],
      (to, id) => call(to, createContact, { email: `${id}@example.dev` })
    )
    expect(new Set(states)).toEqual(new Set(["domains ready"]))
    expect(kinds(others)).toEqual(["200"])
    expect(own.length).toBeGreaterThan(50)
    expect(kinds(own.filter((hit) => !isFair(hit)))).toEqual([])
    expect(own.at(-1)?.status).toBe(200)
  })

  it("of auth: open pages see nothing of it, who needs a credential is answered or told to come again", async () => {
    const { others, own, states } = await restarted(
      "auth",
      () => [
        { method: "GET", path: "/healthz" },
        { method: "GET", path: "/meta" },
        { method: "GET", path: "/openapi.json" }
      ],
      (to) => call(to, "/:kernel.portico.dev:interface.Identity:whoami")
    )
    expect(new Set(states)).toEqual(new Set(["auth ready", "domains ready"]))
    expect(kinds(others)).toEqual(["200"])
    expect(own.length).toBeGreaterThan(50)
    expect(kinds(own.filter((hit) => !isFair(hit)))).toEqual([])
    expect(own.at(-1)?.status).toBe(200)
  })
})
