import { readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { runCli, temporaryFolder } from "./support/runCli.ts"

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8)

const makeRoot = async (folder: string) => {
  const file = join(folder, "root.json")
  const { exit, out } = await runCli(["trust", "keygen", "root", "--out", file])
  assert.strictEqual(exit, 0)
  return { file, publicKey: out.trim() }
}

describe("portico trust keygen", () => {
  it("root writes both halves to a file for its owner alone, and prints the public one", async (test) => {
    const { file, publicKey } = await makeRoot(temporaryFolder(test))
    const { private_key, public_key } = JSON.parse(readFileSync(file, "utf8"))
    assert.match(private_key, /^[0-9a-f]{64}$/)
    assert.strictEqual(public_key, publicKey)
    assert.strictEqual(modeOf(file), "600")
    assert.strictEqual((await runCli(["trust", "keygen", "pubkey", "--in", file])).out, `${publicKey}\n`)
  })

  it("never overwrites a key", async (test) => {
    const { file } = await makeRoot(temporaryFolder(test))
    const before = readFileSync(file, "utf8")
    for (const command of [
      ["trust", "keygen", "root", "--out", file],
      ["trust", "keygen", "node", "--out", file],
      ["trust", "keygen", "pubkey", "--in", file, "--out", file]
    ]) {
      const { err, exit } = await runCli(command)
      assert.strictEqual(exit, 6)
      assert.match(err, /^portico: EXISTS: /)
    }
    assert.strictEqual(readFileSync(file, "utf8"), before)
  })

  it("says what is wrong with a file that holds no key, and shows nothing of it", async (test) => {
    const { file } = await makeRoot(temporaryFolder(test))
    const { private_key } = JSON.parse(readFileSync(file, "utf8"))
    writeFileSync(file, JSON.stringify({ private_key, public_key: "0".repeat(64) }))
    const { err, exit } = await runCli(["trust", "keygen", "pubkey", "--in", file, "--debug"])
    assert.strictEqual(exit, 2)
    assert.notInclude(err, private_key)
    assert.strictEqual((await runCli(["trust", "keygen", "pubkey", "--in", `${file}.not`])).exit, 2)
  })
})

describe("portico trust sign and inspect", () => {
  it("sign a credential and show what it says", async (test) => {
    const folder = temporaryFolder(test)
    const { file, publicKey } = await makeRoot(folder)
    const node = JSON.parse((await runCli(["trust", "keygen", "node"])).out)
    const out = join(folder, "credential")
    const signed = await runCli([
      ...["trust", "sign", "producer", "--root-key", file, "--type", "ott", "--expires", "2999-01-01T00:00:00Z"],
      ...["--attr", "name=crm", "--attr", "roles=a,b=c", "--endpoint-id", node.endpoint_id, "--out", out]
    ])
    assert.deepStrictEqual([signed.exit, signed.out, modeOf(out)], [0, "", "600"])
    const said = JSON.parse((await runCli(["trust", "inspect", out, "--json"])).out)
    assert.match(said.nonce, /^[0-9a-f]{32}$/)
    assert.deepInclude(said, {
      role: "producer",
      type: "ott",
      root: publicKey,
      expiresAt: Date.UTC(2999, 0, 1),
      endpointId: node.endpoint_id,
      attributes: { name: "crm", roles: "a,b=c" }
    })
    const text = readFileSync(out, "utf8")
    assert.include((await runCli(["trust", "inspect", text.trim()])).out, "expires\t2999-01-01T00:00:00.000Z\n")
    assert.include((await runCli(["trust", "inspect", "-"], { stdin: text })).out, "attr name\tcrm\n")
  })

  it("are refused with a usage error for what cannot be meant", async (test) => {
    const { file } = await makeRoot(temporaryFolder(test))
    const sign = (...words: ReadonlyArray<string>) =>
      runCli(["trust", "sign", "consumer", "--root-key", file, "--type", "policy", "--expires", "1d", ...words])
    assert.strictEqual((await sign()).exit, 0)
    for (const words of [
      ["--attr", "name"],
      ["--attr", "=x"],
      ["--endpoint-id", "abc"],
      ["--attr", "a b=c"]
    ]) {
      assert.strictEqual((await sign(...words)).exit, 2, words.join(" "))
    }
    for (const expires of ["0d", "yesterday", "2020-01-01", "30"]) {
      const command = ["trust", "sign", "consumer", "--root-key", file, "--type", "policy", "--expires", expires]
      assert.strictEqual((await runCli(command)).exit, 2, expires)
    }
    assert.strictEqual((await runCli(["trust", "inspect", "-"], { stdin: "a.b.c" })).exit, 2)
  })
})
