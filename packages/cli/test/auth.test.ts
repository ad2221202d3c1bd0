import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { type Answer, type FakeInstance, fakeInstance, refusal, result, type Seen } from "./support/fakeInstance.ts"
import { runCli, temporaryFolder } from "./support/runCli.ts"

/** Comes back from the page that the command has opened, with what somebody was answered there. */
const comingBack =
  (answer: (state: string) => Readonly<Record<string, string>>, issuer: string) =>
  async (opened: string): Promise<boolean> => {
    const asked = new URL(opened).searchParams
    const back = new URL(asked.get("redirect_uri") ?? "")
    back.search = String(new URLSearchParams({ ...answer(asked.get("state") ?? ""), iss: issuer }))
    await (await fetch(back)).text()
    return true
  }

const grant = "urn:ietf:params:oauth:grant-type:device_code"

interface Behaviour {
  /** What it answers to each question whether somebody has decided, the last one again and again. */
  readonly polls?: ReadonlyArray<Answer>
  readonly refresh?: (token: string) => Answer
  readonly revoke?: Answer
  readonly metadata?: (url: string) => Readonly<Record<string, unknown>>
}

const error = (code: string, status = 400): Answer => ({ status, json: { error: code } })
const tokens = (n: number, expiresIn = 900): Answer => ({
  json: {
    access_token: `access-${n}`,
    refresh_token: `refresh-${n}`,
    token_type: "Bearer",
    expires_in: expiresIn,
    scope: "full"
  }
})

/** An instance as far as signing in to it goes. */
const signInPlace = async (test: Parameters<typeof fakeInstance>[0], behaviour: Behaviour = {}) => {
  const polls = [...(behaviour.polls ?? [tokens(1)])]
  const asked: Array<Readonly<Record<string, string>>> = []
  const instance: FakeInstance = await fakeInstance(test, (seen: Seen): Answer => {
    const form = Object.fromEntries(new URLSearchParams(String(seen.body)))
    const { url } = instance
    switch (seen.path) {
      case "/.well-known/oauth-authorization-server":
        return {
          json: {
            issuer: url,
            authorization_endpoint: `${url}/auth/authorize`,
            authorization_response_iss_parameter_supported: true,
            token_endpoint: `${url}/auth/token`,
            device_authorization_endpoint: `${url}/auth/device`,
            revocation_endpoint: `${url}/auth/revoke`,
            ...behaviour.metadata?.(url)
          }
        }
      case "/auth/device":
        asked.push(form)
        return {
          json: {
            device_code: "device",
            user_code: "BCDF-GHJK",
            verification_uri: `${url}/auth/device`,
            verification_uri_complete: `${url}/auth/device?user_code=BCDF-GHJK`,
            expires_in: 600,
            interval: 1
          }
        }
      case "/auth/token":
        asked.push(form)
        if (form.grant_type === "authorization_code") return tokens(1)
        if (form.grant_type === grant) return (polls.length > 1 ? polls.shift() : polls[0]) ?? error("invalid_grant")
        return behaviour.refresh?.(form.refresh_token ?? "") ?? error("invalid_grant")
      case "/auth/revoke":
        asked.push(form)
        return behaviour.revoke ?? { json: "" }
      case "/api/call":
        return seen.authorization?.startsWith("Bearer access-") === true
          ? result({ id: "n7", path: "/identities/ada" })
          : refusal(401, "UNAUTHENTICATED", "no")
    }
    return refusal(404, "NOT_FOUND", seen.path)
  })
  return { ...instance, asked }
}

/** Lets the pauses between two questions (up to five seconds at a time) pass at once; gives how long they were. */
const withoutPauses = (test: Parameters<typeof fakeInstance>[0]): ReadonlyArray<number> => {
  const pauses: Array<number> = []
  const { setTimeout } = globalThis
  const passed = (resume: () => void, delay?: number, ...rest: []) => {
    // Timers of connections come here as well, with what they are about.
    const isPause = rest.length === 0 && (delay === 1_000 || delay === 5_000)
    if (isPause) pauses.push(delay)
    return setTimeout(resume, isPause ? 0 : delay, ...rest)
  }
  globalThis.setTimeout = Object.assign(passed, setTimeout)
  test.onTestFinished(() => {
    globalThis.setTimeout = setTimeout
  })
  return pauses
}

const home = (test: Parameters<typeof temporaryFolder>[0]) => {
  const folder = temporaryFolder(test)
  const file = join(folder, ".portico", "credentials.json")
  return {
    env: { HOME: folder },
    file,
    kept: (): Record<string, Record<string, unknown>> => JSON.parse(readFileSync(file, "utf8")).instances,
    keep: (instances: unknown) => {
      mkdirSync(join(folder, ".portico"), { recursive: true })
      writeFileSync(file, JSON.stringify({ instances }), { mode: 0o644 })
    }
  }
}

describe("portico auth login", () => {
  it("shows a URL and a code, waits for somebody to decide, and keeps the tokens where nobody else reads them", async (test) => {
    withoutPauses(test)
    const { asked, url } = await signInPlace(test, { polls: [error("authorization_pending"), tokens(1)] })
    const { env, file, kept } = home(test)
    const { err, exit, out } = await runCli(["auth", "login", "-i", `${url}/`, "--json", "-q"], { env })
    assert.strictEqual(exit, 0, err)
    assert.include(err, `Open    ${url}/auth/device\nEnter   BCDF-GHJK\n`)
    assert.deepStrictEqual(JSON.parse(out), {
      instance: url,
      identity: { id: "n7", path: "/identities/ada" },
      scope: "full"
    })
    assert.strictEqual(statSync(file).mode & 0o777, 0o600)
    assert.strictEqual(statSync(join(file, "..")).mode & 0o777, 0o700)
    assert.deepInclude(kept()[url], { accessToken: "access-1", refreshToken: "refresh-1", scope: "full" })
    assert.deepStrictEqual(asked[0], { client_id: "portico-cli", scope: "full" })
    assert.deepInclude(asked[1], { grant_type: grant, device_code: "device", client_id: "portico-cli" })
    assert.notInclude(out + err, "access-1")
  })

  it("opens a browser where there is one, and takes the answer that is for it (RFC 8252)", async (test) => {
    const { asked, url } = await signInPlace(test)
    const { env, kept } = home(test)
    let opened = ""
    const browse = async (link: string) => {
      opened = link
      return comingBack((state) => ({ code: "code-of-ada", state }), url)(link)
    }
    const { err, exit, out } = await runCli(["auth", "login", "-i", url], { env, browse })
    assert.strictEqual(exit, 0, err)
    const { origin, pathname, searchParams } = new URL(opened)
    assert.strictEqual(origin + pathname, `${url}/auth/authorize`)
    assert.deepInclude(Object.fromEntries(searchParams), {
      client_id: "portico-cli",
      response_type: "code",
      scope: "full",
      code_challenge_method: "S256"
    })
    const [redeemed] = asked
    assert.deepInclude(redeemed, { grant_type: "authorization_code", code: "code-of-ada" })
    assert.strictEqual(redeemed?.redirect_uri, searchParams.get("redirect_uri"))
    const challenge = createHash("sha256")
      .update(redeemed?.code_verifier ?? "")
      .digest("base64url")
    assert.strictEqual(challenge, searchParams.get("code_challenge"))
    assert.deepInclude(kept()[url], { accessToken: "access-1" })
    assert.include(err, opened)
    assert.notMatch(out + err, /code-of-ada|access-1/)
    // Nobody is there any more.
    assert.strictEqual(await fetch(searchParams.get("redirect_uri") ?? "").catch(() => "gone"), "gone")
  })

  it("says so where somebody said no in the browser, or the answer is another server's", async (test) => {
    const { asked, url } = await signInPlace(test)
    const { env, file } = home(test)
    const no = comingBack((state) => ({ error: "access_denied", state }), url)
    const denied = await runCli(["auth", "login", "-i", url], { env, browse: no })
    assert.strictEqual(denied.exit, 3)
    assert.include(denied.err, "somebody said no")
    const mixedUp = comingBack((state) => ({ code: "code-of-ada", state }), "https://evil.example")
    assert.strictEqual((await runCli(["auth", "login", "-i", url], { env, browse: mixedUp })).exit, 1)
    assert.deepStrictEqual(asked, [])
    assert.throws(() => statSync(file))
  })

  it("falls back to a code where no browser opens, and asks for one with --device", async (test) => {
    withoutPauses(test)
    const { asked, url } = await signInPlace(test)
    const { env } = home(test)
    const none = await runCli(["auth", "login", "-i", url], { env, browse: async () => false })
    assert.strictEqual(none.exit, 0)
    const browse = () => Promise.reject(new Error("opened"))
    const device = await runCli(["auth", "login", "--device", "-i", url], { env, browse })
    assert.strictEqual(device.exit, 0)
    for (const { err } of [none, device]) assert.include(err, "Enter   BCDF-GHJK")
    assert.notProperty(asked[0], "code_challenge")
  })

  it("asks less often when it is told to slow down (RFC 8628, section 3.5)", async (test) => {
    const { url } = await signInPlace(test, { polls: [error("slow_down"), tokens(1)] })
    const { env } = home(test)
    const pauses = withoutPauses(test)
    assert.strictEqual((await runCli(["auth", "login", "-i", url], { env })).exit, 0)
    assert.deepStrictEqual(pauses, [1_000, 5_000, 1_000])
  })

  it("says so when somebody said no, or nobody came", async (test) => {
    withoutPauses(test)
    const { env, file } = home(test)
    for (const [code, says] of [
      ["access_denied", "somebody said no"],
      ["expired_token", "the code has run out"]
    ] as const) {
      const { url } = await signInPlace(test, { polls: [error(code)] })
      const { err, exit } = await runCli(["auth", "login", "-i", url], { env })
      assert.strictEqual(exit, 3)
      assert.include(err, says)
    }
    assert.throws(() => statSync(file))
  })

  it("ends what was signed in before at the same instance", async (test) => {
    withoutPauses(test)
    const { asked, url } = await signInPlace(test, { polls: [tokens(1), tokens(2)] })
    const { env, kept } = home(test)
    await runCli(["auth", "login", "-i", url], { env })
    await runCli(["auth", "login", "-i", url], { env })
    assert.strictEqual(kept()[url]?.accessToken, "access-2")
    assert.deepInclude(asked.at(-1), { token: "refresh-1" })
  })

  it("gives nothing to another place that the metadata names, and knows what is no instance", async (test) => {
    const { env } = home(test)
    const elsewhere = await signInPlace(test, {
      metadata: () => ({ token_endpoint: "https://evil.example/auth/token" })
    })
    const refused = await runCli(["auth", "login", "-i", elsewhere.url], { env })
    assert.strictEqual(refused.exit, 1)
    assert.deepStrictEqual(elsewhere.asked, [])
    const none = await fakeInstance(test, () => refusal(404, "NOT_FOUND", "no"))
    assert.strictEqual((await runCli(["auth", "login", "-i", none.url], { env })).exit, 1)
    assert.strictEqual((await runCli(["auth", "login", "-i", "http://127.0.0.1:1"], { env })).exit, 7)
  })
})

describe("a sign-in that is kept", () => {
  const signIn = { accessToken: "access-1", refreshToken: "refresh-1", expiresAt: Date.now() + 900_000, scope: "full" }

  it("is who the command is, before an operator.token that is merely found and after what is asked for", async (test) => {
    const { url } = await signInPlace(test)
    const { env, file, keep } = home(test)
    keep({ [url]: signIn })
    const data = temporaryFolder(test)
    writeFileSync(join(data, "operator.token"), "access-operator\n")
    const status = async (args: ReadonlyArray<string> = [], more = {}) =>
      JSON.parse(
        (await runCli(["auth", "status", "--json", "-i", url, ...args], { env: { ...env, ...more } })).out
      ) as unknown
    const here = { PORTICO_DATA: data }
    assert.deepInclude(await status([], here), { from: "sign-in", scope: "full", instance: url })
    assert.deepInclude(await status(["--data", data]), { from: "operator.token" })
    assert.deepInclude(await status([], { ...here, PORTICO_TOKEN: "access-env" }), { from: "PORTICO_TOKEN" })
    assert.strictEqual((await runCli(["auth", "whoami", "-i", url], { env })).out, "/identities/ada\n")
    // It could be read by others: it cannot any more.
    assert.strictEqual(statSync(file).mode & 0o777, 0o600)
  })

  it("is renewed once, however many commands find that it has run out", async (test) => {
    let used = 0
    const { asked, url } = await signInPlace(test, {
      refresh: (token) => (token === `refresh-${++used}` ? tokens(used + 1) : error("invalid_grant"))
    })
    const { env, keep, kept } = home(test)
    keep({ [url]: { ...signIn, expiresAt: Date.now() + 1_000 }, "http://other.example": signIn })
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => runCli(["auth", "whoami", "-i", url], { env })))
    assert.deepStrictEqual(
      outcomes.map(({ exit }) => exit),
      [0, 0, 0, 0]
    )
    assert.strictEqual(asked.length, 1)
    assert.deepInclude(kept()[url], { accessToken: "access-2", refreshToken: "refresh-2" })
    assert.deepInclude(kept()["http://other.example"], { accessToken: "access-1" })
  })

  it("is forgotten once the instance knows it no more, and the command says what to do", async (test) => {
    const { url } = await signInPlace(test)
    const { env, keep, kept } = home(test)
    keep({ [url]: { ...signIn, expiresAt: 0 } })
    const { err, exit } = await runCli(["ls", "-i", url], { env })
    assert.strictEqual(exit, 3)
    assert.include(err, `portico auth login -i ${url}`)
    assert.deepStrictEqual(kept(), {})
  })

  it("stays where the instance does not answer", async (test) => {
    const { env, keep, kept } = home(test)
    keep({ "http://127.0.0.1:1": { ...signIn, expiresAt: 0 } })
    assert.strictEqual((await runCli(["ls", "-i", "http://127.0.0.1:1"], { env })).exit, 7)
    assert.deepInclude(kept()["http://127.0.0.1:1"], { refreshToken: "refresh-1" })
  })

  it("that is damaged is told, and is not taken for none", async (test) => {
    const { url } = await signInPlace(test)
    const { env, file, keep } = home(test)
    keep({})
    writeFileSync(file, "{")
    const { err, exit } = await runCli(["ls", "-i", url], { env })
    assert.strictEqual(exit, 1)
    assert.include(err, "portico auth login")
  })
})

describe("portico auth logout", () => {
  const signIn = { accessToken: "access-1", refreshToken: "refresh-1", expiresAt: Date.now() + 900_000, scope: "full" }

  it("ends the sign-in at the instance, and forgets it", async (test) => {
    const { asked, url } = await signInPlace(test)
    const { env, keep, kept } = home(test)
    keep({ [url]: signIn })
    assert.strictEqual((await runCli(["auth", "logout", "-i", url], { env })).exit, 0)
    assert.deepInclude(asked[0], { token: "refresh-1", client_id: "portico-cli" })
    assert.deepStrictEqual(kept(), {})
    assert.strictEqual((await runCli(["auth", "logout", "-i", url], { env })).exit, 3)
    assert.strictEqual((await runCli(["auth", "whoami", "-i", url], { env })).exit, 3)
  })

  it("forgets it all the same where the instance cannot be told, and says so", async (test) => {
    const { env, keep, kept } = home(test)
    keep({ "http://127.0.0.1:1": signIn })
    const { err, exit } = await runCli(["auth", "logout", "-i", "http://127.0.0.1:1"], { env })
    assert.strictEqual(exit, 7)
    assert.include(err, "could not be told")
    assert.deepStrictEqual(kept(), {})
  })
})
