import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, it } from "vitest"
import { axeFindings, type Browser, describeWithChromium, openBrowser } from "../src/chromium.ts"

const html = `<!doctype html><html lang="en"><title>Bad</title><main><h1>Bad</h1><img src="http://example.invalid/a.png">
<script>new WebSocket("ws://example.invalid/socket"); console.error("oh no"); throw new Error("thrown")</script></main>`

describeWithChromium("a browser for tests", () => {
  let server: Server
  let browser: Browser

  beforeAll(async () => {
    server = createServer((_, response) => response.setHeader("content-type", "text/html").end(html))
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    browser = await openBrowser()
  })

  afterAll(async () => {
    await browser.close()
    server.close()
  })

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  it("tells of every request to another machine, and of what the page complains about", async () => {
    const { misdeeds } = await browser.open(url())
    await expect
      .poll(() => [...misdeeds.elsewhere].sort())
      .toEqual(["http://example.invalid/a.png", "ws://example.invalid/socket"])
    await expect.poll(() => misdeeds.complaints).toEqual(expect.arrayContaining(["oh no", "thrown"]))
  })

  it("tells which rules a page breaks", async () => {
    const { page } = await browser.open(url())
    expect((await axeFindings(page)).map(({ impact, rule }) => [rule, impact])).toContainEqual([
      "image-alt",
      "critical"
    ])
  })

  it("shows pages as wide, and as dark, as asked", async () => {
    const { page } = await browser.open(url(), { width: 360, colorScheme: "dark" })
    expect(await page.evaluate("innerWidth")).toBe(360)
    expect(await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")).toBe(true)
  })
})
