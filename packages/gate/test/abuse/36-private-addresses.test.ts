import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { egressFetch } from "@portico/gate/egress"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

let server: Server
let port: number
let asked: Array<string>

beforeAll(async () => {
  server = createServer((request, answer) => {
    asked.push(String(request.url))
    if (request.url === "/moved") answer.writeHead(302, { location: "/elsewhere" }).end()
    else if (request.url === "/endless") answer.write("x".repeat(2_000))
    else if (request.url === "/said") request.pipe(answer)
    else answer.end("here")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  port = (server.address() as AddressInfo).port
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const attempt = async (url: string, allowed: ReadonlyArray<string> = [], init?: RequestInit): Promise<string> => {
  asked = []
  const fetch = egressFetch({ allowed, longest: 1_000, timeout: 2_000 })
  return fetch(url, init).then(
    (answer) => answer.text(),
    (error: Error) => `${error.name}: ${error.message}`
  )
}

describe("abuse 36: a URL that leads to this machine or a private network", () => {
  const hosts = [
    "127.0.0.1",
    "127.9.9.9",
    "[::1]",
    "0x7f.1",
    "2130706433",
    "0",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "169.254.169.254",
    "10.0.0.1",
    "172.31.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "[fe80::1]",
    "[fd00:ec2::254]",
    // A name is resolved once, and what it resolves to is what is connected to.
    "localhost"
  ]
  for (const host of hosts) {
    it(`is not asked at ${host}`, async () => {
      expect(await attempt(`http://${host}:${port}/`)).toMatch(/^EgressRefused: .* is private/)
      expect(asked).toEqual([])
    })
  }

  it("is not asked by another protocol", async () => {
    for (const url of ["file:///etc/passwd", "data:,x", "ftp://127.0.0.1/"]) {
      expect(await attempt(url)).toMatch(/^EgressRefused/)
    }
  })

  it("is not followed to, even from where one may call", async () => {
    expect(await attempt(`http://localhost:${port}/moved`, ["localhost"])).toMatch(/leads elsewhere/)
    expect(asked).toEqual(["/moved"])
  })

  it("is asked where the operator has named the host, its port, its address or its network", async () => {
    for (const allowed of ["localhost", `localhost:${port}`, "127.0.0.0/8", "127.0.0.1", "loopback"]) {
      // `localhost` may be both addresses, of which each has to be open.
      const open = allowed.startsWith("127") ? [allowed, "::1"] : [allowed]
      expect(await attempt(`http://localhost:${port}/`, open)).toBe("here")
    }
    for (const allowed of ["localhost:1", "10.0.0.0/8", "127.0.0.2", "ocalhost", "127.0.0.1/33", ""]) {
      expect(await attempt(`http://localhost:${port}/`, [allowed])).toMatch(/^EgressRefused/)
    }
  })
})

describe("a request to elsewhere", () => {
  it("sends its body, and is answered", async () => {
    const said = { method: "POST", body: new URLSearchParams({ a: "b c" }) }
    expect(await attempt(`http://127.0.0.1:${port}/said`, ["loopback"], said)).toBe("a=b+c")
  })

  it("is cut off where the answer is too long, or does not end", async () => {
    expect(await attempt(`http://127.0.0.1:${port}/endless`, ["loopback"])).toMatch(/more than 1000 bytes/)
    const fetch = egressFetch({ allowed: ["loopback"], timeout: 50 })
    await expect(fetch(`http://127.0.0.1:${port}/endless`)).rejects.toThrow(/aborted|timeout/i)
  })
})
