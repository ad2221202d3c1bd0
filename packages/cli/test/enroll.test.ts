import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "smol-toml"
import { assert, describe, it, type TestContext } from "vitest"
import { runCli, temporaryFolder } from "./support/runCli.ts"

const setup = async (test: TestContext) => {
  const folder = temporaryFolder(test)
  const root = join(folder, "root.json")
  const publicKey = (await runCli(["trust", "keygen", "root", "--out", root])).out.trim()
  const file = join(folder, ".portico-identity")
  const enroll = (...words: ReadonlyArray<string>) =>
    runCli(["enroll", "node", "--root-key", root, "--role", "producer", "--identity", file, ...words], {
      env: { HOME: folder }
    })
  // Boundary: the shape is what the tests are about.
  const read = () =>
    parse(readFileSync(file, "utf8")) as unknown as {
      readonly node: { readonly secret_key: string; readonly endpoint_id: string }
      readonly peers: ReadonlyArray<Readonly<Record<string, unknown>>>
    }
  return { folder, root, publicKey, file, enroll, read }
}

describe("portico enroll node", () => {
  it("makes a key and a credential that is bound to it, in a file for its owner alone", async (test) => {
    const { enroll, file, publicKey, read } = await setup(test)
    const { err, exit } = await enroll("--name", "crm")
    assert.strictEqual(exit, 0, err)
    assert.strictEqual((statSync(file).mode & 0o777).toString(8), "600")
    const { node, peers } = read()
    assert.match(node.secret_key, /^[0-9a-f]{64}$/)
    const [peer] = peers
    assert.hasAllKeys(peer, [
      ...["name", "role", "type", "root_pubkey", "endpoint_id", "expires_at", "nonce", "attributes", "credential"]
    ])
    assert.deepInclude(peer, { name: "crm", role: "producer", type: "policy", root_pubkey: publicKey })
    assert.strictEqual(peer?.endpoint_id, node.endpoint_id)
    const said = JSON.parse((await runCli(["trust", "inspect", String(peer?.credential), "--json"])).out)
    assert.deepInclude(said, { endpointId: node.endpoint_id, attributes: { name: "crm" }, nonce: peer?.nonce })
    assert.notInclude(err, node.secret_key)
  })

  it("again keeps the key and other credentials, and replaces the one of the same name", async (test) => {
    const { enroll, read } = await setup(test)
    await enroll("--name", "a")
    await enroll("--name", "b")
    const before = read()
    await enroll("--name", "a", "--expires", "1h")
    const { node, peers } = read()
    assert.deepStrictEqual(node, before.node)
    assert.deepStrictEqual(peers.map(({ name }) => name).sort(), ["a", "b"])
    const nonceOf = (file: typeof before, name: string) => file.peers.find((peer) => peer.name === name)?.nonce
    assert.strictEqual(nonceOf({ node, peers }, "b"), nonceOf(before, "b"))
    assert.notStrictEqual(nonceOf({ node, peers }, "a"), nonceOf(before, "a"))
  })

  it("leaves a file alone that is no identity", async (test) => {
    const { enroll, file } = await setup(test)
    writeFileSync(file, "name = 'mine'\n")
    chmodSync(file, 0o600)
    assert.strictEqual((await enroll("--name", "a")).exit, 2)
    assert.strictEqual(readFileSync(file, "utf8"), "name = 'mine'\n")
  })

  it("keeps the file out of git, where there is a work tree", async (test) => {
    const { enroll, folder } = await setup(test)
    await enroll("--name", "a")
    assert.isFalse(existsSync(join(folder, ".gitignore")))
    mkdirSync(join(folder, ".git"))
    writeFileSync(join(folder, ".gitignore"), "node_modules")
    await enroll("--name", "a")
    await enroll("--name", "b")
    assert.strictEqual(readFileSync(join(folder, ".gitignore"), "utf8"), "node_modules\n.portico-identity\n")
  })

  it("holds the root key to that of the profile, if one is named", async (test) => {
    const { enroll, folder, publicKey } = await setup(test)
    assert.strictEqual((await enroll("--name", "a", "--profile", "prod")).exit, 5)
    mkdirSync(join(folder, ".portico"))
    const config = join(folder, ".portico", "config.toml")
    writeFileSync(config, `[profiles.prod]\nroot_pubkey = "${publicKey}"\n[profiles.other]\nroot_pubkey = "00"\n`)
    assert.strictEqual((await enroll("--name", "a", "--profile", "prod")).exit, 0)
    assert.strictEqual((await enroll("--name", "a", "--profile", "other")).exit, 2)
    assert.strictEqual((await enroll("--name", "a", "--profile", "toString")).exit, 5)
  })
})
