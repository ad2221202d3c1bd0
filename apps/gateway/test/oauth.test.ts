import { rmSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { describeWithPostgres, type FreshDatabase, freshDatabase } from "@portico/test-support/postgres"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import * as oidc from "openid-client"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { freePort } from "./freePort.ts"
import { type Gateway, spawnGateway, temporaryFolder } from "./gatewayProcess.ts"

const password = "correct horse battery"
const redirect = "http://127.0.0.1/callback"

/** A browser that follows nothing by itself. */
class Browser {
  cookie = ""

  async open(url: string | URL, form?: Record<string, string>): Promise<Response> {
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { cookie: this.cookie, ...(form === undefined ? {} : { origin: new URL(url).origin }) },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) })
    })
    const set = answer.headers.get("set-cookie")
    if (set !== null) this.cookie = set.split(";")[0] ?? ""
    return answer
  }

  /** Follows to the page that asks, and answers it. */
  async decide(url: string | URL, decision: "allow" | "deny"): Promise<URL> {
    let answer = await this.open(url)
    let at = new URL(url)
    for (let hop = 0; answer.status === 303 && hop < 5; hop++) {
      at = new URL(answer.headers.get("location") ?? "", at)
      answer = at.pathname === "/auth/login" ? await this.signIn(at) : await this.open(at)
    }
    const html = await answer.text()
    const fields = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)]
    const form = Object.fromEntries(
      fields.map(([, name = "", value = ""]) => [name, value.replaceAll("&amp;", "&")] as const)
    )
    const decided = await this.open(`${at.origin}${at.pathname}`, { ...form, decision })
    return new URL(decided.headers.get("location") ?? "", at)
  }

  async signIn(page: URL): Promise<Response> {
    const back = page.searchParams.get("return_to") ?? ""
    return this.open(`${page.origin}/auth/login`, { identity: "ada", password, return_to: back })
  }
}

/** `fresh` makes the database where that is not a file in the data folder. */
const flows = (fresh?: () => Promise<FreshDatabase>) => () => {
  let database: FreshDatabase | undefined
  let gateway: Gateway
  let issuer: URL
  let browser: Browser
  let ada: string
  let keySet: Server

  const insecure = { execute: [oidc.allowInsecureRequests] }
  const call = async (path: string, params: unknown, token?: string) =>
    (await (await gateway.call(path, params, token ?? gateway.operatorToken)).json()) as { result: { id: string } }
  const post = (path: string, body: unknown, token = gateway.operatorToken, method = "POST") =>
    fetch(`${issuer.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(body)
    })
  const whoAmI = (token: string) =>
    gateway.call("/:kernel.portico.dev:interface.Identity:whoami", undefined, token).then(({ status }) => status)

  const register = (metadata: Partial<oidc.ClientMetadata>, auth?: oidc.ClientAuth, trusted = false) =>
    oidc.dynamicClientRegistration(issuer, { redirect_uris: [redirect], ...metadata }, auth, {
      ...insecure,
      ...(trusted ? { initialAccessToken: gateway.operatorToken } : {})
    })

  const publicClient = (grants: ReadonlyArray<string> = ["authorization_code", "refresh_token"]) =>
    register({ token_endpoint_auth_method: "none", grant_types: [...grants] }, oidc.None())

  /** The whole of authorization code with PKCE. */
  const codeFlow = async (
    config: oidc.Configuration,
    scope: string,
    options: oidc.DPoPOptions & { readonly nonce?: string } = {}
  ) => {
    const { nonce, ...dpop } = options
    const verifier = oidc.randomPKCECodeVerifier()
    const state = oidc.randomState()
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: `http://127.0.0.1:49152/callback`,
      scope,
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      resource: `${issuer.origin}/mcp`,
      ...(nonce === undefined ? {} : { nonce })
    })
    const back = await browser.decide(url, "allow")
    expect(back.searchParams.get("iss")).toBe(issuer.origin)
    const checks = { pkceCodeVerifier: verifier, expectedState: state }
    return oidc.authorizationCodeGrant(
      config,
      back,
      nonce === undefined ? checks : { ...checks, expectedNonce: nonce },
      undefined,
      dpop
    )
  }

  beforeAll(async () => {
    database = await fresh?.()
    const port = await freePort()
    issuer = new URL(`http://localhost:${port}`)
    const env = {
      PORTICO_ACCESS_LOG: "false",
      PORTICO_PUBLIC_URL: issuer.origin,
      PORTICO_BUNDLED_DOMAINS: "none",
      PORTICO_EGRESS_ALLOWED: "loopback",
      ...(database === undefined ? {} : { PORTICO_DATABASE_URL: database.url })
    }
    gateway = await spawnGateway(temporaryFolder(), env, undefined, port).ready
    const made = await call("/:kernel.portico.dev:interface.Node:createNode", {
      class: "/:kernel.portico.dev:class.User",
      path: "/identities/ada"
    })
    ada = made.result.id
    const { key } = (await (await post("/auth/keys", { name: "test", identity: "/identities/ada" })).json()) as {
      key: string
    }
    await post("/auth/password", { password }, key)
    browser = new Browser()
  }, 60_000)

  afterAll(async () => {
    keySet?.close()
    gateway.signal("SIGTERM")
    await gateway.ended
    rmSync(gateway.data, { recursive: true, force: true })
    await database?.drop()
  }, 60_000)

  it("discovers it, either way", async () => {
    for (const algorithm of ["oidc", "oauth2"] as const) {
      const config = await oidc.discovery(issuer, "portico-cli", undefined, oidc.None(), { ...insecure, algorithm })
      expect(config.serverMetadata().code_challenge_methods_supported).toEqual(["S256"])
    }
    for (const path of ["", "/mcp"]) {
      const found = await fetch(`${issuer.origin}/.well-known/oauth-protected-resource${path}`)
      expect(await found.json()).toMatchObject({
        resource: `${issuer.origin}${path}`,
        authorization_servers: [issuer.origin]
      })
    }
  })

  it("gets tokens with a code and PKCE, on any loopback port, and an id token that fits its nonce", async () => {
    const config = await publicClient()
    const nonce = oidc.randomNonce()
    const tokens = await codeFlow(config, "openid profile read", { nonce })
    expect(tokens.claims()).toMatchObject({ sub: ada, name: "ada", nonce })
    expect(await whoAmI(tokens.access_token)).toBe(200)
    const info = await oidc.fetchUserInfo(config, tokens.access_token, ada)
    expect(info).toEqual({ sub: ada, name: "ada", preferred_username: "ada" })
  })

  it("finds its way from a refusal to what it guards, and keeps a secret on the way (RFC 9728, 8414, 7591)", async () => {
    const refused = await fetch(`${issuer.origin}/auth/grants`)
    expect(refused.status).toBe(401)
    const [, metadata = ""] = /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? []
    const { authorization_servers, resource } = await (await fetch(metadata)).json()
    expect(resource).toBe(issuer.origin)
    const found = await oidc.dynamicClientRegistration(
      new URL(authorization_servers[0]),
      { redirect_uris: [redirect], token_endpoint_auth_method: "client_secret_basic" },
      undefined,
      insecure
    )
    const { client_id, client_secret } = found.clientMetadata()
    const secret = String(client_secret)
    const known = (way: oidc.ClientAuth) => oidc.discovery(issuer, client_id, undefined, way, insecure)
    const config = await known(oidc.ClientSecretBasic(secret))
    const tokens = await codeFlow(config, "read")
    const whoami = JSON.stringify({ path: "/:kernel.portico.dev:interface.Identity:whoami" })
    const ask = (token: string) =>
      oidc.fetchProtectedResource(
        config,
        token,
        new URL("/api/call", issuer),
        "POST",
        whoami,
        new Headers({ "content-type": "application/json" })
      )
    expect(await (await ask(tokens.access_token)).json()).toMatchObject({ result: { path: "/identities/ada" } })
    // Its tokens are for whoever has the secret, to renew, to ask about and to end.
    for (const way of [oidc.ClientSecretBasic("another"), oidc.ClientSecretPost(secret), oidc.None()]) {
      const other = await known(way)
      const invalid = expect.objectContaining({ status: 401 })
      await expect(oidc.refreshTokenGrant(other, tokens.refresh_token ?? "")).rejects.toEqual(invalid)
      await expect(oidc.tokenIntrospection(other, tokens.access_token)).rejects.toEqual(invalid)
      await expect(oidc.tokenRevocation(other, tokens.refresh_token ?? "")).rejects.toEqual(invalid)
    }
    const next = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? "")
    expect(await oidc.tokenIntrospection(config, next.access_token)).toMatchObject({
      active: true,
      client_id,
      sub: ada
    })
    await oidc.tokenRevocation(config, next.refresh_token ?? "")
    await expect(ask(next.access_token)).rejects.toThrow()
    expect(await oidc.tokenIntrospection(config, next.access_token)).toEqual({ active: false })
    await expect(oidc.refreshTokenGrant(config, next.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant"
    })
  })

  it("is told when access is denied", async () => {
    const config = await publicClient()
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirect,
      scope: "read",
      state: "s",
      code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
      code_challenge_method: "S256"
    })
    const back = await browser.decide(url, "deny")
    const denied = oidc.authorizationCodeGrant(config, back, { expectedState: "s", pkceCodeVerifier: "x".repeat(43) })
    await expect(denied).rejects.toMatchObject({ error: "access_denied" })
  })

  it("refreshes; a refresh token that is used twice ends its whole family", async () => {
    const config = await publicClient()
    const first = await codeFlow(config, "read edit")
    const second = await oidc.refreshTokenGrant(config, first.refresh_token ?? "", { scope: "read" })
    expect(second.scope).toBe("read")
    expect(await whoAmI(second.access_token)).toBe(200)
    const again = oidc.refreshTokenGrant(config, first.refresh_token ?? "")
    await expect(again).rejects.toMatchObject({ error: "invalid_grant" })
    const third = oidc.refreshTokenGrant(config, second.refresh_token ?? "")
    await expect(third).rejects.toMatchObject({ error: "invalid_grant" })
    for (const { access_token } of [first, second]) expect(await whoAmI(access_token)).toBe(401)
  })

  it("gets tokens for a client that is somebody itself, however it proves who it is", async () => {
    await call("/:kernel.portico.dev:interface.Node:createNode", {
      class: "/:kernel.portico.dev:class.Service",
      path: "/identities/ci"
    })
    const keys = await generateKeyPair("ES256", { extractable: true })
    const { crv = "", x = "", y = "" } = await exportJWK(keys.publicKey)
    const jwk = { kty: "EC", crv, x, y, kid: "one", alg: "ES256", use: "sig" }
    const ways = [
      ["client_secret_basic", undefined, {}],
      ["client_secret_post", undefined, {}],
      ["private_key_jwt", oidc.PrivateKeyJwt({ key: keys.privateKey, kid: "one" }), { jwks: { keys: [jwk] } }]
    ] satisfies ReadonlyArray<
      readonly [string, oidc.ClientAuth | undefined, { readonly jwks?: oidc.ClientMetadata["jwks"] }]
    >
    for (const [method, auth, more] of ways) {
      const registered = await register(
        {
          token_endpoint_auth_method: method,
          grant_types: ["client_credentials"],
          identity: "/identities/ci",
          ...more
        },
        auth,
        true
      )
      const metadata = registered.clientMetadata()
      const secret = metadata.client_secret as string | undefined
      const way =
        auth ?? (method === "client_secret_basic" ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret))
      const config = await oidc.discovery(issuer, metadata.client_id, metadata, way, insecure)
      const { access_token } = await oidc.clientCredentialsGrant(config, { scope: "read" })
      expect(await whoAmI(access_token)).toBe(200)
      expect(await oidc.tokenIntrospection(config, access_token)).toMatchObject({ active: true, scope: "read" })
      await oidc.tokenRevocation(config, access_token)
      expect(await oidc.tokenIntrospection(config, access_token)).toEqual({ active: false })
      expect(await whoAmI(access_token)).toBe(401)
    }
  })

  it("gets tokens for a device once somebody has entered its code", async () => {
    const config = await oidc.discovery(issuer, "portico-cli", undefined, oidc.None(), insecure)
    const asked = await oidc.initiateDeviceAuthorization(config, { scope: "full" })
    expect(asked.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
    await browser.decide(asked.verification_uri_complete ?? "", "allow")
    const tokens = await oidc.pollDeviceAuthorizationGrant(config, { ...asked, interval: 0 })
    expect(await whoAmI(tokens.access_token)).toBe(200)
    expect(tokens.refresh_token).toBeDefined()
  })

  it("is told when somebody says no to a device", async () => {
    const config = await oidc.discovery(issuer, "portico-cli", undefined, oidc.None(), insecure)
    const asked = await oidc.initiateDeviceAuthorization(config, { scope: "read" })
    await browser.decide(asked.verification_uri_complete ?? "", "deny")
    const denied = oidc.pollDeviceAuthorizationGrant(config, { ...asked, interval: 0 })
    await expect(denied).rejects.toMatchObject({ error: "access_denied" })
  })

  it("gets tokens that are bound to a key, whose possession every request has to show", async () => {
    const config = await publicClient()
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair("ES256"))
    const tokens = await codeFlow(config, "openid read", { DPoP })
    expect(tokens.token_type).toBe("dpop")
    expect(await whoAmI(tokens.access_token)).toBe(401)
    const info = await oidc.fetchUserInfo(config, tokens.access_token, ada, { DPoP })
    expect(info.sub).toBe(ada)
    const other = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair("ES256"))
    await expect(oidc.fetchUserInfo(config, tokens.access_token, ada, { DPoP: other })).rejects.toThrow()
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? "", undefined, { DPoP })
    expect(refreshed.token_type).toBe("dpop")
    const stolen = oidc.refreshTokenGrant(config, refreshed.refresh_token ?? "")
    await expect(stolen).rejects.toMatchObject({ error: "invalid_grant" })
  })

  it("exchanges a token for one that reaches less, which ends with it", async () => {
    const grants = ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]
    const config = await publicClient(grants)
    const { access_token } = await codeFlow(config, "read edit")
    const subject = {
      subject_token: access_token,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token"
    }
    const exchange = (params: Record<string, string>) =>
      oidc.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", { ...subject, ...params })
    const narrowed = await exchange({ scope: "read share" })
    expect(narrowed.scope).toBe("read")
    expect(await whoAmI(narrowed.access_token)).toBe(200)
    await oidc.tokenRevocation(config, access_token)
    expect(await whoAmI(narrowed.access_token)).toBe(401)
    await expect(exchange({})).rejects.toMatchObject({ error: "invalid_grant" })
  })

  it("gets tokens for what a trusted issuer asserts (RFC 7523), once", async () => {
    const theirs = await generateKeyPair("RS256", { extractable: true })
    const jwk = { ...(await exportJWK(theirs.publicKey)), kid: "theirs", alg: "RS256", use: "sig" }
    const others = await exportJWK((await generateKeyPair("RS256", { extractable: true })).publicKey)
    const otherJwk = { ...others, kid: "others", alg: "RS256", use: "sig" }
    keySet = createServer(({ url }, answer) => answer.end(JSON.stringify({ keys: [url === "/jwks" ? jwk : otherJwk] })))
    await new Promise<void>((resolve) => keySet.listen(0, "127.0.0.1", resolve))
    const base = `http://127.0.0.1:${(keySet.address() as AddressInfo).port}`
    const subjects = { "repo:app": "/identities/ada" }
    const trust = (issuer: string, jwksUri: string, more = {}) =>
      post("/gateway/v1/internal/auth/issuers", { issuer, jwksUri, subjects, ...more }, gateway.operatorToken, "PUT")
    expect((await trust("https://ci.example", `${base}/jwks`)).status).toBe(200)
    expect((await trust("https://other.example", `${base}/others`)).status).toBe(200)
    const config = await register(
      {
        grant_types: ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
        token_endpoint_auth_method: "none"
      },
      oidc.None(),
      true
    )
    const assert = (iss: string, kid: string) =>
      new SignJWT()
        .setProtectedHeader({ alg: "RS256", kid })
        .setIssuer(iss)
        .setSubject("repo:app")
        .setAudience(issuer.origin)
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(theirs.privateKey)
    const ask = (assertion: string) =>
      oidc.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:jwt-bearer", { assertion, scope: "read" })
    const assertion = await assert("https://ci.example", "theirs")
    expect(await whoAmI((await ask(assertion)).access_token)).toBe(200)
    await expect(ask(assertion)).rejects.toMatchObject({ error: "invalid_grant" })
    // abuse 13: what one issuer has signed in the name of another, and an issuer whose keys are suddenly elsewhere.
    for (const kid of ["theirs", "others"]) {
      const inOthersName = await assert("https://other.example", kid)
      await expect(ask(inOthersName)).rejects.toMatchObject({ error: "invalid_grant" })
    }
    const moved = await trust("https://other.example", `${base}/jwks`)
    expect([moved.status, await moved.json()]).toMatchObject([
      409,
      { error: { code: "KEY_CHANGED", details: { issuer: "https://other.example", pinned: `${base}/others` } } }
    ])
    await expect(ask(await assert("https://other.example", "theirs"))).rejects.toMatchObject({ error: "invalid_grant" })
    expect((await trust("https://other.example", `${base}/jwks`, { replace: true })).status).toBe(200)
    expect(await whoAmI((await ask(await assert("https://other.example", "theirs"))).access_token)).toBe(200)
  })
}

describe("openid-client, against the distro", flows())
describeWithPostgres("openid-client, against the distro on PostgreSQL", flows(freshDatabase))
