import { rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { axeFindings, type Browser, describeWithChromium, openBrowser } from "@portico/test-support/chromium"
import { Secret, TOTP } from "otpauth"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "./freePort.ts"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

type Page = Awaited<ReturnType<Browser["open"]>>["page"]

const nothing = { elsewhere: [], complaints: [] }
const password = "correct horse battery"
const view = { colorScheme: "dark", width: 360 } as const
const views = [{ colorScheme: "light", width: 1280 }, view] as const

describeWithChromium("the pages of sign-in, in a browser", () => {
  let gateway: Gateway
  let browser: Browser

  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${gateway.operatorToken}` },
      body: JSON.stringify(body)
    })
    expect(answer.ok, `${path} ${answer.status}`).toBe(true)
    return (await answer.json()) as Record<string, string>
  }
  const administrators = "/gateway/v1/internal/auth/administrators"

  beforeAll(async () => {
    const env = { PORTICO_ACCESS_LOG: "false", PORTICO_AUTH_SIGN_INS_PER_ADDRESS: "1000" }
    const started = spawnGateway(temporaryFolder(), env, undefined, await freePort())
    ;[gateway, browser] = await Promise.all([started.ready, openBrowser()])
    await post(administrators, { name: "ada", password })
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    gateway.signal("SIGTERM")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
  })

  const focused = (page: Page) =>
    page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()")

  /** Nobody is shut out of a page, however they look at it. */
  const isFine = async (page: Page, width: number) => {
    expect(await axeFindings(page)).toEqual([])
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width)
  }

  const signIn = async (page: Page, name = "ada") => {
    await page.getByLabel("Name", { exact: true }).fill(name)
    await page.getByLabel("Password").fill(password)
    await page.getByRole("button", { name: "Sign in", exact: true }).click()
  }

  /** Ada's own page, in a browser of its own. */
  const signedIn = async (view: Parameters<Browser["open"]>[1] = {}) => {
    const opened = await browser.open(`${gateway.url}/auth/login`, view)
    await signIn(opened.page)
    await opened.page.getByRole("heading", { name: "Signed in" }).waitFor()
    return opened
  }

  /** An authenticator that is built in, whose owner always says yes (WebDriver for WebAuthn, section 11). */
  const withAuthenticator = async (page: Page) => {
    const cdp = await page.context().newCDPSession(page)
    await cdp.send("WebAuthn.enable")
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true
      }
    })
    return { cdp, authenticatorId }
  }

  it.each(views)("signs in by keyboard alone, $colorScheme and $width px wide", async (view) => {
    const { misdeeds, page } = await browser.open(`${gateway.url}/auth/login`, view)
    const { keyboard } = page
    await isFine(page, view.width)
    expect(await focused(page)).toBe("identity")
    await keyboard.type("ada")
    await keyboard.press("Tab")
    await keyboard.type("something else")
    await keyboard.press("Enter")
    expect(await page.getByRole("alert").first().textContent()).toContain("no such identity")
    await isFine(page, view.width)
    expect(await focused(page)).toBe("password")
    await keyboard.type(password)
    await keyboard.press("Enter")
    await page.getByRole("heading", { name: "Signed in" }).waitFor()
    await isFine(page, view.width)
    await page.getByRole("button", { name: "Sign out", exact: true }).focus()
    await keyboard.press("Enter")
    await page.getByRole("heading", { name: "Sign in" }).waitFor()
    expect(misdeeds.elsewhere).toEqual([])
    // The browser itself tells of an answer that is no success.
    expect(misdeeds.complaints.filter((text) => !text.includes("401"))).toEqual([])
  })

  it("works without scripts, and then offers nothing that needs them", async () => {
    const { page } = await browser.open(`${gateway.url}/auth/login`, { javaScript: false })
    expect(await page.getByRole("button", { name: "Sign in with a passkey" }).isVisible()).toBe(false)
    await signIn(page)
    await page.getByRole("heading", { name: "Signed in" }).waitFor()
    expect(await page.getByRole("button", { name: "Add a passkey" }).isVisible()).toBe(false)
    await page.getByRole("button", { name: "Set it up" }).click()
    await page.getByRole("heading", { name: "Set up a second factor" }).waitFor()
    await page.getByRole("link", { name: "Leave it off" }).click()
    await page.getByRole("button", { name: "Sign out", exact: true }).click()
    await page.getByRole("heading", { name: "Sign in" }).waitFor()
  })

  it("shows each session and ends one, whose browser is signed out", async () => {
    const one = await signedIn()
    const two = await signedIn({ width: 360 })
    const before = await two.page.getByRole("button", { name: /^End the session/ }).count()
    expect(before).toBeGreaterThan(0)
    for (let left = before; left > 0; left--) {
      await two.page
        .getByRole("button", { name: /^End the session/ })
        .first()
        .click()
      await expect.poll(() => two.page.getByRole("button", { name: /^End the session/ }).count()).toBe(left - 1)
    }
    await one.page.reload()
    await one.page.getByRole("heading", { name: "Sign in" }).waitFor()
    expect(two.misdeeds).toEqual(nothing)
  })

  describe("with a passkey", () => {
    it("adds one and signs in with it, by keyboard alone on a narrow dark screen", async () => {
      const { misdeeds, page } = await signedIn(view)
      await withAuthenticator(page)
      await page.getByLabel("Name of a new passkey (optional)").fill("my key")
      await page.keyboard.press("Enter")
      await page.getByText("my key: added").waitFor()
      await isFine(page, view.width)
      await page.getByRole("button", { name: "Sign out", exact: true }).click()
      await page.getByRole("button", { name: "Sign in with a passkey" }).focus()
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { name: "Signed in" }).waitFor()
      await page.getByText("signed in with passkey").first().waitFor()
      expect(await page.getByText("my key: added").textContent()).toContain("last used")
      await page.getByLabel("New name of my key").fill("<b>my lock</b>")
      await page.getByRole("button", { name: "Rename my key" }).click()
      await page.getByText("<b>my lock</b>: added").waitFor()
      await page.getByRole("button", { name: "Remove <b>my lock</b>" }).click()
      await expect.poll(() => page.getByText("my lock").count()).toBe(0)
      await page.getByRole("button", { name: "Sign out", exact: true }).click()
      await page.getByRole("button", { name: "Sign in with a passkey" }).click()
      const problem = page.locator("[data-passkey] [role=alert]")
      await expect.poll(() => problem.textContent()).toContain("This passkey was not accepted")
      await isFine(page, view.width)
      expect(misdeeds.elsewhere).toEqual([])
      expect(misdeeds.complaints.filter((text) => !text.includes("401"))).toEqual([])
    })

    it("says so when the device has one already, when nobody is recognised, and when there is none", async () => {
      const { page } = await signedIn()
      const { authenticatorId, cdp } = await withAuthenticator(page)
      const add = page.getByRole("button", { name: "Add a passkey" })
      await add.click()
      await page.getByText("Passkey of").first().waitFor()
      await add.click()
      const problem = page.locator("[data-passkey] [role=alert]")
      await expect.poll(() => problem.textContent()).toBe("This device has a passkey for you already.")
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false })
      await page.getByRole("button", { name: "Sign out", exact: true }).click()
      await page.getByRole("button", { name: "Sign in with a passkey" }).click()
      await expect.poll(() => problem.textContent()).toBe("No passkey was chosen, or it took too long.")
      await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true })
      await page.getByRole("button", { name: "Sign in with a passkey" }).click()
      await page.getByRole("heading", { name: "Signed in" }).waitFor()
      await page.getByRole("button", { name: /^Remove Passkey of/ }).click()
      await expect.poll(() => page.getByText("Passkey of").count()).toBe(0)
    })

    it("leads on to where its person wanted to go", async () => {
      const { page } = await signedIn()
      await withAuthenticator(page)
      await page.getByRole("button", { name: "Add a passkey" }).click()
      await page.getByText("Passkey of").first().waitFor()
      await page.goto(`${gateway.url}/auth/login?return_to=${encodeURIComponent("/auth/device?x=1")}`)
      await page.getByRole("button", { name: "Sign in with a passkey" }).click()
      await page.getByRole("heading", { name: "Connect a device" }).waitFor()
      expect(page.url()).toBe(`${gateway.url}/auth/device?x=1`)
    })
  })

  describe("with a second factor", () => {
    it("sets it up, is asked for it and turns it off, by keyboard alone on a narrow dark screen", async () => {
      const name = "grace"
      await post(administrators, { name, password })
      const { misdeeds, page } = await browser.open(`${gateway.url}/auth/login`, view)
      await signIn(page, name)
      await page.getByRole("button", { name: "Set it up" }).click()
      await page.getByRole("heading", { name: "Set up a second factor" }).waitFor()
      await isFine(page, view.width)
      expect(await focused(page)).toBe("code")
      const key = (await page.locator("code").textContent()) ?? ""
      const totp = new TOTP({ secret: Secret.fromBase32(key.replaceAll(" ", "")) })
      await page.keyboard.type("000000")
      await page.keyboard.press("Enter")
      expect(await page.getByRole("alert").textContent()).toContain("This code is wrong")
      await page.keyboard.type(totp.generate())
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { name: "The second factor is on" }).waitFor()
      await isFine(page, view.width)
      const codes = await page.locator("li code").allTextContents()
      expect(codes).toHaveLength(10)
      await page.getByRole("link", { name: "I have kept them" }).click()
      await isFine(page, view.width)
      await page.getByRole("button", { name: "Sign out", exact: true }).click()

      await signIn(page, name)
      await page.getByRole("heading", { name: "One more step" }).waitFor()
      await isFine(page, view.width)
      expect(await focused(page)).toBe("code")
      await page.keyboard.type(codes[0] ?? "")
      await page.keyboard.press("Enter")
      await page.getByRole("heading", { name: "Signed in" }).waitFor()
      await page.getByText("Recovery codes left: 9").waitFor()
      await page.getByLabel("Your password, to turn it off").fill(password)
      await page.keyboard.press("Enter")
      await page.getByRole("button", { name: "Set it up" }).waitFor()
      expect(misdeeds.elsewhere).toEqual([])
      expect(misdeeds.complaints.filter((text) => !text.includes("401"))).toEqual([])
    })
  })

  describe("that ask for consent", () => {
    const consentOf = async (redirect: string) => {
      const client = await post("/auth/register", {
        client_name: "A <b>program</b>",
        redirect_uris: [redirect],
        token_endpoint_auth_method: "none"
      })
      const params = new URLSearchParams({
        response_type: "code",
        client_id: client.client_id ?? "",
        redirect_uri: redirect,
        scope: "read edit",
        state: "s",
        code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        code_challenge_method: "S256"
      })
      return `${gateway.url}/auth/authorize?${params}`
    }

    it("are answered by keyboard alone, on a narrow dark screen", async () => {
      const answers: Array<string> = []
      const server = createServer((request, response) => {
        answers.push(request.url ?? "")
        response.setHeader("content-type", "text/html")
        response.end("<!doctype html><title>back</title>")
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const url = await consentOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`)
      const { page } = await signedIn(view)
      await page.goto(url)
      await page.getByText("A <b>program</b>").waitFor()
      await isFine(page, view.width)
      await page.getByRole("button", { name: "Deny" }).focus()
      await page.keyboard.press("Enter")
      await page.waitForURL("http://127.0.0.1:*/callback**")
      expect(answers.find((answer) => answer.startsWith("/callback"))).toContain("error=access_denied")
      server.closeAllConnections()
      server.close()
    })

    it("count only what the page itself has sent (abuse 42)", async () => {
      const url = await consentOf("http://127.0.0.1/callback")
      const { page } = await signedIn()
      await page.goto(url)
      const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
      const request = await page.locator("input[name=request]").inputValue()
      const csrf = await page.locator("input[name=csrf_token]").inputValue()
      const decide = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
        fetch(`${gateway.url}/auth/authorize`, {
          method: "POST",
          redirect: "manual",
          headers: { cookie, ...headers },
          body: new URLSearchParams({ request, decision: "allow", ...fields })
        }).then(({ status }) => status)
      expect(await decide({})).toBe(403)
      expect(await decide({ csrf_token: `${csrf}x` })).toBe(403)
      expect(await decide({ csrf_token: csrf }, { origin: "http://evil.example" })).toBe(403)
      expect(await decide({ csrf_token: csrf }, { "sec-fetch-site": "cross-site" })).toBe(403)
      expect(await decide({ csrf_token: csrf }, { origin: gateway.url })).toBe(303)
      // A page elsewhere that sends the form by itself: the cookie does not go along, so that nobody is signed in.
      await page.goto(`data:text/html,<form method=post action="${gateway.url}/auth/authorize"></form>`)
      await page.evaluate("document.forms[0].submit()")
      await page.waitForURL(`${gateway.url}/**`)
      expect(await page.content()).toContain("PERMISSION_DENIED")
    })
  })

  it("connects a device by keyboard alone, on a narrow dark screen", async () => {
    const { page } = await signedIn(view)
    const asked = await fetch(`${gateway.url}/auth/device`, {
      method: "POST",
      body: new URLSearchParams({ client_id: "portico-cli", scope: "read" })
    })
    const { user_code } = (await asked.json()) as { readonly user_code: string }
    await page.goto(`${gateway.url}/auth/device`)
    await isFine(page, view.width)
    await page.keyboard.type("NONE-SUCH")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").waitFor()
    await isFine(page, view.width)
    await page.keyboard.type(user_code.toLowerCase())
    await page.keyboard.press("Enter")
    await page.getByText("Portico command line").waitFor()
    await isFine(page, view.width)
    await page.keyboard.press("Tab")
    expect(await focused(page)).toBe("decision")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Connected" }).waitFor()
    await isFine(page, view.width)
  })
})
