import { assert, describe, it } from "vitest"
import { fakeInstance, refusal, routes } from "./support/fakeInstance.ts"
import { runCli } from "./support/runCli.ts"

const path = "/gateway/v1/internal/auth/signing-keys"
const keys = [
  { kid: "new", createdAt: 86_400_000 },
  { kid: "old", createdAt: 0, verifiesUntil: 172_800_000 }
]

describe("portico keys", () => {
  it("lists the key that signs and those that verify", async (test) => {
    const { url } = await fakeInstance(test, routes({ [path]: { json: { keys } } }))
    const { exit, out } = await runCli(["keys", "list", "-i", url])
    assert.strictEqual(exit, 0)
    assert.strictEqual(
      out,
      "new\t1970-01-02T00:00:00.000Z\tsigns\nold\t1970-01-01T00:00:00.000Z\tverifies until 1970-01-03T00:00:00.000Z\n"
    )
    assert.deepStrictEqual(JSON.parse((await runCli(["keys", "list", "--json", "-i", url])).out), { keys })
  })

  it("rotates without asking, but asks before everything ends", async (test) => {
    const { seen, url } = await fakeInstance(test, routes({ [`${path}/rotate`]: { json: { keys } } }))
    const softly = await runCli(["keys", "rotate", "-i", url])
    assert.strictEqual(softly.exit, 0)
    assert.deepStrictEqual(seen[0]?.body, { atOnce: false })
    const argv = ["keys", "rotate", "--at-once", "-i", url]
    assert.strictEqual((await runCli(argv)).exit, 2)
    assert.strictEqual((await runCli(argv, { terminal: true, stdin: "n\n" })).exit, 1)
    assert.lengthOf(seen, 1)
    assert.strictEqual((await runCli(argv, { terminal: true, stdin: "y\n" })).exit, 0)
    assert.strictEqual((await runCli([...argv, "--yes"])).exit, 0)
    assert.deepStrictEqual(seen[2]?.body, { atOnce: true })
  })

  it("is for operators", async (test) => {
    const { url } = await fakeInstance(test, () =>
      refusal(403, "PERMISSION_DENIED", "Internal routes are for operators.")
    )
    const { err, exit } = await runCli(["keys", "rotate", "-i", url])
    assert.strictEqual(exit, 4)
    assert.include(err, "--token-file")
  })
})
