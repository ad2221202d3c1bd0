import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { fakeInstance, refusal, result, routes, type Seen } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"
import { startCommand } from "./support/startCommand.ts"

const whoami = "/:kernel.portico.dev:interface.Identity:whoami"
const expiresAt = Date.now() + 3_600_000

const minted = (seen: Seen) =>
  result({
    id: "d1",
    credential: "credential-1",
    tokenType: "Bearer",
    audience: "http://localhost:4000",
    expiresAt,
    chain: ["d1"],
    asked: seen.body
  })

/** An instance that mints whatever is asked for, for somebody who shows `mine`. */
const mint = (test: Parameters<typeof fakeInstance>[0]) =>
  fakeInstance(
    test,
    routes({
      [whoami]: ({ authorization }) =>
        authorization === "Bearer their-key"
          ? result({ id: "n8", path: "/identities/ci" })
          : result({ id: "n7", path: "/identities/ada" }),
      "@n7::mintDelegationCredential": minted,
      "@n8::mintDelegationCredential": minted,
      "/auth/keys": { status: 201, json: { id: "k1", name: "", createdAt: 0, expiresAt, key: "their-key" } }
    })
  )

/** What was asked for last. */
const paramsOf = (seen: ReadonlyArray<Seen>): unknown =>
  Object.entries(seen.at(-1)?.body ?? {}).find(([key]) => key === "params")?.[1]
const env = { PORTICO_TOKEN: "mine" }

describe("portico auth token", () => {
  it("prints the token alone with --raw, all of it with --json, and rows otherwise", async (test) => {
    const { seen, url } = await mint(test)
    assert.deepStrictEqual(await runCli(["auth", "token", "--raw", "-i", url], { env }), {
      exit: 0,
      out: "credential-1\n",
      err: ""
    })
    assert.deepStrictEqual(paramsOf(seen), { ttl: 3_600 })
    const json = await runCli(["auth", "token", "--json", "-i", url], { env })
    assert.deepStrictEqual(JSON.parse(json.out), {
      token: "credential-1",
      tokenType: "Bearer",
      id: "d1",
      identity: { id: "n7", path: "/identities/ada" },
      audience: "http://localhost:4000",
      scope: {},
      expiresAt
    })
    const rows = await runCli(["auth", "token", "-i", url], { env })
    assert.include(rows.out, "scope\tall but SHARE\n")
    assert.match(rows.out, /\ntoken\tcredential-1\n$/)
    const terminal = await runCli(["auth", "token", "-i", url], { env, terminal: true })
    assert.isAtMost(Math.max(...terminal.out.split("\n").map((line) => line.length)), 80)
  })

  it("asks for what its flags say, and for no less", async (test) => {
    const { seen, url } = await mint(test)
    const scope = "read use node:/projects node:0192-3 function:/:crm.example.dev:function.seed"
    const flags = ["--scope", scope, "--ttl", "15m", "--audience", "@worker"]
    assert.strictEqual((await runCli(["auth", "token", ...flags, "-i", url], { env })).exit, 0)
    assert.deepStrictEqual(paramsOf(seen), {
      ttl: 900,
      audience: "/identities/worker",
      scope: {
        nodes: ["/projects", "@0192-3"],
        perms: 5,
        functions: ["/:crm.example.dev:function.seed"]
      },
      exact: true
    })
    await runCli(["auth", "token", "--audience", "https://ci.example/x", "-i", url], { env })
    assert.deepInclude(paramsOf(seen), { audience: "https://ci.example/x" })
  })

  it("says so where the instance lets it last less long than was asked for", async (test) => {
    const { url } = await mint(test)
    const { err, exit } = await runCli(["auth", "token", "--raw", "--ttl", "30d", "-i", url], { env })
    assert.deepStrictEqual([exit, err], [0, `it ends sooner than that: ${new Date(expiresAt).toISOString()}\n`])
  })

  it("acts for somebody else by a key that ends with the token", async (test) => {
    const { seen, url } = await mint(test)
    const { exit, out } = await runCli(["auth", "token", "--as", "ci", "--ttl", "10m", "--json", "-i", url], { env })
    assert.strictEqual(exit, 0)
    assert.deepInclude(JSON.parse(out), { identity: { id: "n8", path: "/identities/ci" } })
    const key = seen.find(({ path }) => path === "/auth/keys")
    assert.deepInclude(key?.body, { identity: "/identities/ci", expiresIn: 600 })
    assert.strictEqual(seen.at(-1)?.authorization, "Bearer their-key")
  })

  it("refuses what it cannot read, and asks nobody", async (test) => {
    const { seen, url } = await mint(test)
    for (const [flags, says] of [
      [["--scope", "read write"], /--scope knows no "write"\. Its words are read/],
      [["--scope", ""], /--scope is empty/],
      [["--ttl", "soon"], /--ttl is a time such as 30d/],
      [["--raw", "--json"], /exclude each other/]
    ] as const) {
      const { err, exit, out } = await runCli(["auth", "token", ...flags, "-i", url], { env })
      assert.deepStrictEqual([exit, out], [2, ""])
      assert.match(err, says)
    }
    assert.lengthOf(seen, 0)
    assert.strictEqual((await runCli(["auth", "token", "-i", url])).exit, 3)
  })

  it("says what to do where the scope is wider than the credential", async (test) => {
    const { url } = await fakeInstance(
      test,
      routes({
        [whoami]: result({ id: "n7", path: "/identities/ada" }),
        "@n7::mintDelegationCredential": refusal(403, "PERMISSION_DENIED", "It reaches READ, and not EDIT.", {
          needs: ["EDIT"],
          phase: "credential"
        })
      })
    )
    const { err, exit } = await runCli(["auth", "token", "--scope", "edit", "-i", url], { env })
    assert.strictEqual(exit, 4)
    assert.include(err, "It reaches READ, and not EDIT. Ask for less, or show a credential that reaches further")
  })

  it("gives scripts a part of what one may do, never more, and leaves no token in a log (abuse 57)", async (test) => {
    const { cwd, output, ready } = startCommand(test, ["--port", "0", "--data", "data"])
    const url = await ready
    const operator = ["-i", url, "--data", join(cwd, "data")]
    const password = "violet otter runs"
    assert.strictEqual(
      (await runCli(["admin", "create", "--password-stdin", ...operator], { stdin: password })).exit,
      0
    )
    const token = async (args: ReadonlyArray<string>, shown?: string) => {
      const as = shown === undefined ? operator : ["-i", url]
      const env = shown === undefined ? {} : { PORTICO_TOKEN: shown }
      const { err, exit, out } = await runCli(["auth", "token", "--raw", "--debug", ...args, ...as], { env })
      return { err, exit, token: out.trim() }
    }
    const use = (shown: string, ...words: ReadonlyArray<string>) =>
      runCli([...words, "-i", url], { env: { PORTICO_TOKEN: shown } })

    const mine = await token(["--scope", "read"])
    assert.strictEqual((await use(mine.token, "auth", "whoami")).out, "/identities/operator\n")
    assert.strictEqual((await use(mine.token, "get", "/identities/admin")).exit, 0)
    assert.strictEqual((await use(mine.token, "call", "/identities::listChildren")).exit, 0)
    assert.strictEqual((await use(mine.token, "call", "/identities/admin::delete")).exit, 4)
    const wider = await token(["--scope", "read edit"], mine.token)
    assert.deepStrictEqual([wider.exit, wider.token], [4, ""])
    assert.include(wider.err, "reaches READ, and not EDIT")
    // Internal routes know no bounds.
    assert.strictEqual((await use(mine.token, "keys", "list")).exit, 4)

    const theirs = await token(["--as", "admin", "--scope", "read node:/identities/admin"])
    assert.strictEqual((await use(theirs.token, "auth", "whoami")).out, "/identities/admin\n")
    assert.strictEqual((await use(theirs.token, "get", "/identities/operator")).exit, 5)
    assert.strictEqual((await token(["--as", "operator"], theirs.token)).exit, 4)

    for (const shown of [mine.token, theirs.token]) {
      assert.notInclude(output(), shown)
      assert.notInclude(mine.err + theirs.err + wider.err, shown)
      assert.notInclude((await runCli(["audit", "--json", ...operator])).out, shown)
    }
  }, 60_000)
})
