import { rmSync } from "node:fs"
import { connect } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

const running: Array<Gateway> = []

const start = async (data = temporaryFolder(), env: Readonly<Record<string, string>> = {}): Promise<Gateway> => {
  const gateway = await spawnGateway(data, env).ready
  running.push(gateway)
  return gateway
}

const createFolder = "/:kernel.portico.dev:interface.Node:createNode"
const folder = (path: string) => ({ class: "/:kernel.portico.dev:class.Folder", path })

afterEach(async () => {
  for (const gateway of running.splice(0)) {
    gateway.signal("SIGKILL")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
  }
})

describe("the distro as a process", () => {
  it("answers the request under way, then exits with 0 on SIGTERM", async () => {
    const gateway = await start()
    const body = JSON.stringify({ path: createFolder, params: folder("/drained") })
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1")
    const answer = new Promise<string>((resolve) => {
      let text = ""
      socket.on("data", (chunk) => {
        text += chunk.toString()
        // The server has the head and asks for the body: from here on the request is under way.
        if (text === "HTTP/1.1 100 Continue\r\n\r\n") {
          gateway.signal("SIGTERM")
          void gateway.printed("stopping").then(() => socket.write(body))
        }
      })
      socket.once("close", () => resolve(text))
    })
    socket.write(
      `POST /api/call HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.operatorToken}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n`
    )
    expect(await answer).toContain("HTTP/1.1 200")
    expect((await gateway.ended).code).toBe(0)
  })

  it("loses nothing it acknowledged when it is killed during writes", async () => {
    const data = temporaryFolder()
    for (let round = 0; round < 3; round++) {
      const gateway = await start(data)
      const acknowledged: Array<string> = []
      const writers = Array.from({ length: 16 }, async (_, writer) => {
        for (let index = 0; ; index++) {
          const path = `/kill-${round}-${writer}-${index}`
          const answer = await gateway.call(createFolder, folder(path))
          if (answer.status !== 200) return
          await answer.json()
          acknowledged.push(path)
          if (acknowledged.length === 100) gateway.signal("SIGKILL")
        }
      })
      await Promise.allSettled(writers)
      await gateway.ended
      expect(acknowledged.length).toBeGreaterThanOrEqual(100)
      const again = await start(data)
      const found = await Promise.all(acknowledged.map(async (path) => (await again.call(`${path}::get`)).status))
      expect(found.filter((status) => status !== 200)).toEqual([])
      again.signal("SIGTERM")
      expect((await again.ended).code).toBe(0)
    }
  }, 60_000)

  it("refuses to run twice on one data folder, and says who has it", async () => {
    const gateway = await start()
    const second = await spawnGateway(gateway.data).ended
    expect(second.code).toBe(1)
    expect(second.output).toContain(`is in use by process ${gateway.pid}`)
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200)
  })

  it("prints the first administrator's link once, and no secret in its log", async () => {
    const gateway = await start()
    const link = /https?:\/\/\S+\/auth\/setup\S*/.exec(gateway.output())?.[0]
    expect(link).toBeDefined()
    expect(gateway.output()).not.toContain(gateway.operatorToken)
    expect(gateway.output().split(link ?? "").length).toBe(2)
  })

  it("starts without the example domain when that is switched off", async () => {
    const gateway = await start(temporaryFolder(), { PORTICO_BUNDLED_DOMAINS: "none" })
    expect((await gateway.call("/contacts::get")).status).toBe(404)
    const list = await gateway.call("/:kernel.portico.dev:class.Domain:list")
    expect(JSON.stringify(await list.json())).not.toContain("crm.example.dev")
  })
})
