import { rmSync } from "node:fs"
import { axeFindings, type Browser, describeWithChromium, openBrowser } from "@portico/test-support/chromium"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

const nothing = { elsewhere: [], complaints: [] }
const password = "correct horse battery"

describeWithChromium("the page behind the one-time link, in a browser", () => {
  let gateway: Gateway
  let browser: Browser

  beforeAll(async () => {
    const started = spawnGateway(temporaryFolder(), { PORTICO_ACCESS_LOG: "false" })
    ;[gateway, browser] = await Promise.all([started.ready, openBrowser()])
  })

  afterAll(async () => {
    await browser.close()
    gateway.signal("SIGTERM")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
  })

  const link = (): string => /https?:\/\/\S+\/auth\/setup\S*/.exec(gateway.output())?.[0] ?? ""

  it.each([
    { colorScheme: "light", width: 1280 },
    { colorScheme: "light", width: 360 },
    { colorScheme: "dark", width: 1280 },
    { colorScheme: "dark", width: 360 }
  ] as const)("breaks no rule of accessibility, $colorScheme and $width px wide", async (view) => {
    const { misdeeds, page } = await browser.open(link(), view)
    expect(await axeFindings(page)).toEqual([])
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(view.width)
    expect(page.url()).toBe(`${gateway.url}/auth/setup`)
    expect(misdeeds).toEqual(nothing)
  })

  it("asks for nothing when it was opened without the code, and says why", async () => {
    const { page } = await browser.open(`${gateway.url}/auth/setup`)
    expect(await page.getByRole("alert").textContent()).toContain("opened by the one-time link")
    expect(await page.getByRole("button").count()).toBe(0)
  })

  it("makes the administrator by keyboard alone, on a narrow dark screen", async () => {
    const { misdeeds, page } = await browser.open(link(), { colorScheme: "dark", width: 360 })
    const { keyboard } = page
    const focused = () => page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")
    expect(await focused()).toBe("password")
    await keyboard.type(password)
    await keyboard.press("Tab")
    await keyboard.type("something else")
    await keyboard.press("Enter")
    expect(await page.getByRole("alert").textContent()).toBe("The two passwords differ.")
    expect(await focused()).toBe("again")
    await keyboard.press("ControlOrMeta+A")
    await keyboard.type(password)
    await keyboard.press("Tab")
    expect(await focused()).toBe("Make the administrator")
    await keyboard.press("Enter")

    await page.getByRole("heading", { name: "Done" }).waitFor()
    expect(await page.getByRole("alert").textContent()).toBe("")
    expect(await focused()).toBe("done")
    expect(await axeFindings(page)).toEqual([])
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360)
    const key = await page.locator("#key").textContent()
    const whoami = await gateway.call("/:kernel.portico.dev:interface.Identity:whoami", undefined, key)
    expect(JSON.stringify(await whoami.json())).toContain('"path":"/identities/admin"')
    const login = await fetch(`${gateway.url}/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ identity: "admin", password })
    })
    expect(login.status).toBe(200)
    expect(misdeeds).toEqual(nothing)
  })

  it("says that the link was used when somebody opens it again", async () => {
    const { page } = await browser.open(link())
    await page.getByRole("button").click()
    await expect.poll(() => page.getByRole("alert").textContent()).toContain("A link works once")
    expect(await page.getByRole("heading", { name: "Done" }).isVisible()).toBe(false)
  })
})
