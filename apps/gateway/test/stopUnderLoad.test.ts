import { rmSync } from "node:fs"
import { Agent } from "node:http"
import { porticoGateway } from "@portico/distro"
import { Gateway as Product } from "@portico/gate"
import * as Result from "effect/Result"
import { afterEach, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder, toldMain } from "./gatewayProcess.ts"
import { fire, type Hit, startLoad } from "./load.ts"

const running: Array<Gateway> = []

const start = async (data: string, env: Readonly<Record<string, string>> = {}): Promise<Gateway> => {
  const gateway = await spawnGateway(data, { PORTICO_DRAIN_DEADLINE: "3000", ...env }, toldMain).ready
  running.push(gateway)
  return gateway
}

afterEach(async () => {
  for (const gateway of running.splice(0)) {
    gateway.signal("SIGKILL")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
  }
})

const createNode = (path: string) => ({
  path: "/:kernel.portico.dev:interface.Node:createNode",
  params: { class: "/:kernel.portico.dev:class.Folder", path }
})

const install = { path: "/:kernel.portico.dev:class.Domain:install", params: { local: "slow.example.dev" } }

const pathOf = (id: string): string => `/${id}`

/** The log as it stands: one object a line. */
const linesOf = (output: string): ReadonlyArray<Record<string, unknown>> =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line))

/** By request id, the status that the server says it answered with. */
const accessLogOf = (output: string): ReadonlyMap<unknown, unknown> =>
  new Map(
    linesOf(output).flatMap(({ annotations, message }) => {
      if (message !== "request" || typeof annotations !== "object" || annotations === null) return []
      const { requestId, status } = { requestId: undefined, status: undefined, ...annotations }
      return [[requestId, status]]
    })
  )

/** Ids of modules in the order in which this was said of them. */
const modulesThat = (what: "began" | "released", output: string): ReadonlyArray<string> =>
  linesOf(output).flatMap(({ message }) => {
    const text = String(message)
    return text.startsWith(`${what} `) ? [text.slice(what.length + 1)] : []
  })

/** An event stream that is read until it ends, however it does. */
const openEvents = async (url: string) => {
  const response = await fetch(`${url}/events`)
  const reader = response.body?.getReader()
  await reader?.read()
  const ended = (async () => {
    try {
      while ((await reader?.read())?.done === false);
    } catch {
      // It was cut off.
    }
  })()
  return { status: response.status, ended }
}

/** What is answered for the nodes that these requests were to make. */
const statusesOf = async (gateway: Gateway, hits: ReadonlyArray<Hit>): Promise<ReadonlySet<number>> => {
  const left = [...hits]
  const statuses = new Set<number>()
  const ask = async (): Promise<void> => {
    for (let hit = left.pop(); hit !== undefined; hit = left.pop()) {
      const answer = await gateway.call(`${pathOf(hit.id)}::get`)
      statuses.add(answer.status)
      await answer.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: 16 }, ask))
  return statuses
}

describe("abuse 54: SIGTERM under load", () => {
  it("answers every request that it took, loses no write that it acknowledged, and exits with 0", async () => {
    const data = temporaryFolder()
    const gateway = await start(data)
    const { operatorToken, url } = gateway
    const slow = new Agent({ keepAlive: true })
    const events = await openEvents(url)
    const load = startLoad(url, 16, (connection, index) => ({
      method: "POST",
      path: "/api/call",
      token: operatorToken,
      json: createNode(pathOf(`load-${connection}-${index}`))
    }))
    await load.answered(200)
    const long = fire(url, slow, "long", { method: "GET", path: "/slow" })
    const installing = fire(url, slow, "install", {
      method: "POST",
      path: "/api/call",
      token: operatorToken,
      json: install
    })
    await Promise.all([gateway.printed("working"), gateway.printed("seeding")])
    const begun = performance.now()
    gateway.signal("SIGTERM")
    const hits = [...(await load.refused), await long]
    const installed = await installing
    const { code, output } = await gateway.ended
    await events.ended
    slow.destroy()

    expect(code).toBe(0)
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(events.status).toBe(200)
    expect(installed.status).toBe(200)
    expect(JSON.parse(installed.body)).toMatchObject({ result: { plan: { postInstall: { status: "done" } } } })
    // The stream was still open when its time was up, and nothing else was.
    expect(output).toContain("1 requests did not end within 3000 ms")

    const answered = hits.filter(({ status }) => status !== undefined)
    const unanswered = hits.filter(({ status }) => status === undefined)
    expect(answered.length).toBeGreaterThan(200)
    expect(answered.find(({ id }) => id === "long")?.body).toBe("done")
    expect(answered.filter(({ error, status }) => status !== 200 || error !== undefined)).toEqual([])
    const took = accessLogOf(output)
    expect(unanswered.filter(({ id }) => took.has(id)).map(({ id }) => id)).toEqual([])

    const again = await start(data)
    const acknowledged = answered.filter(({ id }) => id !== "long")
    expect(await statusesOf(again, acknowledged)).toEqual(new Set([200]))
    expect((await again.call("/slow.example.dev::get")).status).toBe(200)
    // And nothing was done for those that it did not take.
    expect(await statusesOf(again, unanswered)).toEqual(new Set([404]))
  }, 60_000)

  it("releases each module once, and none before those that need it", async () => {
    const gateway = await start(temporaryFolder())
    const load = startLoad(gateway.url, 8, () => ({ method: "GET", path: "/slow" }))
    await gateway.printed("working")
    gateway.signal("SIGTERM")
    await load.refused
    const { code, output } = await gateway.ended
    expect(code).toBe(0)
    const released = modulesThat("released", output)
    expect([...released].sort()).toEqual([...modulesThat("began", output)].sort())
    expect(new Set(released).size).toBe(released.length)
    const { modules } = Result.getOrThrow(Product.plan(porticoGateway()))
    for (const { dependsOn, id } of modules) {
      for (const { module } of dependsOn) {
        expect(released.indexOf(id), `${id} is released before ${module}`).toBeLessThan(released.indexOf(module))
      }
    }
  }, 60_000)

  it("exits at once on a second signal, though a stream is open and requests run", async () => {
    const gateway = await start(temporaryFolder(), { PORTICO_DRAIN_DEADLINE: "60000", PORTICO_STOP_DEADLINE: "90000" })
    const events = await openEvents(gateway.url)
    const load = startLoad(gateway.url, 8, () => ({ method: "GET", path: "/slow" }))
    await gateway.printed("working")
    gateway.signal("SIGTERM")
    await gateway.printed("another signal ends it at once")
    const begun = performance.now()
    gateway.signal("SIGTERM")
    const { code } = await gateway.ended
    expect(code).toBe(128 + 15)
    expect(performance.now() - begun).toBeLessThan(2_000)
    await events.ended
    await load.refused
  }, 60_000)
})
