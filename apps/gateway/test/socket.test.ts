import { rmSync } from "node:fs"
import { PorticoSocket } from "@portico/client/socket"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

describe("the distro's runtime socket", () => {
  let gateway: Gateway
  let portico: PorticoSocket

  beforeAll(async () => {
    gateway = await spawnGateway(temporaryFolder(), { PORTICO_ACCESS_LOG: "false" }).ready
    portico = await PorticoSocket.connect({ url: gateway.url, token: gateway.operatorToken })
  })

  afterAll(async () => {
    await portico.close()
    gateway.signal("SIGTERM")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
  })

  it("answers kernel calls as it would over HTTP", async () => {
    expect(await portico.get("/identities")).toMatchObject({
      path: "/identities",
      class: "kernel.portico.dev:class.Folder"
    })
    expect(await portico.whoami()).toMatchObject({ path: "/identities/operator" })
    await expect(portico.get("/nowhere")).rejects.toMatchObject({ code: "NOT_FOUND" })
    await expect(portico.call("not a path")).rejects.toMatchObject({ code: "INVALID_PATH" })
  })

  it("answers a hundred calls at once", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => portico.get("/")))
    expect(new Set(answers.map(({ path }) => path))).toEqual(new Set(["/"]))
  })

  it("tells operators the states of modules", async () => {
    const states = await Effect.runPromise(Stream.runHead(portico.states))
    expect(JSON.stringify(states)).toContain('"id":"kernel"')
  })

  it("refuses who is not known, with the instance's own words", async () => {
    const refused = PorticoSocket.connect({ url: gateway.url, token: "nobody's" })
    await expect(refused).rejects.toMatchObject({ code: "UNAUTHENTICATED" })
  })
})
