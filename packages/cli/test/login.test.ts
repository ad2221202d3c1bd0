import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { type Browser, describeWithChromium, openBrowser } from "@portico/test-support/chromium"
import { afterAll, assert, beforeAll, it } from "vitest"
import { run } from "../src/Cli.ts"
import { runCli, temporaryFolder } from "./support/runCli.ts"
import { startCommand } from "./support/startCommand.ts"

const password = "violet otter runs"

/** A port that nobody listens on: what an instance calls itself has to be known before it listens. */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** `portico auth login`, as far as it has come; `link` is there once somebody is asked. */
const beginLogin = (url: string, env: Readonly<Record<string, string>>, flags: ReadonlyArray<string> = []) => {
  let err = ""
  let out = ""
  let resolveLink: (link: string) => void
  const link = new Promise<string>((resolve) => {
    resolveLink = resolve
  })
  const told = (text: string) => {
    err += text
    const found = /Or open (\S+)/.exec(err)?.[1]
    if (found !== undefined) resolveLink(found)
  }
  const ended = run(["auth", "login", "-i", url, ...flags], {
    browse: async (opened) => {
      resolveLink(opened)
      return true
    },
    out: {
      write: (text) => {
        out += text
      },
      terminal: false,
      columns: 80
    },
    err: { write: told, terminal: false, columns: 80 },
    stdin: { text: async () => "", line: async () => "", secret: async () => "", terminal: false },
    env
  })
  const failed = ended.then((exit) => Promise.reject(new Error(`it ended with ${exit}:\n${err}`)))
  return { link: Promise.race([link, failed]), ended, out: () => out, err: () => err }
}

describeWithChromium("portico auth login, with somebody at a browser", () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
  })

  afterAll(() => browser.close())

  it("makes the command the person who allowed it, by a code or in the browser, until they sign out", async (test) => {
    const port = String(await freePort())
    const { cwd, ready } = startCommand(test, ["--port", port, "--data", "data", "--", "--no-access-log"])
    const url = await ready
    const made = await runCli(["admin", "create", "--password-stdin", "-i", url, "--data", join(cwd, "data")], {
      stdin: password
    })
    assert.strictEqual(made.exit, 0, made.err)
    const env = { HOME: temporaryFolder(test) }
    const login = beginLogin(url, env, ["--device"])

    const { misdeeds, page } = await browser.open(await login.link)
    await page.getByLabel("Name").fill("admin")
    await page.getByLabel("Password").fill(password)
    await page.getByRole("button", { name: "Sign in", exact: true }).click()
    await page.getByText("Portico command line").waitFor()
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByRole("heading", { name: "Connected" }).waitFor()
    assert.deepStrictEqual(misdeeds, { elsewhere: [], complaints: [] })

    assert.strictEqual(await login.ended, 0, login.err())
    assert.include(login.out(), "/identities/admin")
    const as = ["-i", url]
    assert.strictEqual((await runCli(["auth", "whoami", ...as], { env })).out, "/identities/admin\n")
    // All that the person may do: an operator's routes as well.
    assert.strictEqual((await runCli(["config", "show", ...as], { env })).exit, 0)
    assert.strictEqual((await runCli(["auth", "logout", ...as], { env })).exit, 0)
    assert.strictEqual((await runCli(["auth", "whoami", ...as], { env })).exit, 3)

    // Once more, through the browser itself, which comes back by itself.
    const again = beginLogin(url, env)
    await page.goto(await again.link)
    await page.getByText("Portico command line").waitFor()
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByRole("heading", { name: "Connected" }).waitFor()
    assert.match(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/callback\?/)
    assert.strictEqual(await again.ended, 0, again.err())
    assert.strictEqual((await runCli(["auth", "whoami", ...as], { env })).out, "/identities/admin\n")
    assert.deepStrictEqual(misdeeds, { elsewhere: [], complaints: [] })
  }, 60_000)
})
