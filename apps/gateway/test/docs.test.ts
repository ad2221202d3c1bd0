import { rmSync } from "node:fs"
import { axeFindings, type Browser, describeWithChromium, openBrowser } from "@portico/test-support/chromium"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

/** What the reference that the page embeds breaks by itself. A rule that is not here is ours to keep. */
const brokenByTheReference = [
  "aria-allowed-attr",
  "aria-required-children",
  "button-name",
  "color-contrast",
  "label-content-name-mismatch",
  "nested-interactive"
]

const nothing = { elsewhere: [], complaints: [] }

describeWithChromium("the API reference in a browser", () => {
  let gateway: Gateway
  let browser: Browser

  beforeAll(async () => {
    const data = temporaryFolder()
    const started = spawnGateway(data, { PORTICO_ACCESS_LOG: "false" })
    ;[gateway, browser] = await Promise.all([started.ready, openBrowser()])
  })

  afterAll(async () => {
    await browser.close()
    gateway.signal("SIGTERM")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
  })

  it.each([
    { colorScheme: "light", width: 1280 },
    { colorScheme: "light", width: 360 },
    { colorScheme: "dark", width: 1280 },
    { colorScheme: "dark", width: 360 }
  ] as const)("shows the operations without asking anybody else, $colorScheme and $width px wide", async (view) => {
    const { misdeeds, page } = await browser.open(`${gateway.url}/docs`, view)
    for (const path of ["/api/call", "/auth/keys", "/healthz"]) {
      await page.getByText(path, { exact: true }).first().waitFor()
    }
    await page.waitForLoadState("networkidle")
    const broken = (await axeFindings(page)).filter(({ rule }) => !brokenByTheReference.includes(rule))
    expect(broken).toEqual([])
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(view.width)
    expect(misdeeds).toEqual(nothing)
  })

  it("sends a request from the page, with the token that was typed there", async () => {
    const { misdeeds, page } = await browser.open(`${gateway.url}/docs#tag/auth/GET/auth/keys`)
    await page.getByPlaceholder("Token").first().fill(gateway.operatorToken)
    await page.getByRole("button", { name: "Test Request (get /auth/keys)" }).click()
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url() === `${gateway.url}/auth/keys`),
      page.getByRole("button", { name: "Send get request" }).click()
    ])
    expect(answer.status()).toBe(200)
    expect(misdeeds).toEqual(nothing)
  })
})
