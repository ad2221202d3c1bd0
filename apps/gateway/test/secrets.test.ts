import { rmSync } from "node:fs"
import { connect } from "node:net"
import { afterAll, describe, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

const data = temporaryFolder()
afterAll(() => rmSync(data, { recursive: true, force: true }))

const password = "correct horse battery staple"
const wrong = "wrong-horse-battery-staple"
const unknownToken = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.c2lnbmF0dXJl"

const post = (gateway: Gateway, path: string, json: unknown, token?: string): Promise<Response> =>
  fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` })
    },
    body: JSON.stringify(json)
  })

/** Sends what `fetch` would not, and waits until the connection is closed. */
const raw = (gateway: Gateway, text: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(text))
    socket.on("error", () => {})
    socket.once("close", () => resolve())
    socket.resume()
  })

describe("abuse 57: the log of the distro, with every line that there is", () => {
  it("holds no password, token, key or one-time code, through sign-ins, refusals, bad requests, restarts and a stop", async () => {
    const gateway = await spawnGateway(data, {
      PORTICO_LOG_LEVEL: "All",
      PORTICO_HEADERS_TIMEOUT: "1000",
      PORTICO_REQUEST_TIMEOUT: "1000"
    }).ready
    const code = /\/auth\/setup#(\S+)/.exec(gateway.output())?.[1] ?? ""
    expect(code).not.toBe("")
    const made = await (await post(gateway, "/auth/setup", { code, password })).json()
    expect(made).toHaveProperty("apiKey")
    expect((await post(gateway, "/auth/setup", { code, password })).status).toBe(401)
    expect((await post(gateway, "/auth/login", { identity: "admin", password: wrong })).status).toBe(401)
    const session = await (await post(gateway, "/auth/login", { identity: "admin", password })).json()
    const key = await (await post(gateway, "/auth/keys", { name: "laptop" }, session.accessToken)).json()
    expect(key).toHaveProperty("key")
    const secrets = [
      password,
      wrong,
      unknownToken,
      code,
      made.apiKey,
      made.accessToken,
      session.accessToken,
      key.key,
      gateway.operatorToken
    ]

    for (const token of secrets.slice(2)) {
      await gateway.call("/:kernel.portico.dev:interface.Identity:whoami", { token }, token)
      await gateway.call("/nowhere::get", undefined, token)
      await fetch(`${gateway.url}/api/nodes/contacts?access_token=${token}`)
      await fetch(`${gateway.url}/gateway/v1/internal/modules`, { headers: { authorization: `Bearer ${token}` } })
      await fetch(`${gateway.url}/healthz`, { headers: { cookie: `session=${token}`, "x-api-key": token } })
      await raw(
        gateway,
        `GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`
      )
      await raw(gateway, `GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\n${token}\r\n\r\n`)
      await raw(
        gateway,
        `POST /api/call HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Length: 99\r\n\r\n{"${token}`
      )
    }
    for (const module of ["auth", "kernel"]) {
      await fetch(`${gateway.url}/gateway/v1/internal/modules/${module}/restart`, {
        method: "POST",
        headers: { authorization: `Bearer ${gateway.operatorToken}` }
      })
    }
    gateway.signal("SIGTERM")
    expect((await gateway.ended).code).toBe(0)

    const log = gateway.log()
    // It is the log of all that, and not of a process that keeps silent.
    expect(log.match(/"message":"request"/g)?.length).toBeGreaterThan(30)
    expect(log).toContain("restarting kernel")
    for (const secret of secrets) {
      expect(String(secret).length).toBeGreaterThan(8)
      expect(log.includes(String(secret)), `the log holds ${String(secret).slice(0, 6)}…`).toBe(false)
    }
    expect(log).not.toMatch(/PRIVATE KEY|"d":"|Bearer /)
  }, 60_000)
})
