import { rmSync } from "node:fs"
import { axeFindings, type Browser, describeWithChromium, openBrowser } from "@portico/test-support/chromium"
import { exportJWK, generateKeyPair } from "jose"
import { afterAll, beforeAll, expect, it } from "vitest"
import { freePort } from "./freePort.ts"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"
import { type RealProvider, startProvider } from "./realProvider.ts"

type Opened = Awaited<ReturnType<Browser["open"]>>
type Page = Opened["page"]

const password = "correct horse battery"
const secret = "a secret that the gateway and the provider share"

describeWithChromium("signing in with a real OpenID provider, in a browser", () => {
  let gateway: Gateway
  let provider: RealProvider
  let browser: Browser

  const call = async (path: string, params: unknown) =>
    (await (await gateway.call(path, params, gateway.operatorToken)).json()) as { result: { id: string } }
  const make = (ref: string, path: string) =>
    call("/:kernel.portico.dev:interface.Node:createNode", { class: `/:kernel.portico.dev:class.${ref}`, path })

  beforeAll(async () => {
    const [port, itsPort] = await Promise.all([freePort(), freePort()])
    const here = `http://localhost:${port}`
    const issuer = `http://127.0.0.1:${itsPort}`
    const client = {
      client_id: "portico",
      client_secret: secret,
      redirect_uris: [`${here}/auth/providers/corp/callback`],
      post_logout_redirect_uris: [`${here}/auth/login`],
      backchannel_logout_uri: `${here}/auth/providers/corp/logout`
    }
    const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true })
    const byKey = {
      client_id: "by-key",
      redirect_uris: [`${here}/auth/providers/by-key/callback`],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "RS256",
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "ours", use: "sig", alg: "RS256" }] }
    } as const
    const key = JSON.stringify({ ...(await exportJWK(privateKey)), kid: "ours", alg: "RS256" })
    const corp = {
      issuer,
      clientId: "portico",
      label: "Corp",
      scopes: ["openid", "profile", "email", "groups"],
      provisioning: "create",
      trust: { domains: ["corp.example"] },
      groups: { staff: "/identities/staff" },
      signOut: true
    }
    const env = {
      PORTICO_ACCESS_LOG: "false",
      PORTICO_BUNDLED_DOMAINS: "none",
      PORTICO_PUBLIC_URL: here,
      PORTICO_EGRESS_ALLOWED: "loopback",
      PORTICO_AUTH_PROVIDERS: JSON.stringify({
        corp,
        "by-key": {
          issuer,
          clientId: "by-key",
          label: "Corp by key",
          clientAuth: "private_key_jwt",
          maxAge: 300,
          provisioning: "create",
          identity: { path: "/identities/by-key/{sub}" }
        }
      }),
      PORTICO_AUTH_PROVIDER_SECRETS: JSON.stringify({ corp: secret, "by-key": key })
    }
    const started = spawnGateway(temporaryFolder(), env, undefined, port).ready
    ;[gateway, browser, provider] = await Promise.all([
      started,
      openBrowser(),
      startProvider(issuer, [client, byKey], { ada: ["staff"], bob: [] })
    ])
    gateway = { ...gateway, url: here }
    await make("Group", "/identities/staff")
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    gateway.signal("SIGTERM")
    await gateway.ended
    provider.close()
    rmSync(gateway.data, { recursive: true, force: true })
  }, 60_000)

  /** Fills in the provider's own pages: who one is, and that it may tell us so. */
  const showWho = async (page: Page, login: string) => {
    await page.getByPlaceholder("Enter any login").fill(login)
    await page.getByPlaceholder("and password").fill("anything")
    await page.getByRole("button", { name: "Sign-in" }).click()
    await page.getByRole("button", { name: "Continue" }).click()
    await page.waitForURL(`${gateway.url}/**`)
  }
  const signIn = async (page: Page, login: string) => {
    await page.getByRole("link", { name: "Sign in with Corp", exact: true }).click()
    await showWho(page, login)
  }
  /** The provider's pages ask for a font elsewhere, which they do not get. */
  const expectNothingOfOurs = ({ complaints, elsewhere }: Opened["misdeeds"]) => {
    expect(elsewhere.filter((url) => new URL(url).hostname !== "fonts.googleapis.com")).toEqual([])
    expect(complaints.filter((text) => text !== "Failed to load resource: net::ERR_FAILED")).toEqual([])
  }
  const says = (page: Page, text: string) => page.getByText(text).waitFor()

  it("leads to the provider and back, to where one was going, as somebody with the groups one has there", async () => {
    const { misdeeds, page } = await browser.open(`${gateway.url}/auth/login?return_to=%2Fauth%2Fdevice`)
    await signIn(page, "ada")
    expect(page.url()).toBe(`${gateway.url}/auth/device`)
    const { csrfToken } = await (await page.request.get(`${gateway.url}/auth/sessions`)).json()
    const asked = await page.request.post(`${gateway.url}/api/call`, {
      headers: { "x-csrf-token": csrfToken },
      data: { path: "/:kernel.portico.dev:interface.Identity:whoami" }
    })
    expect(await asked.json()).toMatchObject({
      result: { path: "/identities/ada", name: "ada of Corp", groups: [{ path: "/identities/staff" }] }
    })
    expectNothingOfOurs(misdeeds)
  })

  it("knows us by our key, and says when somebody has shown it who they are", async () => {
    const { page } = await browser.open(`${gateway.url}/auth/login`)
    await page.getByRole("link", { name: "Sign in with Corp by key" }).click()
    await showWho(page, "eve")
    await says(page, "You are signed in as eve of Corp.")
    // Within the time that is allowed there is nothing to show again.
    await page.context().clearCookies({ domain: "localhost" })
    await page.goto(`${gateway.url}/auth/login`)
    await page.getByRole("link", { name: "Sign in with Corp by key" }).click()
    await says(page, "You are signed in as eve of Corp.")
  })

  it("signs out here and there", async () => {
    const { page } = await browser.open(`${gateway.url}/auth/login`)
    await signIn(page, "ada")
    await page.getByRole("button", { name: "Sign out", exact: true }).click()
    await page.getByRole("button", { name: "Yes, sign me out" }).click()
    await page.waitForURL(`${gateway.url}/auth/login**`)
    await page.getByLabel("Password").waitFor()
  })

  it("is signed out here when one signs out there", async () => {
    const { page } = await browser.open(`${gateway.url}/auth/login`)
    await signIn(page, "ada")
    await says(page, "You are signed in as ada of Corp.")
    await page.goto(`${provider.issuer}/session/end`)
    await page.getByRole("button", { name: "Yes, sign me out" }).click()
    await page.waitForURL(`${provider.issuer}/session/end/success**`)
    await page.goto(`${gateway.url}/auth/login`)
    await page.getByLabel("Password").waitFor()
  })

  let linked: Opened

  it("is linked by somebody who has a password here", async () => {
    const { result } = await make("User", "/identities/bert")
    const headers = { authorization: `Bearer ${gateway.operatorToken}`, "content-type": "application/json" }
    const send = (path: string, body: unknown, token: string) =>
      fetch(`${gateway.url}${path}`, {
        method: "POST",
        headers: { ...headers, authorization: `Bearer ${token}` },
        body: JSON.stringify(body)
      })
    const made = await send("/auth/keys", { name: "test", identity: `@${result.id}` }, gateway.operatorToken)
    const { key } = (await made.json()) as { key: string }
    expect((await send("/auth/password", { password }, key)).status).toBe(204)

    linked = await browser.open(`${gateway.url}/auth/login`)
    const { page } = linked
    await page.getByLabel("Name").fill("bert")
    await page.getByLabel("Password").fill(password)
    await page.getByRole("button", { name: "Sign in", exact: true }).click()
    await page.getByRole("button", { name: "Link Corp", exact: true }).click()
    await showWho(page, "bob")
    await says(page, "Corp: bob@corp.example")
    expect(await axeFindings(page)).toEqual([])
  })

  it("signs in whoever has linked it, and nobody once it is unlinked", async () => {
    const { misdeeds, page } = linked
    const other = await browser.open(`${gateway.url}/auth/login`)
    await signIn(other.page, "bob")
    await says(other.page, "You are signed in as bert.")
    await page.getByRole("button", { name: "Unlink" }).click()
    await page.getByRole("button", { name: "Link Corp", exact: true }).waitFor()
    expect(await page.getByRole("button", { name: "Unlink" }).count()).toBe(0)
    await other.page.goto(`${gateway.url}/auth/login`)
    await other.page.getByLabel("Password").waitFor()
    expectNothingOfOurs(misdeeds)
  })

  it("says that one is not signed in when one turns back at the provider", async () => {
    const { page } = await browser.open(`${gateway.url}/auth/login`)
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole("link", { name: "Sign in with Corp", exact: true }).click()
    await page.getByRole("link", { name: "[ Cancel ]" }).click()
    await page.getByRole("heading", { name: "Not signed in" }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole("link", { name: "Back to sign-in" }).click()
    await page.getByLabel("Password").waitFor()
  })
})
