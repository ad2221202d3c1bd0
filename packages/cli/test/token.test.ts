import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { fakeInstance, result } from "./support/fakeInstance.ts"
import { runCli, temporaryFolder } from "./support/runCli.ts"

const page = () => result({ nodes: [] })

describe("who the command is", () => {
  it("nobody, where there is no token", async (test) => {
    const { url, seen } = await fakeInstance(test, page)
    assert.strictEqual((await runCli(["ls", "-i", url])).exit, 0)
    assert.isUndefined(seen[0]?.authorization)
  })

  it("is said by --token-file, then PORTICO_TOKEN, then operator.token in the data folder", async (test) => {
    const { url, seen } = await fakeInstance(test, page)
    const folder = temporaryFolder(test)
    writeFileSync(join(folder, "operator.token"), "from-data\n")
    const file = join(folder, "my.token")
    writeFileSync(file, "from-file\n")

    await runCli(["ls", "-i", url, "--data", folder])
    await runCli(["ls", "-i", url], { env: { PORTICO_DATA: folder } })
    await runCli(["ls", "-i", url, "--data", folder], { env: { PORTICO_TOKEN: "from-env" } })
    await runCli(["ls", "-i", url, "--token-file", file], { env: { PORTICO_TOKEN: "from-env" } })
    assert.deepStrictEqual(
      seen.map((one) => one.authorization),
      ["Bearer from-data", "Bearer from-data", "Bearer from-env", "Bearer from-file"]
    )
  })

  it("is not told to another machine, where the token was only found", async (test) => {
    // A proxy's address: what is asked for is another machine, and the request still comes here.
    const folder = temporaryFolder(test)
    writeFileSync(join(folder, "operator.token"), "from-data\n")
    const asked: Array<RequestInit | undefined> = []
    const original = globalThis.fetch
    test.onTestFinished(() => {
      globalThis.fetch = original
    })
    globalThis.fetch = async (_input, init) => {
      asked.push(init)
      return Response.json({ result: { nodes: [] }, seq: 1 })
    }
    await runCli(["ls", "-i", "https://portico.example.com"], { env: { PORTICO_DATA: folder } })
    await runCli(["ls", "-i", "https://portico.example.com", "--data", folder])
    await runCli(["ls", "-i", "http://localhost:4010"], { env: { PORTICO_DATA: folder } })
    assert.deepStrictEqual(
      asked.map((init) => new Headers(init?.headers).get("authorization")),
      [null, "Bearer from-data", "Bearer from-data"]
    )
  })

  it("cannot be a file of several lines, or none", async (test) => {
    const { url, seen } = await fakeInstance(test, page)
    const folder = temporaryFolder(test)
    const file = join(folder, "bad.token")
    for (const text of ["", "two\ntokens\n", "tab\there", "ünï"]) {
      writeFileSync(file, text)
      const { exit, err } = await runCli(["ls", "-i", url, "--token-file", file])
      assert.strictEqual(exit, 2)
      assert.include(err, "does not hold one token")
    }
    mkdirSync(join(folder, "directory"))
    assert.strictEqual((await runCli(["ls", "-i", url, "--token-file", join(folder, "directory")])).exit, 2)
    assert.lengthOf(seen, 0)
  })
})

describe("which instance", () => {
  it("is said by --instance, then PORTICO_URL; the flag may stand before the command", async (test) => {
    const one = await fakeInstance(test, page)
    const other = await fakeInstance(test, page)
    await runCli(["-i", one.url, "ls"], { env: { PORTICO_URL: other.url } })
    await runCli(["ls"], { env: { PORTICO_URL: `${other.url}/` } })
    assert.lengthOf(one.seen, 1)
    assert.lengthOf(other.seen, 1)
  })
})
